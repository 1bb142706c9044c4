"""What environment files say."""

from __future__ import annotations

import pytest

from quantafit.evidence.configuration import collect
from quantafit.evidence.configuration.env_file import is_env_file, parse, values
from quantafit.model import Place
from quantafit.workspace import MemoryWorkspace, interpolate


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("A: 1", {"A": "1"}),
        ("A = 1 ", {"A": "1"}),
        ("A=", {"A": ""}),
        ("A", {"A": None}),
        ("A=1 # comment", {"A": "1"}),
        ("A=1#2", {"A": "1#2"}),
        ("A=# comment", {"A": ""}),
        ("# A=1\n\n  # B=2", {}),
        ('A="x # y" # comment', {"A": "x # y"}),
        ("A='x # y'", {"A": "x # y"}),
        ('A="a\\nb\\"c\\\\d\\$e"', {"A": 'a\nb"c\\d$$e'}),
        ("A='a\\nb$c'", {"A": "a\\nb$$c"}),
        ("A='it\\'s'", {"A": "it's"}),
        ('A="one\ntwo"\nB=3', {"A": "one\ntwo", "B": "3"}),
        ("A=http://user@host:80/p?q=1", {"A": "http://user@host:80/p?q=1"}),
        ("A=${B:-c}/d", {"A": "${B:-c}/d"}),
        ("A=a b  c", {"A": "a b  c"}),
        ("A=1\nA=2", {"A": "2"}),
        ("a.b-c=1", {"a.b-c": "1"}),
        ("A=$(rm -rf /)", {"A": "$(rm -rf /)"}),
    ],
)
def test_a_line_gives_a_binding(text: str, found: dict[str, str | None]) -> None:
    bindings, errors = parse(text, ".env")
    assert ({one.name: one.value for one in bindings}, errors) == (found, ())


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("A=1\n{}\nB=2", 2, 1, "this line is not KEY=VALUE"),
        ("A=1\n  hello world\nB=2", 2, 3, "this line is not KEY=VALUE"),
        ("A=1\n=x\nB=2", 2, 1, "this line is not KEY=VALUE"),
        ("A=1\nC='open\nB=2", 2, 3, "the quote of C is never closed"),
        ('A=1\nC="x"y\nB=2', 2, 6, "something follows the quoted value of C"),
    ],
)
def test_a_line_that_is_none_is_an_error_with_its_place_and_hides_no_other(
    text: str, line: int, column: int, message: str
) -> None:
    bindings, (error,) = parse(text, ".env")
    assert error.place == Place(".env", line, column)
    assert message in error.message
    assert [one.name for one in bindings] == ["A", "B"]


def test_an_error_shows_no_value() -> None:
    (_, errors) = parse('PASSWORD=\'hunter2\nTOKEN="hunter2"hunter2', ".env")
    assert len(errors) == 2
    assert "hunter2" not in str(errors)


def test_single_quotes_keep_dollar_signs_from_interpolation() -> None:
    ((binding,), _) = parse("A='$B'", ".env")
    assert interpolate(binding.value or "", {"B": "no"}) == ("$B",)


def test_values_are_read_from_top_to_bottom() -> None:
    bindings, _ = parse("HOST=billing\nURL=http://$HOST:${PORT:-80}\nODD=$NONE\nOUTSIDE\n", ".env")
    assert values(bindings) == {"HOST": "billing", "URL": "http://billing:80"}


@pytest.mark.parametrize("name", [".env", ".env.production", "billing.env", "deploy/.env.local", ".env.example"])
def test_an_environment_file_is_told_by_its_name(name: str) -> None:
    assert is_env_file(name)


@pytest.mark.parametrize("name", [".envrc", ".env.ts", ".env.vault", ".env.j2", "env", "environment", "a.env.py"])
def test_what_only_looks_like_an_environment_file_is_none(name: str) -> None:
    assert not is_env_file(name)


def test_environment_files_are_collected_by_path() -> None:
    found = collect(MemoryWorkspace({".env": "A=1\n", "deploy/billing.env": "B=2\r\nC=3\r\n", "env.txt": "D=4"}))
    assert {
        path: [(one.name, one.value, one.place.line) for one in all_] for path, all_ in found.env_files.items()
    } == {
        ".env": [("A", "1", 1)],
        "deploy/billing.env": [("B", "2", 1), ("C", "3", 2)],
    }
    assert found.files == (".env", "deploy/billing.env")
