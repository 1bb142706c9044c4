"""Operations under a hindrance, held against the same operations without it: what isolation and latency share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median

from quantafit.fitness.experiments import Trial, contradiction, ruling
from quantafit.fitness.rule import Contradiction, Ruling
from quantafit.model import Drive, Experiment, Sent

FLOOR = 0.010
"""Seconds. Below it, clocks and schedulers decide about a ratio, not the system."""


def compare(
    trial: Trial,
    record: Experiment,
    hindered: Callable[[Drive], bool],
    how: str,
    unsure: Iterable[str],
    repair: tuple[str, ...],
) -> Ruling:
    """The ruling on all operations of the drives that are ``hindered``; ``how`` says in words what the hindrance is."""
    during = _by_operation(drive for drive in record.drives if hindered(drive))
    before = _by_operation(drive for drive in record.drives if not drive.disturbed)
    doubts = [*unsure, *_incomparable(trial, record, before, during)]
    found = [*_failed(trial, during, how, repair), *_slow(trial, record, before, during, how, repair)]
    count = sum(len(sent) for sent in during.values())
    slowest = max((one.took for sent in during.values() for one in sent), default=0.0)
    kinds = f"{len(during)} operations" if len(during) > 1 else "one operation"
    reason = f"{count} requests of {kinds} succeeded with {how}; the slowest took {slowest * 1000:.0f} ms"
    return ruling(trial, found, doubts, reason)


def _by_operation(drives: Iterable[Drive]) -> Mapping[str, Sequence[Sent]]:
    found: dict[str, list[Sent]] = defaultdict(list)
    for drive in drives:
        for sent in drive.sent:
            found[sent.operation or drive.workload].append(sent)
    return found


def _incomparable(
    trial: Trial, record: Experiment, before: Mapping[str, Sequence[Sent]], during: Mapping[str, Sequence[Sent]]
) -> Iterator[str]:
    if not during:
        yield f"drill {trial.name}: no request was made then"
        return
    failing = [name for name, sent in before.items() if any(not one.ok for one in sent)]
    if failing:
        yield f"drill {trial.name}: with all parts there {', '.join(sorted(failing))} fails too"
    if record.slower_at_most is not None:
        missing = sorted(during.keys() - before.keys())
        if missing:
            yield f"drill {trial.name}: nothing to compare {', '.join(missing)} with: drive it with all parts too"
    limits = record.within is not None or record.slower_at_most is not None
    if limits and not any(one.took for sent in during.values() for one in sent):
        yield f"drill {trial.name}: the workload does not tell how long an operation took"


def _failed(
    trial: Trial, during: Mapping[str, Sequence[Sent]], how: str, repair: tuple[str, ...]
) -> Iterator[Contradiction]:
    for name, sent in sorted(during.items()):
        refused = [one for one in sent if not one.ok]
        if refused:
            why = f" ({refused[0].error})" if refused[0].error else ""
            message = f"{name} failed {len(refused)} of {len(sent)} times with {how}{why}"
            yield contradiction(trial, message, repair, name)


def _slow(
    trial: Trial,
    record: Experiment,
    before: Mapping[str, Sequence[Sent]],
    during: Mapping[str, Sequence[Sent]],
    how: str,
    repair: tuple[str, ...],
) -> Iterator[Contradiction]:
    for name, sent in sorted(during.items()):
        slowest = max((one.took for one in sent if one.ok), default=0.0)
        if record.within is not None and slowest > record.within:
            message = f"{name} took {slowest:.2f} s with {how}; at most {record.within:g} s are permitted"
            yield contradiction(trial, message, repair, f"{name} within")
        ratio = _ratio(before.get(name, ()), sent)
        if record.slower_at_most is not None and ratio > record.slower_at_most:
            message = f"{name} is {ratio:.1f} times as slow with {how}; at most {record.slower_at_most:g} are permitted"
            yield contradiction(trial, message, repair, f"{name} slower")


def _ratio(before: Sequence[Sent], during: Sequence[Sent]) -> float:
    one, other = ([max(sent.took, FLOOR) for sent in sents if sent.ok] for sents in (before, during))
    return median(other) / median(one) if one and other else 0.0
