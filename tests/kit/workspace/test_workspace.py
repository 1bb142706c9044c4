"""The workspace lists and reads the tree under examination, on disk and in memory alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from quantafit.workspace import MemoryWorkspace, TooLargeError, Workspace

TREE = {
    "README.md": "# Shop\n",
    "customer/api.py": "import billing\n",
    "customer/cards/store.py": "pass\n",
    "customer/cards/[id].txt": "",
    "customers/other.py": "pass\n",
    "customer-old/api.py": "pass\n",
    "bin/relay": "#!/usr/bin/env -S python3 -u\n",
    "bin/deploy": "#!/bin/sh\n",
    "bin/blob": b"\x00\xff",
}

Make = Callable[[dict[str, str | bytes]], Workspace]


@pytest.fixture(params=["disk", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Builds a workspace of either kind from path → content."""

    def on_disk(tree: dict[str, str | bytes]) -> Workspace:
        for path, content in tree.items():
            write(tmp_path / path, content)
        return Workspace(tmp_path)

    return on_disk if request.param == "disk" else MemoryWorkspace


def write(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_files_are_relative_and_sorted(make: Make) -> None:
    assert make(TREE).files == tuple(sorted(TREE))


def test_reading_gives_the_bytes_of_the_file(make: Make) -> None:
    assert make(TREE).read("bin/blob") == b"\x00\xff"


@pytest.mark.parametrize("path", ["customer/nothing.py", "customer", "../outside.py", "/etc/hostname"])
def test_reading_what_is_no_file_of_the_tree_is_an_os_error(make: Make, path: str) -> None:
    with pytest.raises(OSError, match=r"outside|not a file"):
        make(TREE).read(path)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("customer/api.py", ["customer/api.py"]),
        ("./customer//api.py", ["customer/api.py"]),
        ("customer/cards/../api.py", ["customer/api.py"]),
        ("customer", ["customer/api.py", "customer/cards/[id].txt", "customer/cards/store.py"]),
        ("customer/", ["customer/api.py", "customer/cards/[id].txt", "customer/cards/store.py"]),
        ("customer/*.py", ["customer/api.py"]),
        ("customer/*", ["customer/api.py", "customer/cards/[id].txt", "customer/cards/store.py"]),
        ("*/api.py", ["customer-old/api.py", "customer/api.py"]),
        ("**/store.py", ["customer/cards/store.py"]),
        ("**/README.md", ["README.md"]),
        ("customer/**", ["customer/api.py", "customer/cards/[id].txt", "customer/cards/store.py"]),
        ("customer/**/store.py", ["customer/cards/store.py"]),
        ("**/cards", ["customer/cards/[id].txt", "customer/cards/store.py"]),
        ("customer?/*.py", ["customers/other.py"]),
        ("customer/cards/[id].txt", ["customer/cards/[id].txt"]),
        ("customer/cards/[i*", ["customer/cards/[id].txt"]),
        ("c*r/a*i.py", ["customer/api.py"]),
        (".", sorted(TREE)),
        ("**", sorted(TREE)),
        ("cust", []),
        ("CUSTOMER", []),
        ("*.py", []),
        ("", []),
        ("/customer", []),
        ("../customer", []),
        ("nowhere/**", []),
    ],
)
def test_a_pattern_selects(make: Make, pattern: str, found: list[str]) -> None:
    assert make(TREE).select([pattern]) == tuple(found)


def test_several_patterns_select_each_file_once(make: Make) -> None:
    assert make(TREE).select(["customer/cards", "customer", "README.md"])[:2] == ("README.md", "customer/api.py")
    assert len(make(TREE).select(["customer/cards", "customer"])) == 3


def test_a_pattern_made_to_be_slow_is_answered_quickly() -> None:
    tree = MemoryWorkspace({f"{'a' * 250}/{'a' * 250}/{'a' * 250}.py": ""})
    assert tree.select([f"{'**/' * 40}{'*a' * 100}b/{'**/a*' * 30}x"]) == ()


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("customer/api.py", True),
        ("customer/cards", True),
        (".", True),
        ("./customer/", True),
        ("custom", False),
        ("", False),
        ("..", False),
    ],
)
def test_a_file_or_a_folder_that_holds_one_exists(make: Make, path: str, there: bool) -> None:
    assert make(TREE).exists(path) is there


def test_python_files_are_modules_and_scripts_that_name_python_in_their_first_line(make: Make) -> None:
    assert make(TREE).python_files() == (
        "bin/relay",
        "customer-old/api.py",
        "customer/api.py",
        "customer/cards/store.py",
        "customers/other.py",
    )


@pytest.mark.parametrize(
    ("first_line", "is_python"),
    [
        ("#!/usr/bin/python", True),
        ("#!/usr/bin/env python3.12", True),
        ("#!/opt/app/.venv/bin/python3 -u", True),
        ("#!/usr/bin/env pypy3", True),
        ("#!/usr/bin/env -S uv run --script", True),
        ("#!/usr/bin/env pythonish", False),
        ("#!/usr/bin/env uvx ruff", False),
        ("# python", False),
        ("", False),
    ],
)
def test_a_script_is_recognised_by_its_interpreter(make: Make, first_line: str, is_python: bool) -> None:
    assert bool(make({"run": f"{first_line}\nprint(1)\n"}).python_files()) is is_python


def test_an_excerpt_has_numbered_lines_around_the_place(make: Make) -> None:
    tree = make({"a.py": "one\ntwo\r\nthree\x0c\nfour\nfive\n"})
    assert tree.excerpt("a.py", 3, context=1) == ((2, "two"), (3, "three\x0c"), (4, "four"))
    assert tree.excerpt("a.py", 1) == ((1, "one"), (2, "two"), (3, "three\x0c"))


def test_there_is_no_excerpt_where_there_is_no_line(make: Make) -> None:
    tree = make({"a.py": "one\n"})
    assert tree.excerpt("a.py", 9) == tree.excerpt("a.py", 0) == tree.excerpt("b.py", 1) == ()


def test_a_file_over_the_limit_is_refused_with_its_size(tmp_path: Path) -> None:
    write(tmp_path / "big.py", b"x" * 2001)
    for tree in (Workspace(tmp_path, limit=2000), MemoryWorkspace({"big.py": b"x" * 2001}, limit=2000)):
        with pytest.raises(TooLargeError, match=r"big\.py has 2,001 bytes; files over 2,000 bytes are not read"):
            tree.read("big.py")


def test_text_in_memory_may_begin_below_its_quotes_and_be_indented() -> None:
    text = """
        def work():
            pass
        """
    assert MemoryWorkspace({"a.py": text}).read("a.py") == b"def work():\n    pass\n"


@pytest.mark.parametrize("name", [".git", ".hg", "__pycache__", "node_modules", ".tox", ".mypy_cache", "site-packages"])
def test_what_tools_wrote_is_not_part_of_the_tree(tmp_path: Path, name: str) -> None:
    write(tmp_path / "customer" / name / "a.py")
    write(tmp_path / "customer" / "b.py")
    assert Workspace(tmp_path).files == ("customer/b.py",)


def test_a_virtual_environment_is_known_by_its_marker_not_by_its_name(tmp_path: Path) -> None:
    write(tmp_path / "tools" / "pyvenv.cfg")
    write(tmp_path / "tools" / "lib" / "a.py")
    write(tmp_path / "venv" / "a.py")
    assert Workspace(tmp_path).files == ("venv/a.py",)


PROJECTS = ("app.py", "Dockerfile", "requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg")


@pytest.mark.parametrize("own", PROJECTS)
def test_an_environment_made_inside_a_project_hides_none_of_its_code(tmp_path: Path, own: str) -> None:
    """``python -m venv .`` puts its marker beside the code: only what it installed is left out."""
    write(tmp_path / "billing" / "pyvenv.cfg")
    write(tmp_path / "billing" / "lib" / "python3.12" / "site-packages" / "pika.py")
    write(tmp_path / "billing" / own)
    write(tmp_path / "billing" / "src" / "api.py")
    assert {path for path in Workspace(tmp_path).files if "pyvenv" not in path} == {
        f"billing/{own}",
        "billing/src/api.py",
    }


def test_a_conda_environment_has_python_files_and_is_one(tmp_path: Path) -> None:
    write(tmp_path / "env" / "conda-meta" / "history")
    write(tmp_path / "env" / "cwp.py")
    write(tmp_path / "a.py")
    assert Workspace(tmp_path).files == ("a.py",)


def test_links_inside_the_root_are_followed(tmp_path: Path) -> None:
    write(tmp_path / "shared" / "amqp.py")
    write(tmp_path / "customer" / "api.py")
    (tmp_path / "customer" / "messaging").symlink_to("../shared")
    (tmp_path / "customer" / "copy.py").symlink_to("api.py")
    tree = Workspace(tmp_path)
    assert tree.files == ("customer/api.py", "customer/copy.py", "customer/messaging/amqp.py", "shared/amqp.py")
    assert tree.read("customer/messaging/amqp.py") == b""


def test_links_out_of_the_root_are_named_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "secret.py")
    write(tmp_path / "root" / "a.py")
    (tmp_path / "root" / "out").symlink_to("../elsewhere")
    (tmp_path / "root" / "out.py").symlink_to("../elsewhere/secret.py")
    (tmp_path / "root" / "dangling").symlink_to("nothing")
    tree = Workspace(tmp_path / "root")
    assert (tree.files, tree.unfollowed) == (("a.py",), ("dangling", "out", "out.py"))
    with pytest.raises(OSError, match="lies outside"):
        tree.read("out.py")


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.py")
    write(tmp_path / "b" / "y.py")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "a" / "b").symlink_to("../b")
    (tmp_path / "b" / "a").symlink_to("../a")
    (tmp_path / "loop").symlink_to("loop")
    assert Workspace(tmp_path).files == ("a/b/y.py", "a/x.py", "b/a/x.py", "b/y.py")


def test_what_is_no_regular_file_is_not_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert Workspace(tmp_path).files == ()
    with pytest.raises(FileNotFoundError):
        Workspace(tmp_path).read("pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_an_error_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "locked" / "a.py")
    (tmp_path / "locked").chmod(0)
    try:
        (error,) = Workspace(tmp_path).errors
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert (error.place.path, "cannot be listed" in error.message) == ("locked", True)


def test_a_root_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    (error,) = Workspace(tmp_path / "nowhere").errors
    assert (error.place.path, "cannot be listed" in error.message) == (".", True)


def test_a_name_that_is_not_unicode_is_an_error_of_its_own(tmp_path: Path) -> None:
    try:
        write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")))
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    tree = Workspace(tmp_path)
    assert tree.files == ()
    assert [error.place.path for error in tree.errors] == ["caf\\udce9.py"]


def test_a_digest_is_of_what_a_file_holds_now(make: Make) -> None:
    workspace = make({"a.py": "one\n", "b.py": "one\n", "c.py": "two\n"})
    assert workspace.digest("a.py") == workspace.digest("b.py") != workspace.digest("c.py")
    with pytest.raises(OSError, match=r"none\.py"):
        workspace.digest("none.py")


def test_a_digest_changes_with_the_content_though_size_and_times_stay(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", "one\n")
    workspace, before = Workspace(tmp_path), path.stat()
    known = workspace.digest("a.py")
    write(path, "two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert workspace.digest("a.py") != known
    assert workspace.unsteady == {"a.py"}
