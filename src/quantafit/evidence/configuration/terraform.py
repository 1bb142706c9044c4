"""Terraform: what containers and functions are given, read lexically.

Read: in blocks of ``resource`` and ``module``, pairs of ``name`` and ``value`` inside ``env``, ``environment`` and
``containerDefinitions``, and mappings under ``variables``, ``environment`` and ``env_vars``. A value is known where it
is a text, or a variable of the same folder with a default that is one; any other expression leaves the variable open.
Source: Terraform language, "Strings and Templates"; the resources of the AWS and Google providers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from quantafit.evidence.configuration.dockerfile import merged
from quantafit.evidence.configuration.journal import Positions
from quantafit.evidence.configuration.paths import folder_of
from quantafit.model import Binding, QueueBinding, Unit

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<line>\n)"""
    r"""|(?P<text>"(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^{}"]*(?:"[^"]*"[^{}"]*)*\})*+")"""
    r"""|(?P<heredoc><<-?(?P<word>\w+)(?=\n))|(?P<name>[A-Za-z_][\w.-]*)|(?P<mark>.)""",
    re.DOTALL,
)
_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_TEMPLATE = re.compile(r"\$\{\s*([\w.]+)\s*\}")
_FARTHEST = 80
_HOLDING = frozenset({"variables", "environment", "environment_variables", "env_vars", "env_variables", "env"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the language: ``text`` (its content), ``name`` or ``mark``."""

    kind: str
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    """The words of a file, without blanks, comments and line ends."""
    found: list[Token] = []
    at = 0
    while (token := _TOKEN.match(source, at)) is not None:
        at = token.end()
        if token["text"] is not None:
            found.append(Token("text", token["text"][1:-1], token.start()))
        elif token["word"] is not None:
            end = re.compile(rf"^[ \t]*{token['word']}[ \t]*$", re.MULTILINE).search(source, at)
            at = end.end() if end is not None else len(source)
            found.append(Token("other", "", token.start()))
        elif token["name"] is not None:
            found.append(Token("name", token["name"], token.start()))
        elif token["mark"] is not None:
            found.append(Token("mark", token["mark"], token.start()))
    return found


def defaults(source: str) -> dict[str, str]:
    """The variables of a file with defaults that are texts."""
    words = tokens(source)
    found: dict[str, str] = {}
    for index, word in enumerate(words):
        if (
            word.text == "variable"
            and word.kind == "name"
            and index + 2 < len(words)
            and words[index + 1].kind == "text"
        ):
            end = _end(words, index + 2)
            body = words[index + 3 : end]
            for at, inner in enumerate(body[:-2]):
                if (
                    (inner.kind, inner.text) == ("name", "default")
                    and body[at + 1].text == "="
                    and body[at + 2].kind == "text"
                ):
                    found[f"var.{words[index + 1].text}"] = body[at + 2].text
    return found


def units(path: str, source: str, known: Mapping[str, str]) -> Iterator[Unit]:
    """A unit for each resource or module that gives variables to what it runs. Never raises."""
    words = tokens(source)
    positions = Positions(path, source)
    index = 0
    while index < len(words):
        word = words[index]
        labels = []
        at = index + 1
        while at < len(words) and words[at].kind == "text":
            labels.append(words[at].text)
            at += 1
        if word.text in ("resource", "module") and word.kind == "name" and labels and _is(words, at, "{"):
            end = _end(words, at)
            body = words[at + 1 : end]
            bound = merged(tuple(_bindings(body, positions, known)))
            if bound:
                name = _named(body, known) or labels[-1].replace("_", "-")
                yield Unit(name, positions.at(word.at), environment=bound)
            index = end
        index += 1


def subscriptions(files: Iterable[tuple[str, str]]) -> Iterator[QueueBinding]:
    """Each queue that the files of one folder subscribe to a topic."""
    files = tuple(files)
    known = all_defaults(files)
    for folder in dict.fromkeys(folder_of(path) for path, _ in files):
        resources = [
            (kind, label, body, positions.at(at))
            for path, source in files
            if folder_of(path) == folder
            for positions in (Positions(path, source),)
            for kind, label, body, at in _resources(tokens(source))
        ]
        named = {f"{kind}.{label}": _named(body, known[folder]) or label for kind, label, body, _ in resources}
        for kind, _, body, place in resources:
            given = {key: _reference(body, key) for key in ("topic_arn", "endpoint", "protocol")}
            topic, queue = named.get(given["topic_arn"] or ""), named.get(given["endpoint"] or "")
            if kind == "aws_sns_topic_subscription" and given["protocol"] == "sqs" and topic and queue:
                yield QueueBinding(topic, queue, "queue", "*", place)


def _resources(words: list[Token]) -> Iterator[tuple[str, str, list[Token], int]]:
    """The resources of a file: type, name, what stands between their braces, and where they begin."""
    for index, word in enumerate(words[:-3]):
        labels = words[index + 1 : index + 3]
        begins = (word.kind, word.text) == ("name", "resource") and all(label.kind == "text" for label in labels)
        if begins and _is(words, index + 3, "{"):
            yield labels[0].text, labels[1].text, words[index + 4 : _end(words, index + 3)], word.at


def _reference(body: list[Token], key: str) -> str | None:
    """What an attribute is set to: a text, or the resource of which it is an attribute."""
    for index, word in enumerate(body[:-2]):
        if (word.kind, word.text) == ("name", key) and _is(body, index + 1, "="):
            given = body[index + 2]
            return given.text if given.kind == "text" else ".".join(given.text.split(".")[:2])
    return None


def _bindings(body: list[Token], positions: Positions, known: Mapping[str, str]) -> Iterator[Binding]:
    read_to = 0
    for index, word in enumerate(body):
        opened = index + 1 if _is(body, index + 1, "{") else index + 2 if _is(body, index + 1, "=") else len(body)
        if word.text == "name" and _is(body, index + 1, "=", ":") and index + 2 < len(body):
            given = body[index + 2]
            if given.kind == "text" and _VARIABLE_NAME.fullmatch(given.text):
                yield Binding(given.text, _value_beside(body, index, known), positions.at(given.at))
        elif word.text in _HOLDING and _is(body, opened, "{") and opened >= read_to:
            read_to = _end(body, opened)
            for at in range(opened + 1, read_to):
                key = body[at]
                if key.kind != "mark" and _VARIABLE_NAME.fullmatch(key.text) and _is(body, at + 1, "=", ":"):
                    yield Binding(key.text, _value(body, at + 2, known), positions.at(key.at))


def _value_beside(body: list[Token], index: int, known: Mapping[str, str]) -> str | None:
    """The ``value`` in the same braces as a ``name``."""
    for step, opening, closing in ((1, "{([", "})]"), (-1, "})]", "{([")):
        level, at = 0, index + step
        while 0 <= at < len(body) and abs(at - index) < _FARTHEST:
            word = body[at]
            if word.kind == "mark":
                level += (word.text in opening) - (word.text in closing)
            elif level == 0 and word.text == "value" and _is(body, at + 1, "=", ":"):
                return _value(body, at + 2, known)
            if level < 0:
                break
            at += step
    return None


def _value(body: list[Token], at: int, known: Mapping[str, str]) -> str | None:
    """A text, with the variables in it that are known; None for every other expression."""
    if at >= len(body):
        return None
    word = body[at]
    if word.kind == "name" and not _continues(body, at + 1):
        return known.get(word.text, word.text if word.text in ("true", "false") else None)
    if word.kind != "text" or _continues(body, at + 1):
        return None
    missing = False

    def put_in(found: re.Match[str]) -> str:
        nonlocal missing
        missing = missing or found[1] not in known
        return known.get(found[1], "")

    text = _TEMPLATE.sub(put_in, word.text)
    return None if missing or "${" in text else text.replace("$", "$$")


def _continues(body: list[Token], at: int) -> bool:
    """Whether an expression goes on: with an operator, an index or a call."""
    return _is(body, at, "+", "?", "[", "(", ".", "=", "!", "&", "|", "%", "/", "*")


def _named(body: list[Token], known: Mapping[str, str]) -> str | None:
    """The ``name`` of the resource itself, outside of every inner block."""
    level = 0
    for index, word in enumerate(body):
        if word.kind == "mark":
            level += (word.text in ("{", "(", "[")) - (word.text in ("}", ")", "]"))
        elif (
            level == 0
            and word.text in ("name", "function_name", "family", "service_name")
            and _is(body, index + 1, "=")
        ):
            return _value(body, index + 2, known)
    return None


def _is(words: list[Token], at: int, *marks: str) -> bool:
    return at < len(words) and words[at].kind == "mark" and words[at].text in marks


def _end(words: list[Token], at: int) -> int:
    """Where the brace at ``at`` is closed; the end of the words where it never is."""
    level = 0
    for index in range(at, len(words)):
        if words[index].kind == "mark":
            level += (words[index].text in ("{", "(", "[")) - (words[index].text in ("}", ")", "]"))
            if level <= 0:
                return index
    return len(words)


def all_defaults(files: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The defaults of variables by folder: a module is the files of one folder."""
    found: dict[str, dict[str, str]] = {}
    for path, source in files:
        found.setdefault(folder_of(path), {}).update(defaults(source))
    return found
