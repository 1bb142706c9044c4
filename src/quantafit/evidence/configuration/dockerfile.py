"""Dockerfiles: what an image contains, is given and runs.

Read: ``FROM``, ``ARG``, ``ENV`` (both forms), ``COPY`` and ``ADD`` (sources), ``WORKDIR``, ``ENTRYPOINT`` and ``CMD``
(exec and shell form), with continued lines, comments, here-documents and the ``escape`` directive. Nothing is built,
and a base image that is not a stage of the same file adds nothing. Source: Dockerfile reference.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from quantafit.evidence.configuration.commands import Command
from quantafit.model import Binding, ExaminationError, Place
from quantafit.workspace import interpolate

_INSTRUCTIONS = (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR"
)
_KNOWN = frozenset(_INSTRUCTIONS.split())
# Names like a Dockerfile's, of things that are something else: ignore files, templates, notes.
_OTHER = "bak dockerignore erb in j2 jinja jinja2 json md mustache orig py sh template tmpl tpl txt yaml yml"
_OTHER_SUFFIXES = frozenset(_OTHER.split())

# Far more than people write: a bound on the work, not a rule of Docker.
_MOST = 5_000

_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(\S+)\s*\Z")
_HEREDOC = re.compile(r"(?<![<\w])<<(-?)([\"']?)([A-Za-z_]\w*)\2")
_TOKEN = re.compile(
    r"""\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*+)"|(?P<blank>\s+)|.""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_IN_DOUBLE = {'"': '"', "\\": "\\", "$": "$$"}
_FLAG = re.compile(r"--(\S+)\s+")


def is_dockerfile(path: str) -> bool:
    """Whether a file is a Dockerfile by its name: ``Dockerfile``, ``Dockerfile.prod``, ``billing.Dockerfile``."""
    name = path.rpartition("/")[2].lower()
    if name in ("dockerfile", "containerfile"):
        return True
    stem, _, suffix = name.rpartition(".")
    if suffix in ("dockerfile", "containerfile"):
        return bool(stem)
    return name.startswith(("dockerfile.", "containerfile.")) and suffix not in _OTHER_SUFFIXES


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its continued lines joined. ``spots`` says which offset of ``rest`` stands where."""

    name: str
    rest: str
    place: Place
    spots: tuple[tuple[int, Place], ...]

    def at(self, offset: int) -> Place:
        """Where a character of ``rest`` stands in the file."""
        start, place = self.spots[bisect_right(self.spots, offset, key=lambda spot: spot[0]) - 1]
        return replace(place, column=place.column + offset - start)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The instructions of one file, and an error with its place for each line that is none."""

    instructions: tuple[Instruction, ...]
    errors: tuple[ExaminationError, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """What one stage says of the image it builds. ``copies`` are source paths relative to the build context."""

    place: Place
    name: str = ""
    environment: tuple[Binding, ...] = ()
    copies: tuple[str, ...] = ()
    entrypoint: Command | None = None
    command: Command | None = None
    working_dir: str | None = None


def parse(text: str, path: str, first_line: int = 1) -> Dockerfile:
    """The instructions in ``text`` (plain line ends), which begins on ``first_line`` of ``path``. Never raises."""
    lines = _Lines(text.split("\n"), path, first_line)
    instructions = tuple(lines.instructions())
    found = [(one.place, _complaint(one)) for one in instructions[:_MOST]]
    if len(instructions) > _MOST:
        found.append((instructions[_MOST].place, f"more than {_MOST:,} instructions; the rest is not read"))
    if not any(one.name.upper() == "FROM" for one in instructions):
        found.append((Place(path, first_line), "no FROM: a Dockerfile needs a base image"))
    errors = [ExaminationError(None, message, place) for place, message in [*lines.unended, *found] if message]
    return Dockerfile(instructions[:_MOST], tuple(errors))


def _complaint(one: Instruction) -> str:
    name = one.name.upper()
    if name not in _KNOWN:
        return f"{one.name!r} is not a Dockerfile instruction"
    if name == "ENV" and not list(_pairs(one.rest)):
        return "ENV without a value; write ENV NAME=value"
    return "" if one.rest else f"{name} without an argument"


def image(dockerfile: Dockerfile, target: str | None, arguments: Mapping[str, str]) -> Image | None:
    """What the stage ``target`` (by default the last) builds, given build arguments; None where there is no such stage.

    Variables are replaced where their values are known here; others stay in the value as written.
    """
    stages = _Builder(arguments).stages(dockerfile.instructions)
    if target is None:
        return stages[-1] if stages else None
    return _stage(stages, target)


def _stage(stages: list[Image], name: str) -> Image | None:
    if name.isdecimal():
        number = int(name[:6])
        return stages[number] if number < len(stages) else None
    return next((stage for stage in reversed(stages) if stage.name == name.lower()), None)


@dataclass(slots=True)
class _Lines:
    """Physical lines on their way to instructions."""

    lines: list[str]
    path: str
    first_line: int = 1
    escape: str = "\\"
    at: int = 0
    unended: list[tuple[Place, str]] = field(default_factory=list)

    def instructions(self) -> Iterator[Instruction]:
        self._directives()
        while self.at < len(self.lines):
            if not _is_comment_or_blank(self.lines[self.at]):
                yield self._instruction()
            self.at += 1

    def _directives(self) -> None:
        for line in self.lines:
            directive = _DIRECTIVE.match(line.strip())
            if directive is None:
                return
            if directive[1].lower() == "escape" and directive[2] in ("\\", "`"):
                self.escape = directive[2]

    def _instruction(self) -> Instruction:
        pieces = list(self._pieces())
        (number, column, first), *others = pieces
        name = first.split(None, 1)[0] if first.split() else first
        skipped = len(name) + len(first[len(name) :]) - len(first[len(name) :].lstrip())
        rest, spots = "", []
        for line, start, text in [(number, column + skipped, first[skipped:]), *others]:
            spots.append((len(rest), Place(self.path, line, start)))
            rest += text
        if name.upper() in ("ADD", "COPY", "RUN"):
            self._skip_heredocs(rest)
        return Instruction(name, rest.rstrip(), Place(self.path, number, column), tuple(spots))

    def _pieces(self) -> Iterator[tuple[int, int, str]]:
        """The parts of one instruction as (line, column, text), up to the line that is not continued."""
        while True:
            line = self.lines[self.at]
            text = line.lstrip()
            continued = text.rstrip().endswith(self.escape)
            yield self.at + self.first_line, len(line) - len(text) + 1, text.rstrip()[:-1] if continued else text
            if not continued or not self._next():
                return

    def _next(self) -> bool:
        """Move to the next line that is neither empty nor a comment."""
        following = range(self.at + 1, len(self.lines))
        found = next((index for index in following if not _is_comment_or_blank(self.lines[index])), None)
        self.at = self.at if found is None else found
        return found is not None

    def _skip_heredocs(self, rest: str) -> None:
        for heredoc in _HEREDOC.finditer(rest):
            following = range(self.at + 1, len(self.lines))
            ends = (index for index in following if _ends(self.lines[index], heredoc[3], bool(heredoc[1])))
            end = next(ends, None)
            if end is None:
                self.unended.append(
                    (Place(self.path, self.at + self.first_line), f"the here-document {heredoc[3]} never ends")
                )
            self.at = len(self.lines) if end is None else end


def _ends(line: str, word: str, tabs: bool) -> bool:
    return (line.lstrip("\t") if tabs else line) == word


def _is_comment_or_blank(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")


@dataclass(slots=True)
class _Builder:
    """Goes through the instructions as a build would, without building."""

    given: Mapping[str, str]
    scope: dict[str, str] = field(default_factory=dict)
    global_arguments: dict[str, str] = field(default_factory=dict)
    built: list[Image] = field(default_factory=list)
    inherited: Command | None = None

    def stages(self, instructions: Iterable[Instruction]) -> list[Image]:
        for one in instructions:
            name = one.name.upper()
            if name == "FROM":
                self._from(one)
            elif name == "ARG":
                self._arg(one)
            elif self.built:
                self.built[-1] = self._step(name, one, self.built[-1])
        return self.built

    def _from(self, one: Instruction) -> None:
        words = [word for word in one.rest.split() if not word.startswith("--")]
        name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else ""
        base = _stage(self.built, self._known(words[0], self.global_arguments)) if words else None
        self.scope = {}
        self.inherited = base.command if base else None
        for binding in base.environment if base else ():
            self._set(binding)
        self.built.append(replace(base, place=one.place, name=name) if base else Image(one.place, name))

    def _arg(self, one: Instruction) -> None:
        scope = self.scope if self.built else self.global_arguments
        for _, word in split_words(one.rest):
            name, has_default, default = word.partition("=")
            if name in self.given:
                scope[name] = self.given[name]
            elif has_default:
                parts = interpolate(default, scope)
                if None not in parts:
                    scope[name] = "".join(part or "" for part in parts)
            elif name in self.global_arguments:
                scope[name] = self.global_arguments[name]

    def _step(self, name: str, one: Instruction, stage: Image) -> Image:
        if name == "ENV":
            return replace(stage, environment=merged(stage.environment, self._env(one)))
        if name in ("ADD", "COPY"):
            return replace(stage, copies=tuple(dict.fromkeys((*stage.copies, *self._sources(one)))))
        if name == "WORKDIR":
            return replace(stage, working_dir=_inside(stage.working_dir, self._known(one.rest, self.scope)))
        if name == "ENTRYPOINT":
            # An entrypoint resets the command of the base image, not one of its own stage.
            own = None if stage.command == self.inherited else stage.command
            return replace(stage, entrypoint=_command(one.rest), command=own)
        if name == "CMD":
            return replace(stage, command=_command(one.rest))
        return stage

    def _env(self, one: Instruction) -> tuple[Binding, ...]:
        bindings = []
        for offset, name, value in _pairs(one.rest):
            parts = interpolate(value, self.scope)
            if None not in parts:
                value = "".join(part or "" for part in parts).replace("$", "$$")
            bindings.append(Binding(name, value, one.at(offset)))
        # Only now: within one ENV, a variable still has the value it had before.
        for binding in bindings:
            self._set(binding)
        return tuple(bindings)

    def _set(self, binding: Binding) -> None:
        parts = interpolate(binding.value or "", {})
        if None not in parts:
            self.scope[binding.name] = "".join(part or "" for part in parts)

    def _sources(self, one: Instruction) -> Iterator[str]:
        flags, rest = _flags(one.rest)
        origin = flags.get("from")
        if origin is not None:
            stage = _stage(self.built[:-1], self._known(origin, self.scope))
            yield from stage.copies if stage else ()
            return
        words = _exec_form(rest) or tuple(word for _, word in split_words(rest))
        for path in (self._known(word, self.scope) for word in words[:-1]):
            if "://" not in path and not path.startswith(("<<", "git@")):
                yield path

    def _known(self, text: str, scope: Mapping[str, str]) -> str:
        parts = interpolate(text, scope)
        return text if None in parts else "".join(part or "" for part in parts)


def merged(*environments: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """One binding a name, where a later environment beats an earlier one, in the order of first appearance."""
    return tuple({binding.name: binding for environment in environments for binding in environment}.values())


def _pairs(rest: str) -> Iterator[tuple[int, str, str]]:
    """The (offset, name, value) of an ``ENV``: ``A=1 B=2``, or the old form ``A the rest``."""
    words = list(split_words(rest))
    if words and "=" not in words[0][1]:
        name, *values = rest.split(None, 1)
        yield from ((0, name, "".join(map(_meaning, _TOKEN.finditer(text)))) for text in values)
        return
    for offset, word in words:
        name, equals, value = word.partition("=")
        if equals and name:
            yield offset, name, value


def split_words(text: str) -> Iterator[tuple[int, str]]:
    """The words of a line as (offset, word), quotes and escapes removed.

    A dollar sign that is quoted or escaped is doubled, as interpolation expects it.
    """
    pieces: list[str] = []
    start = None
    for token in _TOKEN.finditer(text):
        if not token["blank"]:
            start = token.start() if start is None else start
            pieces.append(_meaning(token))
        elif start is not None:
            yield start, "".join(pieces)
            pieces, start = [], None
    if start is not None:
        yield start, "".join(pieces)


def _meaning(token: re.Match[str]) -> str:
    if token["single"] is not None:
        return token["single"].replace("$", "$$")
    if token["double"] is not None:
        return _ESCAPE.sub(lambda escape: _IN_DOUBLE.get(escape[1], escape[0]), token["double"])
    if token["escaped"] is not None:
        return "$$" if token["escaped"] == "$" else token["escaped"]
    return token[0]


def _flags(rest: str) -> tuple[dict[str, str], str]:
    """The ``--name=value`` flags before the arguments, and the arguments."""
    flags, at = {}, 0
    while flag := _FLAG.match(rest, at):
        name, _, value = flag[1].partition("=")
        flags[name] = value
        at = flag.end()
    return flags, rest[at:]


def _command(rest: str) -> Command:
    return _exec_form(rest) or rest


def _exec_form(rest: str) -> tuple[str, ...]:
    """The words of ``["a", "b"]``; empty where it is not written so. Broken JSON is the shell form, as for Docker."""
    if not rest.startswith("["):
        return ()
    try:
        words = json.loads(rest)
    except (ValueError, RecursionError):
        return ()
    return tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else ()


def _inside(folder: str | None, path: str) -> str:
    """``WORKDIR path`` after ``WORKDIR folder``."""
    return path if path.startswith("/") or folder is None else f"{folder.rstrip('/')}/{path}"
