"""import-linter as second witness: real runs over small trees, compared with what quantafit saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from quantafit.app.import_witness import witness
from quantafit.app.layout import layout_of
from quantafit.model import Architecture, CouplingMap, ImportEdge, Place, Quantum
from quantafit.workspace import MemoryWorkspace, Workspace

SHOP = Architecture(
    "shop", (Quantum("customer", ("src/shop/customer",)), Quantum("billing", ("src/shop/billing",)), Quantum("opaque"))
)
TREE = {
    "src/shop/__init__.py": "",
    "src/shop/customer/__init__.py": "",
    "src/shop/customer/cards.py": "import os\n\nfrom shop.billing import money\n",
    "src/shop/billing/__init__.py": "",
    "src/shop/billing/money.py": "",
}
EDGE = ImportEdge("customer", "billing", "shop.billing.money", "import", Place("src/shop/customer/cards.py", 3))

Hear = Callable[..., CouplingMap]


@pytest.fixture
def hear(tmp_path: Path) -> Hear:
    """``hear(files, edges)``: the coupling map of a tree on disk, with import-linter's testimony."""

    def run(files: Mapping[str, str], *edges: ImportEdge, architecture: Architecture = SHOP) -> CouplingMap:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        with witness(architecture, Workspace(tmp_path)) as testify:
            return testify(CouplingMap(imports=edges))

    return run


def test_two_engines_that_see_the_same_have_nothing_to_say(hear: Hear) -> None:
    """Only what was looked at is noted."""
    heard = hear(TREE, EDGE)
    assert heard.import_witness == ()
    assert heard.import_witness_scope == "import-linter looked at 4 modules of 2 quanta."


def test_an_import_that_only_import_linter_sees_is_a_disagreement(hear: Hear) -> None:
    """With the place, so that somebody can look."""
    assert hear(TREE).import_witness == (
        "import-linter sees shop.customer.cards import quantum billing (src/shop/customer/cards.py:3); "
        "quantafit does not.",
    )


def test_an_import_that_only_quantafit_sees_is_a_disagreement(hear: Hear) -> None:
    """A plain import that import-linter should have seen too."""
    heard = hear({**TREE, "src/shop/customer/cards.py": ""}, EDGE)
    assert heard.import_witness == (
        "quantafit sees shop.customer.cards import quantum billing (src/shop/customer/cards.py:3); "
        "import-linter does not.",
    )


def test_what_import_linter_cannot_see_is_no_disagreement(hear: Hear) -> None:
    """``importlib`` and strings are why quantafit has an engine of its own; imports for type checkers don't count."""
    by_string = ImportEdge("customer", "billing", "shop.billing", "importlib", Place("src/shop/customer/cards.py", 3))
    for_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.billing import money\n"
    hint = ImportEdge("customer", "billing", "shop.billing", "import", Place("src/shop/customer/cards.py", 3), True)
    assert hear({**TREE, "src/shop/customer/cards.py": "import importlib\n"}, by_string).import_witness == ()
    assert hear({**TREE, "src/shop/customer/cards.py": for_types}, hint).import_witness == ()


def test_an_import_by_way_of_a_third_quantum_is_two_imports(hear: Hear) -> None:
    """Both engines speak of the line that imports, not of what follows from it."""
    files = {**TREE, "src/shop/sales/__init__.py": "", "src/shop/billing/money.py": "import shop.sales\n"}
    three = Architecture("shop", (*SHOP.quanta, Quantum("sales", ("src/shop/sales",))))
    onward = ImportEdge("billing", "sales", "shop.sales", "import", Place("src/shop/billing/money.py", 1))
    assert hear(files, EDGE, onward, architecture=three).import_witness == ()


def test_a_quantum_inside_another_is_told_apart(hear: Hear) -> None:
    """The longest path wins, for the second witness too."""
    files = {**TREE, "src/shop/customer/__init__.py": "from shop.customer.billing import intake\n"}
    files |= {"src/shop/customer/billing/__init__.py": "", "src/shop/customer/billing/intake.py": ""}
    nested = Architecture("shop", (SHOP.quanta[0], Quantum("billing", ("src/shop/customer/billing",))))
    layout = layout_of(nested, MemoryWorkspace(files))
    assert layout.owners["shop.customer.billing.intake"] == "billing"
    assert layout.packages() == {"billing": ["shop.customer.billing"], "customer": ["shop.customer.cards"]}
    outer = ImportEdge("customer", "billing", "shop.x", "import", Place("src/shop/customer/__init__.py", 1))
    heard = hear(files, outer, architecture=nested)
    assert heard.import_witness == ()
    assert heard.import_witness_scope == "import-linter looked at 3 modules of 2 quanta."


def test_nothing_of_the_system_is_executed(hear: Hear, tmp_path: Path) -> None:
    """Nor does a file of it stand in for a module that import-linter needs."""
    trap = f"open({str(tmp_path / 'executed')!r}, 'w')\nraise SystemExit(9)\n"
    heard = hear(
        {**dict.fromkeys(TREE, trap), "src/rich.py": trap, "src/logging.py": trap, "src/click/__init__.py": trap}
    )
    assert heard.import_witness_scope.startswith("import-linter looked at 4 modules")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("files", "architecture", "why"),
    [
        ({"a/x.py": "", "b/x.py": ""}, ("a", "b"), "2 files lie outside every package with an __init__.py."),
        (
            {"a/app/__init__.py": "", "b/app/__init__.py": ""},
            ("a", "b"),
            "Several packages are named app: a/app, b/app.",
        ),
        (
            {"logging/__init__.py": "", "rich/__init__.py": ""},
            ("logging", "rich"),
            "bears the name of an installed module",
        ),
    ],
)
def test_a_layout_that_cannot_be_imported_is_said(
    hear: Hear, files: dict[str, str], architecture: tuple[str, ...], why: str
) -> None:
    """Not run is not the same as agreed."""
    quanta = tuple(Quantum(name, (name,)) for name in architecture)
    heard = hear(files, architecture=Architecture("shop", quanta))
    assert heard.import_witness == ()
    assert heard.import_witness_scope.startswith("import-linter was not run: fewer than two quanta")
    assert why in heard.import_witness_scope


def test_a_tree_in_memory_has_no_second_witness() -> None:
    """import-linter needs files."""
    with witness(SHOP, MemoryWorkspace(TREE)) as testify:
        assert testify(CouplingMap()).import_witness_scope == "import-linter was not run: the tree is not on disk."


def test_a_file_that_import_linter_cannot_parse_ends_its_run_not_ours(hear: Hear) -> None:
    """The reason names no folder that is another one every time."""
    heard = hear({**TREE, "src/shop/billing/money.py": "def ("})
    assert heard.import_witness_scope.startswith("import-linter was run and failed: ")
    assert "quantafit-" not in heard.import_witness_scope
