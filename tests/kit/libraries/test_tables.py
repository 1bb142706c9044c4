"""The tables hold together: every type they speak of is described, and no two of them say different things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from quantafit.evidence.source.libraries.vocabulary import Call, Effect, Library, New
from quantafit.evidence.source.tables import built_in

_DOES = {
    "request", "publish", "subscribe", "declare_queue", "declare_exchange", "bind", "confirm", "acknowledge", "reject",
    "wait", "await", "store", "read", "connect", "commit", "serve", "define", "work", "execute", "configure", "provide",
    "take", "listen", "mount",
}  # fmt: skip


def parts(value: object) -> Iterator[object]:
    """Everything inside a description."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)
    elif hasattr(value, "values"):
        for item in value.values():
            yield from parts(item)


def described(kind: type) -> Iterator[tuple[Library, object]]:
    for library in built_in():
        for part in parts((library.calls, library.types, library.attributes, library.shapes, library.foreign)):
            if isinstance(part, kind):
                yield library, part


def test_every_type_that_a_call_gives_is_described() -> None:
    """A type without a description would be followed nowhere, silently."""
    types = {name for library in built_in() for name in library.types}
    given = {call.returns for _, call in described(Call) if isinstance(call, Call) and isinstance(call.returns, str)}
    made = {new.type for _, new in described(New) if isinstance(new, New)}
    behaving = {name for name in given | made if any(key.startswith(f"{name}.") for key in _calls())}
    assert sorted(behaving - types) == []


def _calls() -> set[str]:
    return {name for library in built_in() for name in library.calls}


def test_every_effect_is_a_word_of_the_vocabulary() -> None:
    """A misspelt effect would be no effect."""
    assert {effect.does for _, effect in described(Effect) if isinstance(effect, Effect)} <= _DOES


def test_an_alias_leads_to_something_that_is_described() -> None:
    """An alias to nothing hides a client."""
    known = _calls() | {
        name for library in built_in() for name in (*library.types, *library.attributes, *library.kinds)
    }
    heads = {name.rpartition(".")[0] for name in known} | {module for lib in built_in() for module in lib.modules}
    aliases = {target for library in built_in() for target in library.aliases.values()}
    lost = {target for target in aliases if target not in known and target not in heads and target not in _ALIASES}
    assert sorted(lost) == []


# An alias may lead to another one, and an annotation needs no description.
_ALIASES = {name for library in built_in() for name in library.aliases} | {"sqlalchemy.Mapped"}


def test_two_tables_do_not_describe_one_call_differently() -> None:
    """Which of two descriptions counts must not depend on the order in which files are read."""
    seen: dict[str, Call] = {}
    twice = set()
    for library in built_in():
        for name, call in library.calls.items():
            if seen.setdefault(name, call) != call:
                twice.add(name)
    assert sorted(twice) == []
