"""What a YAML document is read as: values, places, aliases, merge keys."""

from __future__ import annotations

import math

import pytest

from quantafit.documents import Mapping, Scalar, Sequence, kind_of, load_all_yaml, load_yaml, plain


def read(text: str, *, strict: bool = True) -> object:
    return plain(load_yaml(text.encode(), "a.yaml", strict=strict))


def test_every_node_knows_where_it_starts() -> None:
    """Lines and columns count from 1, for keys, values, lists and mappings."""
    root = load_yaml(b"name: shop\nparts:\n  - one\n  - {two: 2}\n", "a.yaml")
    assert isinstance(root, Mapping)
    parts = root.get("parts")
    assert isinstance(parts, Sequence)
    assert (root.entries[1].line, root.entries[1].column) == (2, 1)
    assert (parts.line, parts.column) == (3, 3)
    assert parts.items[0] == Scalar("one", 3, 5)
    assert isinstance(parts.items[1], Mapping)
    assert (parts.items[1].line, parts.items[1].column) == (4, 5)
    assert parts.items[1].get("two") == Scalar(2, 4, 11)


def test_a_key_that_is_not_there_is_none() -> None:
    """``get`` and ``entry`` answer None, they do not raise."""
    root = load_yaml(b"a: 1", "a.yaml")
    assert isinstance(root, Mapping)
    assert root.get("b") is None
    assert root.entry("b") is None


def test_columns_count_characters_not_bytes_and_a_byte_order_mark_is_no_column() -> None:
    """An editor shows characters; the mark at the start is invisible there."""
    root = load_yaml("\ufeffprix: {é: €, b: x}".encode(), "a.yaml")
    assert isinstance(root, Mapping)
    assert root.entries[0].column == 1
    inner = root.get("prix")
    assert isinstance(inner, Mapping)
    assert inner.get("b") == Scalar("x", 1, 17)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("2027-01-31", "2027-01-31"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("1_000", "1_000"),
        ("0b101", "0b101"),
        ("=", "="),
        ("1h", "1h"),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("017", 17),
        ("0o17", 15),
        ("0xfF", 255),
        ("-5", -5),
        ("+5", 5),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("'null'", "null"),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    """No country becomes a boolean, no date an object, no port mapping a number of base sixty."""
    read_value = read(f"a: {written}")
    assert read_value == {"a": value}
    assert type(read_value["a"]) is type(value)  # type: ignore[index]


def test_nan_is_a_number() -> None:
    """``.nan`` cannot be compared, so it has its own test."""
    value = read("a: .nan")["a"]  # type: ignore[index]
    assert isinstance(value, float)
    assert math.isnan(value)


def test_a_scalar_keeps_its_text_as_written() -> None:
    """A version ``1.10`` is 1.1 as a number; a reader of versions wants the text."""
    root = load_yaml(b"version: 1.10", "a.yaml")
    assert isinstance(root, Mapping)
    version = root.get("version")
    assert isinstance(version, Scalar)
    assert (version.value, version.text) == (1.1, "1.10")


def test_a_number_of_absurd_length_stays_text() -> None:
    """Converting it would take time and give nothing."""
    assert read("a: " + "9" * 5000) == {"a": "9" * 5000}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null", "\ufeff"])
def test_an_empty_document_is_a_null_scalar(text: str) -> None:
    """Whether emptiness is an error is for the reader of the document to say."""
    node = load_yaml(text.encode(), "a.yaml")
    assert isinstance(node, Scalar)
    assert node.value is None


def test_several_documents_are_read_in_order_each_with_its_own_anchors() -> None:
    """Kubernetes manifests are files of several documents."""
    documents = load_all_yaml(b"a: &x 1\nb: *x\n---\n- 2\n---\n", "a.yaml")
    assert [plain(document) for document in documents] == [{"a": 1, "b": 1}, [2], None]
    assert load_all_yaml(b"", "a.yaml") == ()


def test_aliases_and_merge_keys_are_expanded_where_the_document_is_not_strict() -> None:
    """Own keys win over merged ones, an earlier source over a later one, before and after the merge key."""
    text = """
base: &base {image: a, restart: always}
more: &more {image: b, ports: [1]}
service:
  restart: never
  <<: [*base, *more]
  command: run
"""
    merged = read(text, strict=False)["service"]  # type: ignore[index]
    assert merged == {"restart": "never", "command": "run", "image": "a", "ports": [1]}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    """Only the plain ``<<`` merges."""
    assert read("'<<': {a: 1}") == {"<<": {"a": 1}}


def test_an_anchor_may_be_defined_again() -> None:
    """An alias takes the latest anchor of that name before it."""
    assert read("[&x 1, *x, &x 2, *x]", strict=False) == [1, 1, 2, 2]


def test_tags_are_ignored_where_the_document_is_not_strict() -> None:
    """``!Ref`` of a cloud template is no reason not to read the rest; ``!!str`` keeps its meaning; nothing is built."""
    text = "a: !Ref Queue\nb: !!str 12\nc: !!python/object/apply:os.system [ls]\nd: !!int '3'\ne: ! 5"
    assert read(text, strict=False) == {"a": "Queue", "b": "12", "c": ["ls"], "d": "3", "e": "5"}


def test_keys_are_taken_as_written_where_the_document_is_not_strict() -> None:
    """A port as a key is its digits; the last of two equal keys holds."""
    assert read("8080: a\nno: b\n~: c\nx: 1\nx: 2", strict=False) == {"8080": "a", "no": "b", "~": "c", "x": 2}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{}", "a mapping"),
        ("[]", "a list"),
        ("", "nothing"),
        ("x", "text"),
        ("1.5", "a number"),
        ("true", "true or false"),
    ],
)
def test_kinds_are_named_in_words(text: str, kind: str) -> None:
    """For messages such as "wants a list, not text"."""
    assert kind_of(load_yaml(text.encode(), "a.yaml")) == kind
