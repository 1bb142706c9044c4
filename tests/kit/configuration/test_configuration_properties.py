"""No file, whatever it holds, makes the collection fail; and every error has a place in that file."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.evidence.configuration.dockerfile import image, parse
from quantafit.evidence.configuration.env_file import parse as parse_env
from quantafit.model import Configuration
from quantafit.workspace import MemoryWorkspace

NAMES = (
    ".env",
    "Dockerfile",
    "compose.yaml",
    "definitions.json",
    "manifest.yaml",
    "stack.yml",
)
WORDS = st.sampled_from(
    [
        *("services:", "a:", "b:", "image:", "build:", "environment:", "env_file:", "extends:", "include:", "command:"),
        *("apiVersion: v1", "kind: Pod", "kind: List", "metadata:", "name:", "spec:", "containers:", "items:", "env:"),
        *("FROM", "AS", "ENV", "ARG", "COPY", "--from=0", "RUN", "<<EOF", "EOF", "CMD", "ENTRYPOINT", '["a"]', "\\"),
        *("A=1", "A='", 'B="', "$A", "${A:-", "}", "'", '"', "#", "=", "export"),
        *('{"queues":', '"name":', '"q"', "[", "]", "{", "}", ",", "- ", "&x", "*x", "<<: *x", "|", "---", "{{", "1"),
        *("\n", "\n  ", "\n    ", "\n      ", " ", "\t", "\r\n", "\x00", "é", "\ufeff", ".", "..", "/"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join), st.lists(WORDS, max_size=40).map("".join))
CONTENTS = st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: text.encode(errors="replace")))


def assert_errors_have_places(found: Configuration, tree: dict[str, bytes]) -> None:
    for error in found.errors:
        assert error.message
        assert error.place.path in tree
        lines = tree[error.place.path].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        # YAML and Python's own notion of a line end agree on what an editor shows, but for exotic separators.
        exotic = tree[error.place.path].decode(errors="replace").splitlines()
        assert 1 <= error.place.line <= max(lines, len(exotic)) + 1
        assert error.place.column >= 1


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), CONTENTS, min_size=1, max_size=3))
def test_no_tree_makes_the_collection_fail(tree: dict[str, bytes]) -> None:
    found = collect(MemoryWorkspace(tree))
    assert_errors_have_places(found, tree)
    for unit in found.units:
        assert unit.place.path in tree
        assert all(binding.place.path in tree for binding in unit.environment)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), CONTENTS, min_size=1, max_size=3))
def test_the_same_tree_gives_the_same_configuration(tree: dict[str, bytes]) -> None:
    assert repr(collect(MemoryWorkspace(tree))) == repr(collect(MemoryWorkspace(dict(reversed(tree.items())))))


@settings(deadline=None)
@given(TEXTS, st.none() | st.text(max_size=3), st.dictionaries(st.text(max_size=2), st.text(max_size=3), max_size=2))
def test_no_text_makes_a_dockerfile_fail(text: str, target: str | None, arguments: dict[str, str]) -> None:
    dockerfile = parse(text, "Dockerfile")
    assert dockerfile.errors or image(dockerfile, None, arguments) is not None
    image(dockerfile, target, arguments)


NAMES_OF_VARIABLES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]))


@given(st.dictionaries(NAMES_OF_VARIABLES, VALUES))
def test_what_is_written_in_double_quotes_is_read_back(variables: dict[str, str]) -> None:
    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"')

    text = "".join(f'{name}="{quoted(value)}"\n' for name, value in variables.items())
    bindings, errors = parse_env(text, ".env")
    assert ({one.name: one.value for one in bindings}, errors) == (variables, ())


@given(VALUES.filter(lambda value: "'" not in value and "\n" not in value))
def test_what_an_image_is_given_in_single_quotes_is_read_back(value: str) -> None:
    dockerfile = parse(f"FROM x\nENV A='{value}x'", "Dockerfile")
    built = image(dockerfile, None, {})
    assert dockerfile.errors == ()
    assert built is not None
    assert built.environment[0].value == f"{value}x".replace("$", "$$")


def test_files_made_to_be_slow_are_answered() -> None:
    tree = {
        "Dockerfile": "FROM x\n" + "RUN a <<A\n" * 20_000,
        ".env": "A=${B:-" * 20_000 + "\n" + "B='\n" * 20_000,
        "compose.yaml": "services:\n" + "".join(f"  s{n}:\n    extends: s{n + 1}\n" for n in range(3_000)),
        "a/Dockerfile": "FROM x\nENV " + "A='" * 50_000 + '"' * 50_000,
    }
    assert collect(MemoryWorkspace(tree)).errors


def test_values_that_repeat_each_other_fill_no_memory() -> None:
    doubling = [(f"V{n}", f"V{n - 1}") for n in range(1, 80)]
    pairs = "".join(f"            - {{name: {name}, value: $({before})$({before})}}\n" for name, before in doubling)
    tree = {
        ".env": "V0=0123456789\n" + "".join(f"{name}=${before}${before}\n" for name, before in doubling),
        "compose.yaml": "services: {a: {image: x, hostname: $V79}}\n",
        "app/Dockerfile": "FROM x\nENV V0=0123456789\n" + "".join(f"ENV {a}=${b}${b}\n" for a, b in doubling),
        "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - image: x\n      env:\n"
        f"            - {{name: V0, value: x}}\n{pairs}",
    }
    found = collect(MemoryWorkspace(tree))
    assert found.errors == ()
    assert len(found.units) == 3
    assert len(repr(found)) < 1_000_000
