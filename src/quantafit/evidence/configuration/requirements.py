"""Requirements as pip reads them: ``requirements.txt`` with what it includes, and ``pip install`` in a Dockerfile.

A requirement admits the versions of its specifier (PEP 440, PEP 508); a constraint (``-c``) narrows that. Markers and
extras are not looked at: a requirement that holds on some machines only is one that may hold. What names no version
(a path, an address) admits any. Source: pip documentation, "Requirements File Format".
"""

from __future__ import annotations

import codecs
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from quantafit.evidence.configuration.dockerfile import Dockerfile
from quantafit.evidence.configuration.journal import Journal, plain_line_ends
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.model import Pin, Place

_NAME = re.compile(r"(?:[\w.-]*[-_.])?(?:requirements|reqs)(?:[-_.][\w.-]*)?\.(?:txt|in|pip)")
_WORD = re.compile(r"[a-z]+")
_FOR_DEVELOPERS = frozenset({"dev", "develop", "development", "test", "tests", "testing", "lint", "docs", "doc", "ci"})
_FOLDERS = frozenset({"requirements", "reqs", "deps", "dependencies"})
_OPTION = re.compile(r"(?P<option>-r|-c|--requirement|--constraint)[\s=]*(?P<path>\S+)")
_AFTER = re.compile(r"\s+(?:#.*|--\S+.*)$|^\s*#.*$", re.DOTALL)
_INSTALL = re.compile(r"\bpip[\d.]*\s+install\s+(?P<words>[^;&|]*)")
_MOST_FILES = 50
"""So many files one requirements file may include, one through the other."""


def is_requirements(path: str) -> bool:
    """Whether a file lists requirements by its name: ``requirements-prod.txt``, ``requirements/base.txt``.

    Those for developers and tests are not what the code is deployed with.
    """
    folder, _, name = path.lower().rpartition("/")
    if _FOR_DEVELOPERS.intersection(_WORD.findall(name)):
        return False
    return bool(_NAME.fullmatch(name)) or (folder.rpartition("/")[2] in _FOLDERS and name.endswith((".txt", ".in")))


def holder(path: str) -> str:
    """The folder whose code a file of requirements speaks for: a folder of such files speaks for the one around it."""
    folder = folder_of(path)
    return folder_of(folder) if folder.rpartition("/")[2].lower() in _FOLDERS else folder


def pin(text: str, place: Place, file: str, folders: tuple[str, ...]) -> Pin | None:
    """What a requirement as PEP 508 writes it admits; None where it names no distribution."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    exact = any(one.operator in ("==", "===") and not one.version.endswith(".*") for one in requirement.specifier)
    return Pin(canonicalize_name(requirement.name), str(requirement.specifier), exact, place, file, folders)


def decoded(path: str, journal: Journal) -> str:
    """The text of a file that says which versions are installed; UTF-16 is told by its mark, as pip does."""
    data = journal.glance(path)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return plain_line_ends(data.decode("utf-16" if wide else "utf-8-sig", "replace"))


def read(path: str, journal: Journal) -> tuple[Pin, ...]:
    """What a file of requirements admits, with the files it includes and narrowed by its constraints."""
    reader = _Reader(journal, path, (holder(path),))
    reader.take(path)
    constraints = {one.distribution: one for one in reader.constraints}
    return tuple(_narrowed(one, constraints) for one in reader.pins)


def _narrowed(required: Pin, constraints: Mapping[str, Pin]) -> Pin:
    constraint = constraints.get(required.distribution)
    if constraint is None or not constraint.specifier:
        return required
    specifier = ",".join(filter(None, (required.specifier, constraint.specifier)))
    place = required.place if required.exact else constraint.place
    return replace(required, specifier=specifier, exact=required.exact or constraint.exact, place=place)


@dataclass(slots=True)
class _Reader:
    """One file of requirements and those it includes, on their way to pins."""

    journal: Journal
    file: str
    folders: tuple[str, ...]
    pins: list[Pin] = field(default_factory=list)
    constraints: list[Pin] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def take(self, path: str, constraining: bool = False) -> None:
        self.seen.add(path)
        for number, line in _lines(decoded(path, self.journal)):
            option = _OPTION.match(line)
            if option is not None:
                included = under(folder_of(path), option["path"])
                known = included is not None and self.journal.workspace.exists(included)
                if included is not None and known and included not in self.seen and len(self.seen) < _MOST_FILES:
                    self.take(included, constraining or option["option"] in ("-c", "--constraint"))
                continue
            found = pin(line, Place(path, number), self.file, self.folders)
            if found is not None:
                (self.constraints if constraining else self.pins).append(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines with the number of their first one, without comments and without options for pip."""
    pieces: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), 1):
        first = first if pieces else number
        if line.endswith("\\"):
            pieces.append(line[:-1])
            continue
        whole = _AFTER.sub("", "".join((*pieces, line))).strip()
        pieces = []
        if whole:
            yield first, whole


def installed(dockerfile: Dockerfile, path: str) -> Iterator[Pin]:
    """What ``RUN pip install NAME==VERSION`` admits."""
    for one in dockerfile.instructions:
        for command in _INSTALL.finditer(one.rest) if one.name.upper() == "RUN" else ():
            for word in _words(command["words"]):
                found = pin(word, one.at(command.start()), path, (folder_of(path),))
                if found is not None:
                    yield found


def _words(text: str) -> Iterable[str]:
    """What a command installs: its words without options and what these are given."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    options = [word.startswith("-") for word in words]
    takes = ("-r", "-c", "-e", "-i", "-t", "-f", "--requirement", "--constraint", "--index-url", "--extra-index-url",
             "--find-links", "--target", "--trusted-host", "--timeout", "--retries")  # fmt: skip
    return [
        word for index, word in enumerate(words) if not options[index] and not (index and words[index - 1] in takes)
    ]
