"""The JSON Schema and the loader are one: what one takes, the other takes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quantafit.declaration import schema
from quantafit.declaration.checking import check
from quantafit.declaration.keys import ROOT
from quantafit.declaration.problems import Problems
from quantafit.documents import load_yaml
from quantafit.errors import DeclarationError

VALIDATOR = Draft202012Validator(schema())
REPOSITORY = Path(__file__).parents[3]

SLOTS = (
    "channel", "target", "message", "callback", "queue", "exchange", "routing_key", "type", "durable", "exclusive",
    "auto_delete", "arguments", "delivery_mode", "reply_to", "auto_ack", "table", "columns",
)  # fmt: skip
FULL: dict[str, Any] = {
    "schema": "quanta/1",
    "system": "shop",
    "adrs": [{"id": "ADR-1", "title": "Apart", "status": "accepted", "file": "docs/ADR-1.md"}],
    "data_classes": {"answer": {"names": ["answer"]}, "ticket": None},
    "quanta": {
        "shop": {
            "source": ["src/shop", "src/**/wire.py"],
            "hosts": "shop",
            "env": ["SHOP_URL"],
            "units": ["api"],
            "packages": ["client"],
            "datastores": {"db": {"env": "DB_URL", "hosts": ["db"], "database": "d"}, "cache": None},
            "database_roles": ["customer"],
            "migration_roles": ["customer_owner"],
            "broker_users": ["customer"],
            "stores": {"allow": ["card_last4"], "deny": "pan", "adr": "ADR-1#a", "because": "so"},
            "characteristics": ["availability"],
            "adr": "ADR-1",
            "because": "so",
        },
        "1/send": None,
    },
    "shared_code": "src/common",
    "interactions": [
        {
            "id": "i",
            "adr": "ADR-1",
            "because": "so",
            "from": {"quantum": "shop", "unit": "api"},
            "to": "1/send",
            "style": "message",
            "channel": "q",
            "carries": ["pan"],
            "delivery": {"guarantee": "at_least_once", "durable": True, "dead_letter": False},
            "replication": {"table": "t", "mechanism": "cdc", "rows": "some", "max_staleness": "1h30m"},
        },
        {"from": "shop", "to": "1/send", "style": "message", "delivery": "at_least_once"},
    ],
    "platform": ["mail"],
    "external": "api.example.org",
    "libraries": {
        "bus": {
            "mechanism": "bus",
            "because": "so",
            "calls": {
                "a.b": {"does": "publish", "arguments": {"channel": "c"}, "facts": {"durable": True}},
                "a.c": {"returns": "a.D", "arguments": {name: f"{at}:{name}" for at, name in enumerate(SLOTS)}},
            },
        }
    },
    "live": {
        "brokers": {
            "rabbit": {"management": {"env": "RABBIT_URL"}, "definitions": {"env": "RABBIT"}, "virtual_host": "/"}
        },
        "databases": {"db": {"env": "DB_LIVE_URL"}},
    },
    "drills": {
        "parts": {
            "api": {
                "quantum": "shop",
                "kind": "unit",
                "run": ["python", "-v", "-v"],
                "env": {"A_B": "{folder}"},
                "ready": {"port": "{port:api}", "url": "http://a", "line": "ready", "command": ["true"]},
                "starting": "1m",
                "proxy": {"listen": "{port:p}", "to": "127.0.0.1:{port:api}"},
            },
            "queue": {"commands": {act: [act] for act in ("stop", "kill", "pause", "resume", "start")}},
        },
        "commands": {"kill": ["docker", "kill", "{part}"]},
        "broker": "embedded",
        "prepare": ["true"],
        "clean_up": ["true"],
        "workloads": {"send": ["python"]},
        "probes": {"got": ["python"]},
        "experiments": {
            "safe": {
                "proves": "loss",
                "interaction": "i",
                "quantum": "shop",
                "within": "2s",
                "slower_at_most": "3x",
                "adr": "ADR-1",
                "because": "so",
                "steps": [
                    {"stop": "api"},
                    {"kill": ["api", "queue"]},
                    {"pause": "api"},
                    {"slow": "api", "by": "200ms"},
                    {"partition": "api"},
                    {"drive": "send", "within": "9s", "meanwhile": [{"start": "all"}]},
                    {"wait": "1.5s"},
                    {"count": "got", "within": "9s", "settle": "1s"},
                ],
            }
        },
    },
    "rules": {
        "a/b": "warn",
        "c/d": {"mode": "off", "adr": "ADR-1", "because": "so", "options": {"x": ["y"], "z": "w"}},
    },
    "waivers": [{"rule": "a/b", "owner": "o", "reason": "r", "expires": "2027-01-31", "match": {"path": "src/**"}}],
}


def loader_takes(document: object) -> bool:
    """Whether the loader finds the document's shape right; what it refers to is not looked at."""
    problems = Problems("quanta.yaml")
    try:
        check(ROOT, load_yaml(json.dumps(document).encode(), "quanta.yaml"), "", problems)
        problems.raise_any()
    except DeclarationError:
        return False
    return True


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with another value at that place."""
    if not path:
        return value
    result = copy.deepcopy(document)
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


def test_the_schema_is_a_schema() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(schema())


def test_both_take_a_declaration_with_every_key() -> None:
    """The starting point of the comparisons below; it leaves no key out."""
    assert list(VALIDATOR.iter_errors(FULL)) == []
    assert loader_takes(FULL)
    written = {path[-1] for path in places(FULL) if path}
    known = set(keys_of(schema()))
    unused = {"persistent", "confirmed", "acknowledged_after_work", "idempotent_receiver"}
    unused |= {"acknowledged", "synchronous"}
    assert known - written == unused


def keys_of(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from part.get("properties", {})
        for inner in part.values():
            yield from keys_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from keys_of(inner)


ODD = [None, True, 0, 1.5, "", " ", "a", "a b", "A/B", "/a", "a\nb", "2027-01-31", "1h", "ADR-1#a#b", "warn"]
ODDITIES = [*ODD, [], {}, [None], ["a"], ["a", "a"], [[]], {"a": "b"}, {"id": "x"}, {"names": []}, {"source": None}]


def test_a_trailing_line_break_is_no_part_of_a_name() -> None:
    """``$`` is the very end, as in ECMA-262; the validator of this test is in Python, where it is not quite."""
    assert not loader_takes(changed(FULL, ("quanta", "shop", "env"), "SHOP_URL\n"))


@given(place=st.sampled_from(list(places(FULL))), value=st.sampled_from(ODDITIES))
@settings(max_examples=250, deadline=None)
def test_loader_and_schema_agree_on_any_change_of_a_value(place: tuple[Any, ...], value: Any) -> None:
    """Whatever stands where."""
    document = changed(FULL, place, value)
    assert loader_takes(document) == VALIDATOR.is_valid(document)


@pytest.mark.parametrize("place", [path for path in places(FULL) if path and isinstance(path[-1], str)], ids=str)
def test_loader_and_schema_agree_on_a_missing_and_on_a_misspelt_key(place: tuple[Any, ...]) -> None:
    """Required keys are required by both, unknown keys are unknown to both."""
    missing = changed(FULL, place, None)
    inner = missing
    for key in place[:-1]:
        inner = inner[key]
    value = inner.pop(place[-1])
    assert loader_takes(missing) == VALIDATOR.is_valid(missing)
    inner[f"{place[-1]} "] = value
    assert loader_takes(missing) == VALIDATOR.is_valid(missing)


def test_every_key_has_a_description_for_the_editor() -> None:
    """A sentence each; completion shows it."""

    def descriptions(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            for name, inner in part.get("properties", {}).items():
                yield inner.get("description", f"{name} has none")
            for inner in part.values():
                yield from descriptions(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from descriptions(inner)

    found = list(descriptions(schema()))
    assert len(found) > 50
    assert [text for text in found if not text.endswith((".", "h"))] == []


def test_the_shipped_schema_is_the_one_that_is_printed() -> None:
    """Write the output of `quantafit schema` over it when keys have changed."""
    shipped = files("quantafit.declaration").joinpath("quanta.schema.json").read_text(encoding="utf-8")
    assert shipped == json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_repositorys_own_declaration_is_valid() -> None:
    """As an editor judges it, by a YAML reader that is not ours."""
    document = yaml.safe_load((REPOSITORY / "quanta.yaml").read_text(encoding="utf-8"))
    assert list(VALIDATOR.iter_errors(document)) == []
