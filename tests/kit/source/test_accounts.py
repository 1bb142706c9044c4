"""What is remembered says what would be found anew.

Running again only what asked for something that changed finds what a second round over everything finds; and an answer
that was found before, for good or for as long as the question is open that it led back to, is the one that looking for
it again would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from source_trees import Seen, see
from test_engine_properties import RELAXED, programs
from test_program_shapes import CASES
from test_programs_in_short import SHORT
from test_programs_of_developers import ROUTED

from quantafit import declaration
from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.state import State
from quantafit.model import Unresolved
from quantafit.workspace import MemoryWorkspace

Tree = dict[str, str]
Otherwise = Callable[[], AbstractContextManager[None]]
TREES: dict[str, Tree] = {
    f"{name} ({kind})": tree
    for kind, programs in (("shape", CASES), ("short", SHORT), ("routed", ROUTED))
    for name, tree in programs.items()
}


GIVEN_UP = ("leads back to itself", "values still change")


@contextmanager
def proving() -> Iterator[None]:
    """Every quantum is gone through twice: in the second round everything is run, whatever had changed."""
    once = Machine.whole_round

    def twice(self: Machine, paths: Sequence[str]) -> None:
        once(self, paths)
        once(self, paths)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Machine, "whole_round", twice)
        yield


@contextmanager
def forgetting() -> Iterator[None]:
    """No answer is remembered: every question is gone into each time it is asked."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(State, "keep", lambda self, answers, key, value, account, asked: None)
        patched.setattr(State, "passing", lambda self, kind, key: None)
        yield


OTHERWISE = pytest.mark.parametrize("otherwise", [proving, forgetting], ids=["twice", "without memory"])


def settled(unresolved: Iterable[Unresolved]) -> list[Unresolved]:
    """Without what is given up since it keeps changing: whoever goes through it more often gives up more."""
    return [one for one in unresolved if not any(given_up in one.why for given_up in GIVEN_UP)]


def holds(look: Callable[[], Seen], otherwise: Otherwise) -> None:
    found = look().evidence
    with otherwise():
        proved = look().evidence
    if any("values still change" in one.why for one in found.unresolved):
        return  # it never comes to rest, and is unresolved as a whole
    assert found.observations == proved.observations
    assert settled(found.unresolved) == settled(proved.unresolved)
    assert found.imports == proved.imports
    assert found.data == proved.data


@OTHERWISE
@pytest.mark.parametrize("tree", TREES.values(), ids=TREES)
def test_nothing_else_is_found_otherwise(tree: Tree, otherwise: Otherwise) -> None:
    holds(lambda: see(tree), otherwise)


@OTHERWISE
def test_nor_is_it_in_the_reference_implementation(otherwise: Otherwise) -> None:
    root = Path(__file__).parents[3]
    paths = [*(root / "src/sysops_squad").rglob("*.py"), *(root / "docs/adr").glob("*.md"), root / "quanta.yaml"]
    files = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    workspace = MemoryWorkspace({path: text.encode() for path, text in files.items()})
    declared = declaration.parse(files["quanta.yaml"].encode(), workspace)
    holds(lambda: see(files, declared), otherwise)


@OTHERWISE
@RELAXED
@given(one=programs(), other=programs())
def test_nor_is_it_in_any_small_program(one: str, other: str, otherwise: Otherwise) -> None:
    start = "import requests\n\ndef ask(host):\n    return requests.get(f'http://{host}/')\n\n"
    a = "from customer.b import *\n" + start + one
    b = "from customer import a\n" + other + "\na.ask('billing')\n"
    holds(lambda: see({"customer/a.py": a, "customer/b.py": b}), otherwise)


LATE_BASE = {
    "customer/a.py": """
        import b
        import requests

        Base = requests.Session
        """,
    "customer/b.py": """
        import a

        class Client(a.Base):
            pass

        def go():
            return Client().get("http://billing/cards")
        """,
    "billing/app.py": "",
}


def test_a_class_whose_library_is_known_late_is_looked_at_again() -> None:
    """In a circle of imports the class is met before what it extends."""
    assert see(LATE_BASE).sites("billing") == {"customer/b.py:7"}


UNKNOWN_CALL = "    def act(self, client):\n        client.send_task('billing.charge')\n"
LATE = {
    "a name that a library makes telling": {
        "customer/a.py": "from b import *\nimport celery\n",
        "customer/b.py": "import a\n\nclass Job:\n" + UNKNOWN_CALL + "\nmake().send_task('billing.charge')\n",
    },
    "names that a module in a circle has later": {
        "customer/a.py": "from b import *\n\ndef go():\n    ask()\n",
        "customer/b.py": "import a\nimport requests\n\ndef ask():\n    requests.get('http://billing/')\n\na.go()\n",
    },
    "names of a library by way of a module in a circle": {
        "customer/a.py": "from b import *\n\ndef go():\n    get('http://billing/')\n",
        "customer/b.py": "import a\nfrom requests import *\n",
    },
    "a handler that is registered after it was run": {
        "customer/a.py": """
            import httpx
            from sanic import Sanic

            async def go(request):
                await request.app.ctx.client.get("http://billing/")

            async def start(app):
                app.ctx.client = httpx.AsyncClient()

            def main():
                app = Sanic("customer")
                app.before_server_start(start)
                app.add_route(go, "/go")
            """,
    },
}


@pytest.mark.parametrize("tree", LATE.values(), ids=LATE)
def test_what_is_known_late_is_asked_for_again(tree: Tree) -> None:
    look = see({**tree, "billing/app.py": ""})
    assert look.sites("billing") or look.evidence.unresolved
    holds(lambda: see({**tree, "billing/app.py": ""}), proving)
