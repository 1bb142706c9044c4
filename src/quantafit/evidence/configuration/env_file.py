"""Environment files: ``.env``, ``.env.production``, ``billing.env``.

One variable a line: ``KEY=VALUE``, ``KEY: VALUE`` or ``KEY`` alone (its value comes from outside), with ``export`` or
without. ``#`` begins a comment at the start of a line and after a blank. Quoted values may run over several lines;
single quotes keep everything as it is, double quotes know ``\\n``, ``\\r``, ``\\t``, ``\\"``, ``\\\\`` and ``\\$``.
Nothing is executed. Source: Docker Compose documentation, "Syntax for environment files in Docker Compose".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from quantafit.evidence.configuration.journal import Journal, Positions
from quantafit.model import Binding, ExaminationError
from quantafit.workspace import interpolate

# Names like an environment file's, of things that are something else: code, templates, encrypted values.
_OTHER = (
    "age asc bak enc erb gpg gz j2 jinja jinja2 js json jsx md mjs php pl ps1 py rb rs sh sops tmpl tpl ts tsx vault "
    "yaml yml"
)
_OTHER_SUFFIXES = frozenset(_OTHER.split())

_SPACE = re.compile(r"\s*")
_KEY = re.compile(r"(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.\-]*)[ \t]*(?P<delimiter>[=:][ \t]*)?")
_QUOTED = {
    "'": re.compile(r"'((?:[^'\\]|\\.)*+)'", re.DOTALL),
    '"': re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL),
}
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\n|\Z)")
_UNQUOTED = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$$"}


def is_env_file(path: str) -> bool:
    """Whether a file is an environment file by its name."""
    name = path.rpartition("/")[2]
    if not (name == ".env" or name.startswith(".env.") or name.endswith(".env")):
        return False
    return name.rpartition(".")[2] not in _OTHER_SUFFIXES


def read(path: str, journal: Journal) -> tuple[Binding, ...]:
    """The variables of an environment file; what could not be read is recorded in ``journal``."""
    text = journal.text(path)
    if text is None:
        return ()
    bindings, errors = parse(text, path)
    journal.errors += errors
    return bindings


def parse(text: str, path: str) -> tuple[tuple[Binding, ...], tuple[ExaminationError, ...]]:
    """The variables in ``text``, and an error with its place for each line that is none. Never raises.

    A dollar sign that the file takes literally is doubled in the value, as interpolation expects it.
    """
    parser = _Parser(text, Positions(path, text))
    parser.run()
    return tuple(parser.bindings), tuple(parser.errors)


def values(bindings: tuple[Binding, ...], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """The values that ``bindings`` have when read from top to bottom; what cannot be told is left out."""
    result = dict(known or {})
    for binding in bindings:
        parts = interpolate(binding.value, result) if binding.value is not None else (None,)
        if None not in parts:
            result[binding.name] = "".join(part for part in parts if part is not None)
    return result


@dataclass(slots=True)
class _Parser:
    text: str
    positions: Positions
    bindings: list[Binding] = field(default_factory=list)
    errors: list[ExaminationError] = field(default_factory=list)
    at: int = 0

    def run(self) -> None:
        while (start := self._skip(_SPACE)) < len(self.text):
            if self.text[start] == "#":
                self._skip(_UNQUOTED)
            else:
                self._line(start)

    def _line(self, start: int) -> None:
        found = _KEY.match(self.text, start)
        if found is None:
            self._wrong(start, "this line is not KEY=VALUE")
            return
        self.at = found.end()
        if found["delimiter"]:
            self._value(found["key"], start)
        elif _REST.match(self.text, self.at):
            self._bind(found["key"], None, start)
        else:
            self._wrong(start, "this line is not KEY=VALUE")

    def _value(self, key: str, start: int) -> None:
        begin = self.at
        quote = self.text[begin : begin + 1]
        if quote not in _QUOTED:
            raw = self.text[begin : self._skip(_UNQUOTED)]
            self._bind(key, _COMMENT.sub("", raw).strip(), start)
            return
        quoted = _QUOTED[quote].match(self.text, begin)
        if quoted is None:
            self._wrong(begin, f"the quote of {key} is never closed")
        elif not _REST.match(self.text, quoted.end()):
            self._wrong(quoted.end(), f"something follows the quoted value of {key}; put all of it into quotes")
        else:
            self.at = quoted.end()
            self._bind(key, _literal(quoted[1]) if quote == "'" else _ESCAPE.sub(_unescape, quoted[1]), start)

    def _bind(self, key: str, value: str | None, start: int) -> None:
        self.bindings.append(Binding(key, value, self.positions.at(start)))
        self._skip(_UNQUOTED)

    def _wrong(self, offset: int, message: str) -> None:
        self.errors.append(ExaminationError(None, message, self.positions.at(offset)))
        self._skip(_UNQUOTED)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at


def _literal(value: str) -> str:
    return value.replace("\\'", "'").replace("$", "$$")


def _unescape(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape[1], escape[0])
