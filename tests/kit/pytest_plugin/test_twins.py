"""A twin is the system with one piece of text changed, in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantafit.errors import UsageError
from quantafit.testing import patched, tree, twin

FILES: dict[str, str | bytes] = {"a.py": b"x = 1\ny = 1\n", "b.yaml": "durable: true\n"}


def test_a_patch_changes_one_place() -> None:
    """The files given stay as they are."""
    assert patched(FILES, [("b.yaml", "true", "false"), ("a.py", "x = 1", "x = 2")]) == {
        "a.py": b"x = 2\ny = 1\n",
        "b.yaml": b"durable: false\n",
    }
    assert FILES["b.yaml"] == "durable: true\n"


def test_a_patch_can_add_a_file() -> None:
    """An empty piece of text stands for a file that is not there."""
    assert patched(FILES, [("c.py", "", "import a\n")])["c.py"] == b"import a\n"


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        (("a.py", "= 1", "= 2"), "fits 2 places"),
        (("a.py", "z", "y"), "fits 0 places"),
        (("z.py", "x", "y"), "which is not there"),
        (("a.py", "", "y"), "which is there already"),
    ],
)
def test_a_patch_that_does_not_fit_is_wrong_use(patch: tuple[str, str, str], why: str) -> None:
    """A twin that changes nothing would be green for ever."""
    with pytest.raises(UsageError, match=why):
        patched(FILES, [patch])


def test_a_twin_without_a_patch_is_wrong_use(tmp_path: Path) -> None:
    """It would be the system itself."""
    with pytest.raises(UsageError, match="at least one patch"):
        twin(tmp_path)


def test_the_tree_is_what_quantafit_would_look_at(tmp_path: Path) -> None:
    """Caches and version control are not part of the system."""
    for path in ("quanta.yaml", "a/x.py", ".git/config", "a/__pycache__/x.pyc"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"1")
    assert tree(tmp_path) == {"a/x.py": b"1", "quanta.yaml": b"1"}
