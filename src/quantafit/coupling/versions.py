"""Defaults by version: what a library gives to an omitted argument in the versions that a quantum may run with.

A lock file or an exact pin decides; else the admissible range does, where all versions in it agree. Where they do
not, or nothing says which version it is, the default is unknown: the reason says how to mend that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from quantafit.model import Evidence, EvidenceKind, Pin, Role
from quantafit.model.terms import ByVersion

_FAR = 10**6
"""Higher than the last part of any version: stands for the versions just below another one."""


def default(term: ByVersion, pins: Sequence[Pin]) -> tuple[object, tuple[Evidence, ...], str]:
    """The value of a default, the evidence that it rests on, and, where it cannot be told, why (the value is None)."""
    known = ", ".join(f"{value} from {version} on" for version, value in term.since[1:])
    changed = f"the default of {term.distribution} is {term.since[0][1]}, {known}"
    mend = "write the argument out, or pin the version"
    if not pins:
        return None, (), f"{changed}, and no lock or requirement file says which version is installed; {mend}"
    evidence = tuple(
        Evidence(EvidenceKind.CONFIGURATION, Role.DEFAULT, pin.place, f"{pin.distribution} {pin.specifier}".rstrip())
        for pin in pins
    )
    values = {value for pin in pins for value in admitted(term, pin.specifier)}
    if len(values) == 1:
        return values.pop(), evidence, ""
    said = " and ".join(dict.fromkeys(f"{pin.place} admits {_spoken(pin)}" for pin in pins))
    return None, evidence, f"{changed}, and {said}; {mend}"


def _spoken(pin: Pin) -> str:
    return f"{pin.distribution} {pin.specifier}" if pin.specifier else f"any {pin.distribution}"


def admitted(term: ByVersion, specifier: str) -> Iterator[object]:
    """The values of all versions that a specifier admits; all values where it cannot be read."""
    starts = [Version(version) for version, _ in term.since]
    try:
        versions = SpecifierSet(specifier)
        written = [Version(one.version.removesuffix(".*")) for one in versions]
    except (InvalidSpecifier, InvalidVersion):
        yield from (value for _, value in term.since)
        return
    for version in versions.filter(_around([*starts, *written]), prereleases=True):
        index = max(at for at, start in enumerate(starts) if start <= version or at == 0)
        yield term.since[index][1]


def _around(versions: Iterable[Version]) -> Iterator[Version]:
    """Each version with one just below and one just above it: a range that begins or ends there holds one of them."""
    for version in versions:
        yield version
        yield Version(".".join(map(str, (*version.release, 0, 1))))
        before = list(version.release)
        while before and before[-1] == 0:
            before.pop()
        if before:
            before[-1] -= 1
            yield Version(".".join(map(str, (*before, _FAR))))
