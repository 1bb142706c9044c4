"""Hostile YAML is refused quickly and without eating memory."""

from __future__ import annotations

import tracemalloc

import pytest

from quantafit.documents import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    MAX_STRICT_NODES,
    DocumentError,
    Mapping,
    load_all_yaml,
    load_yaml,
    plain,
)


def bomb(levels: int = 40, width: int = 9) -> bytes:
    lines = ["a0: &a0 [x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines).encode()


def merge_bomb() -> bytes:
    keys = ", ".join(f"k{i}: 1" for i in range(1000))
    return (f"a: &a {{{keys}}}\n" + "".join(f"b{i}: {{<<: *a}}\n" for i in range(10_000))).encode()


def deep_by_aliases() -> bytes:
    lines = ["a0: &a0 [[[[[[[[[[1]]]]]]]]]]"]
    lines += [f"a{i}: &a{i} [[[[[[[[[[*a{i - 1}]]]]]]]]]]" for i in range(1, 50)]
    return "\n".join(lines).encode()


TOO_DEEP = f"lists and mappings stand more than {MAX_DEPTH} deep inside each other"
TOO_MANY = f"more than {MAX_NODES:,} values, aliases expanded"
HOSTILE = {
    "alias bomb": (bomb(), TOO_MANY),
    "merge bomb": (merge_bomb(), TOO_MANY),
    "deep by aliases": (deep_by_aliases(), TOO_DEEP),
    "deep lists": (b"[" * (MAX_BYTES - 10), TOO_DEEP),
    "deep mappings": (b"{a: " * 1_000_000, TOO_DEEP),
    "deep block lists": (b"- " * 2_000_000, TOO_DEEP),
    "deep keys": (b"? " * 2_000_000, TOO_DEEP),
    "many items": (b"- a\n" * 1_000_000, TOO_MANY),
    "many documents": (b"---\n" * 1_000_000, "a second document begins here"),
    "too many bytes": (b"a" * (MAX_BYTES + 1), f"the file has more than {MAX_BYTES:,} bytes"),
    "an endless key": (b"x" * 4_000_000 + b": 1", "a second ':' on this line"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused(name: str) -> None:
    """Without following it to its end: each of these would take any time and memory."""
    data, message = HOSTILE[name]
    with pytest.raises(DocumentError) as caught:
        load_yaml(data, "a.yaml", strict=False)
    assert caught.value.problems[0].message == message


@pytest.mark.parametrize("name", ["alias bomb", "merge bomb", "deep lists", "deep by aliases"])
def test_a_hostile_document_takes_little_memory(name: str) -> None:
    """A bomb is refused before it is expanded."""
    data, _ = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(DocumentError):
            load_all_yaml(data, "a.yaml")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(data) + 20_000_000


def test_the_deepest_allowed_document_is_read() -> None:
    """The bound refuses what is over it and nothing else."""
    node = load_yaml(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "a.yaml")
    assert str(plain(node)).count("[") == MAX_DEPTH
    with pytest.raises(DocumentError, match="deep inside each other"):
        load_yaml(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "a.yaml")


def test_an_alias_at_the_deepest_allowed_place_is_read() -> None:
    """Depth below an alias counts from where the alias stands."""
    half = MAX_DEPTH // 2
    inner = "[" * half + "]" * half
    outside = MAX_DEPTH - half - 1  # the document's own list is the one missing
    text = f"[&a {inner}, {'[' * outside}*a{']' * outside}]"
    assert load_yaml(text.encode(), "a.yaml", strict=False)
    with pytest.raises(DocumentError, match="deep inside each other"):
        load_yaml(f"[{text}]".encode(), "a.yaml", strict=False)


def test_a_large_honest_document_is_read() -> None:
    """A manifest of ten thousand keys is not an attack."""
    node = load_yaml("".join(f"key{i}: value\n" for i in range(10_000)).encode(), "a.yaml")
    assert isinstance(node, Mapping)
    assert len(node.entries) == 10_000


def test_a_strict_document_full_of_faults_names_the_first_of_them() -> None:
    """Twenty faults are enough to start with; the file is not read to its end for more."""
    with pytest.raises(DocumentError) as caught:
        load_yaml(b"a: 1\n" * 900_000, "a.yaml")
    assert [problem.line for problem in caught.value.problems] == list(range(2, 22))


def test_messages_quote_little_of_the_file() -> None:
    """A tag of a million characters does not fill the screen."""
    with pytest.raises(DocumentError) as caught:
        load_yaml(b"a: !" + b"x" * 1_000_000 + b" 1", "a.yaml")
    assert len(str(caught.value)) < 200


def test_a_strict_document_may_have_fewer_values() -> None:
    """What people write by hand is small; the rest of a machine's output need not be read to know that."""
    items = b"- a\n" * MAX_STRICT_NODES
    with pytest.raises(DocumentError, match=f"more than {MAX_STRICT_NODES:,} values"):
        load_yaml(items, "a.yaml")
    assert len(plain(load_yaml(items, "a.yaml", strict=False))) == MAX_STRICT_NODES
