"""What a broken YAML document is answered with: one place, one sentence, one way to mend it."""

from __future__ import annotations

import pytest
import yaml

from quantafit.documents import DocumentError, examine_yaml, load_all_yaml, load_yaml, plain
from quantafit.documents import reader as reader_module
from quantafit.errors import QuantafitError

PARSERS = [loader for loader in (getattr(yaml, "CSafeLoader", None), yaml.SafeLoader) if loader]


def complaint(data: bytes, *, strict: bool = True) -> str:
    with pytest.raises(DocumentError) as caught:
        load_yaml(data, "a.yaml", strict=strict)
    return str(caught.value)


SYNTAX = {
    b"a:\n\tb: 1": "a.yaml:2:1: a tab where YAML wants spaces\n    indent with spaces",
    b"a: b: c": "a.yaml:1:5: a second ':' on this line\n    put the value into quotes, or on a line of its own",
    b"a: 1\nb\nc: 2": (
        "a.yaml:2:1: this line has no ':'\n    write 'key: value', or indent it if it belongs to the line above"
    ),
    b"a: - b": "a.yaml:1:4: a list cannot start on the line of its key\n    put '- ' on the next line, indented",
    b"x: 1\na: [1, 2\nb: 3": (
        "a.yaml:2:4: the list that starts here with '[' is not closed or lacks a ','\n    close it with ']'"
    ),
    b"a: {b: 1": (
        "a.yaml:1:4: the mapping that starts here with '{' is not closed or lacks a ','\n    close it with '}'"
    ),
    b'a: "abc\nb: c\n': "a.yaml:1:4: the quote that starts here is never closed\n    close it",
    b"a:\n  b: 1\n c: 2": (
        "a.yaml:3:2: this line does not fit the indentation of the lines above\n    align it with its siblings"
    ),
    b"a: @x": "a.yaml:1:4: a value cannot start with '@'\n    put the value into quotes",
    b"a: ]": "a.yaml:1:4: a value is missing here, or there is a bracket too many",
    b"a: 1\n...\nb": "a.yaml:3:1: text after the end of the document",
    b"a: !e!x y": ("a.yaml:1:4: a tag whose prefix is not declared\n    remove the '!', or put the value into quotes"),
}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("data", SYNTAX)
def test_broken_syntax_is_explained_in_the_same_words_by_both_parsers(
    data: bytes, parser: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without libyaml gives the same message at the same place."""
    monkeypatch.setattr(reader_module, "_LOADER", parser)
    assert complaint(data) == SYNTAX[data]


BYTES = {
    b"a: 1\nb: \xff": "a.yaml:2:4: byte 0xff is not UTF-8\n    save the file as UTF-8",
    b"\xef\xbb\xbfa: \xff": "a.yaml:1:4: byte 0xff is not UTF-8\n    save the file as UTF-8",
    "a: 1".encode("utf-16"): "a.yaml:1:1: the file is UTF-16 or UTF-32, not UTF-8\n    save it as UTF-8",
    b"a: 1\n\0": "a.yaml:2:1: a NUL byte; this is not a text file\n    is it the right file?",
    b"a: \x1b[2J": "a.yaml:1:4: control character U+001B is not allowed in YAML\n    remove it",
}


@pytest.mark.parametrize("data", BYTES)
@pytest.mark.parametrize("strict", [True, False])
def test_bytes_that_are_no_text_are_named_with_their_place(data: bytes, strict: bool) -> None:
    """Encodings and stray bytes are refused before any parsing."""
    assert complaint(data, strict=strict) == BYTES[data]


STRICT = {
    b"a: &x 1": "a.yaml:1:4: anchor &x\n    remove it: anchors are not read here",
    b"a: &x 1\nb: *x": (
        "a.yaml:1:4: anchor &x\n    remove it: anchors are not read here\n"
        "a.yaml:2:4: alias *x\n    write the value out: aliases are not read here"
    ),
    b"a: !!str 1": "a.yaml:1:4: tag tag:yaml.org,2002:str\n    remove it: tags are not read here",
    b"a: !x [1]": "a.yaml:1:4: tag !x\n    remove it: tags are not read here",
    b"a: 1\nb: 2\na: 3": "a.yaml:3:1: key 'a' stands here twice\n    it first stands on line 1",
    b"1: a": "a.yaml:1:1: key '1' is not text\n    put it into quotes",
    b"true: a": "a.yaml:1:1: key 'true' is not text\n    put it into quotes",
    b"<<: {a: 1}": "a.yaml:1:1: merge key '<<'\n    write the keys out: merge keys are not read here",
    b'a: "\\e[2J"': "a.yaml:1:4: a control character in a value\n    remove the escape",
    b"{{ .Values.x }}: 1": (
        "a.yaml:1:2: a list or mapping as a key\n    keys are text; is a template's {{ … }} not in quotes?"
    ),
    b"a: 1\n---\nb: 2": "a.yaml:2:1: a second document begins here\n    keep one document in the file",
}


@pytest.mark.parametrize("data", STRICT)
def test_a_strict_document_has_no_tricks(data: bytes) -> None:
    """What hides a value from its reader is refused where people write the document by hand."""
    assert complaint(data) == STRICT[data]


def test_everything_strictness_refuses_is_said_at_once() -> None:
    """One run shows all of it, in the order of the file."""
    assert complaint(b"a: &x 1\nb: !t 2\nb: 3\n").count("a.yaml:") == 3


def test_problems_before_a_broken_line_are_kept() -> None:
    """A syntax error ends the reading; what was found before it is not lost."""
    said = complaint(b"a: &x 1\nb: [")
    assert "a.yaml:1:4: anchor &x" in said
    assert "a.yaml:2:4: the list that starts here" in said


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: *x", "a.yaml:1:4: alias *x has no anchor before it, or stands inside it"),
        (b"a: &x [*x]", "a.yaml:1:8: alias *x has no anchor before it, or stands inside it"),
        (b"<<: 1", "a.yaml:1:1: merge key '<<' wants a mapping, or a list of mappings"),
        (b"<<: [1]", "a.yaml:1:1: merge key '<<' wants a mapping, or a list of mappings"),
    ],
)
def test_a_lenient_document_still_makes_sense(data: bytes, message: str) -> None:
    """Lenient is not careless."""
    assert complaint(data, strict=False) == message


def test_the_error_carries_its_problems_as_data() -> None:
    """Callers turn them into findings or errors of their own."""
    with pytest.raises(DocumentError) as caught:
        load_all_yaml(b"a: [", "deploy/x.yaml")
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.column) == ("deploy/x.yaml", 1, 4)
    assert isinstance(caught.value, QuantafitError)


def test_a_document_with_tricks_can_be_examined_all_the_same() -> None:
    """Whoever checks what the document says gets the document and the faults together."""
    node, problems = examine_yaml(b"a: &x [1]\nb: *x\na: 2\n", "a.yaml")
    assert plain(node) == {"a": [1], "b": [1]}
    assert [(problem.line, problem.column) for problem in problems] == [(1, 4), (2, 4), (3, 1)]


def test_a_broken_document_cannot_be_examined() -> None:
    """There is nothing to hand out where the syntax ends the reading."""
    with pytest.raises(DocumentError, match="not closed"):
        examine_yaml(b"a: [", "a.yaml")
