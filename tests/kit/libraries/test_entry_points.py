"""Outside packages add whole tables by entry points; a broken one is one clear error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from source_trees import see

from quantafit.errors import UsageError
from quantafit.evidence.source.tables import GROUP, built_in

TABLES = """
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Library, Type

_PUBLISH = Effect("publish", "acme", {"channel": Arg(0, "topic"), "message": Arg(1, "body")})
LIBRARIES = (
    Library(
        distribution="acme-bus",
        modules=("acme_bus",),
        calls={
            "acme_bus.Bus": Call(returns="acme_bus.Bus"),
            "acme_bus.Bus.send": Call(effects=(_PUBLISH,)),
            "acme_bus.Bus.on": Call(
                decorates=True, effects=(Effect("subscribe", "acme", {"channel": Arg(0, "topic")}),)
            ),
        },
        types={"acme_bus.Bus": Type(client=True)},
    ),
)
"""
SYSTEM = {
    "customer/app.py": """
        from acme_bus import Bus

        def go():
            Bus().send("jobs", "x")  # SITE
        """,
    "billing/worker.py": """
        from acme_bus import Bus

        bus = Bus()

        @bus.on("jobs")
        def work(body):
            print(body)
        """,
}

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution as pip leaves it: a module and a ``dist-info`` folder."""

    made: list[str] = []

    def installed(name: str, point: str, **modules: str) -> None:
        for module, text in modules.items():
            made.append(module)
            (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{point}\n", encoding="utf-8")

    monkeypatch.syspath_prepend(str(tmp_path))
    built_in.cache_clear()
    yield installed
    built_in.cache_clear()
    for module in made:
        sys.modules.pop(module, None)


@pytest.mark.parametrize("value", ["acme_quantafit", "acme_quantafit:LIBRARIES"])
def test_an_installed_package_adds_its_tables(install: Install, value: str) -> None:
    assert see(SYSTEM).unresolved()
    built_in.cache_clear()
    install("acme-quantafit", f"bus = {value}", acme_quantafit=TABLES)
    seen = see(SYSTEM)
    assert seen.sites("billing", mechanism="acme") == seen.marked()
    assert seen.unresolved() == []


def test_the_order_is_that_of_the_packages_names(install: Install) -> None:
    for name in ("zeta", "alpha"):
        install(name, f"t = {name}_t", **{f"{name}_t": TABLES.replace("acme-bus", name)})
    assert [library.distribution for library in built_in()][-2:] == ["alpha", "zeta"]


BROKEN = {
    "a module that is not there": ("nowhere", "", "cannot be loaded: ModuleNotFoundError: No module named 'nowhere'"),
    "a module that fails": ("broken_t", "raise ValueError('no')", "cannot be loaded: ValueError: no"),
    "a module without tables": ("broken_t", "LIBRARY = 1", "gives no library tables"),
    "something else": ("broken_t:LIBRARIES", "LIBRARIES = ('x',)", "gives no library tables"),
    "an empty value": ("broken_t", "LIBRARIES = ()", "gives no library tables"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_entry_point_is_one_clear_error(install: Install, name: str) -> None:
    value, text, message = BROKEN[name]
    install("broken", f"t = {value}", broken_t=text)
    with pytest.raises(UsageError) as raised:
        see(SYSTEM)
    assert message in str(raised.value)
    assert "'t' of broken" in str(raised.value)
