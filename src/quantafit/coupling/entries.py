"""The programs that deployment units start: a file that a unit starts is run by its quantum, wherever it lies.

Code of the quantum itself is run anyway. This is about shared code, and code that nobody owns: no import leads to what
stands in it for who starts it, and only the command line of a unit tells whose program it is.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from quantafit.coupling.environment import UNTOLD, Environment, split_words
from quantafit.model import Architecture, Configuration, Program, Unit

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
_BEFORE = frozenset({"exec", "run", "&&", "||", ";", "--"})
"""After these a file is a program by itself: ``exec ./run.py``, ``uv run run.py``."""
_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
"""Options of the interpreter that take the word after them. Source: Python documentation, "Command line"."""
_RUNNERS = frozenset({"cProfile", "coverage", "debugpy", "ddtrace", "pdb", "profile", "trace"})
"""Modules that run another program, which stands behind them."""


@dataclass(frozen=True, slots=True)
class _Start:
    """A unit that starts a file: ``hits`` are the files that may be meant, ``said`` what it gives them by names."""

    unit: Unit
    quantum: str | None
    word: str
    hits: tuple[str, ...]
    sure: bool
    said: Mapping[str, str | None]


def programs(
    architecture: Architecture, configuration: Configuration, files: Iterable[str], owned: Mapping[str, Set[str]]
) -> dict[str, tuple[Program, ...]]:
    """By quantum, the files in shared code or in nobody's that its units start.

    ``files`` are the Python files that may be run, ``owned`` those of each quantum.
    """
    environment = Environment(architecture, configuration)
    every = tuple(files)
    anyones = {path for own in owned.values() for path in own}
    scripts = defaultdict[str, set[str]](set)
    for script in configuration.scripts:
        scripts[script.name].add(script.module)
    starts = [
        start
        for unit in configuration.units
        for start in _starts(unit, environment, every, scripts if unit.build is not None else {})
        # A quantum's own code is run for it by being that, and another's is declared to be run elsewhere.
        if not (anyones.issuperset(start.hits) or owned.get(start.quantum or "", set()) & set(start.hits))
    ]
    by_file: dict[str, list[_Start]] = defaultdict(list)
    for start in starts:
        for path in start.hits:
            by_file[path].append(start)
    found: dict[str, dict[Program, None]] = defaultdict(dict)
    for start in starts:
        if start.quantum is not None:
            found[start.quantum][_program(start, by_file)] = None
    return {quantum: _once(of_it) for quantum, of_it in found.items()}


def _once(found: Iterable[Program]) -> tuple[Program, ...]:
    """Each file once, however many units of a quantum start it."""
    by_file = {(program.path, program.word if program.path is None else ""): program for program in reversed([*found])}
    return tuple(sorted(by_file.values(), key=lambda one: (one.path or "", one.word, one.unit)))


def _program(start: _Start, by_file: Mapping[str, list[_Start]]) -> Program:
    unit, quantum = start.unit, start.quantum
    if len(start.hits) != 1 or not start.sure:
        return Program(None, start.word, unit.name, unit.place, candidates=start.hits)
    path = start.hits[0]
    mine = [one for one in by_file[path] if one.quantum == quantum]
    others = [one for one in by_file[path] if one.quantum != quantum]
    names = {name for one in mine for name in one.said}
    apart = frozenset(name for name in names if _tells_apart(name, mine, others))
    also = tuple(sorted({one.quantum or f"the unit {one.unit.name}" for one in others}))
    return Program(path, start.word, unit.name, unit.place, also, apart)


def _tells_apart(name: str, mine: Iterable[_Start], others: Iterable[_Start]) -> bool:
    """Whether a variable or argument has values in the units of one quantum that it has in no other unit."""
    values = {one.said.get(name) for one in mine}
    return not any(value is None or UNTOLD in value for value in values) and values.isdisjoint(
        one.said.get(name) for one in others
    )


Scripts = Mapping[str, Set[str]]
"""The modules that commands run which the tree's projects install, by the commands' names."""


def _starts(unit: Unit, environment: Environment, files: tuple[str, ...], scripts: Scripts) -> Iterator[_Start]:
    variables = {binding.name: environment.interpolated(binding) for binding in unit.environment}
    known = {name: value for name, value in variables.items() if value is not None}
    for line in (unit.command or "").splitlines():
        command = split_words(environment.put_in(line.replace("$$", "$"), known))
        for words, at, is_module in _started(command, scripts):
            word = words[at]
            installed = sorted(scripts.get(word.rpartition("/")[2], ())) if not is_module else ()
            found = [_meant(module, True, unit, files, True) for module in installed] or [
                _meant(word, is_module, unit, files)
            ]
            hits = tuple(hit for hits, _ in found for hit in hits)
            sure = all(certain for _, certain in found)
            if hits:
                said = dict(variables)
                said |= {f"argv[{index}] of {hits[0]}": one for index, one in enumerate(words[at:]) if index}
                said |= dict(_options(words[at + 1 :]))
                yield _Start(unit, environment.quantum_of(unit), word, hits, sure, said)


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, following in itertools.pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            yield name, value if equals else following


def _started(words: list[str], scripts: Scripts) -> Iterator[tuple[list[str], int, bool]]:
    """Where in a command line a Python program, or a command that a project installs, is named; whether by ``-m``."""
    at = 0
    while at < len(words):
        word = words[at]
        if any(map(str.isspace, word)):  # sh -c "python run.py"
            yield from _started(split_words(word), scripts)
        elif _PYTHON.fullmatch(word.rpartition("/")[2]):
            named = _named_after(words, at + 1)
            if named is not None:
                at, is_module = named
                yield words, at, is_module
        elif (word.endswith(".py") or word.rpartition("/")[2] in scripts) and (at == 0 or words[at - 1] in _BEFORE):
            yield words, at, False
        at += 1


def _named_after(words: list[str], at: int) -> tuple[int, bool] | None:
    """The program that an interpreter is given: a file, or a module behind ``-m``."""
    runner = False
    while at < len(words):
        word = words[at]
        if word == "-m" and at + 1 < len(words):
            if words[at + 1] not in _RUNNERS:
                return at + 1, True
            runner = True
            at += 1
        elif word in _WITH_VALUE:
            at += 1
        elif word == "-c" and not runner:
            return None
        elif not word.startswith("-"):
            if word.endswith(".py"):
                return at, False
            if not runner:
                return None
        at += 1
    return None


def _meant(
    word: str, is_module: bool, unit: Unit, files: tuple[str, ...], installed: bool = False
) -> tuple[tuple[str, ...], bool]:
    """The files of the tree that a word of a unit's command may mean, and whether no more is open than which of them.

    ``installed`` says that it is a module which a command of a project in the tree runs: it is not a library's.
    One that lies at that path in what the unit is built from is meant before others whose paths end so. A bare name
    that only lies somewhere in the tree may as well be that of a file which is not in it.
    """
    if is_module:
        plain = word.replace(".", "/")
        ends = [f"{plain}.py", f"{plain}/__init__.py" if installed else f"{plain}/__main__.py"]
    else:
        parts = [part for part in word.split("/") if part not in ("", ".")]
        ends = ["/".join(parts[skip:]) for skip in range(len(parts) if word.startswith("/") else 1)]
    lasts = tuple({f"/{end.rpartition('/')[2]}" for end in ends})
    copies = [_plain(copy) for copy in unit.copies]
    named = (path for path in files if f"/{path}".endswith(lasts))
    within = [path for path in named if not copies or any(_lies_in(path, copy) for copy in copies)]
    inside = [part for part in (unit.working_dir or "").split("/") if part]
    base = _plain(unit.build or "")
    tails = ["/".join(inside[skip:]) for skip in range(len(inside) + 1)]
    roots = {_plain(f"{base}/{tail}") for tail in tails} | {copy for copy in copies if copy not in files}
    for end in ends:
        places = {_plain(f"{root}/{end}") for root in roots}
        exact = tuple(path for path in within if path in places)
        if exact:
            return exact, True
    if is_module and "." not in word and not installed:
        return (), False  # a library of that name is as likely
    for end in ends:
        alike = tuple(path for path in within if path == end or path.endswith(f"/{end}"))
        if alike:
            return alike, "/" in end or installed
    return (), False


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _lies_in(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
