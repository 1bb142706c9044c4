"""What a wrong declaration is answered with: one clear message for each fault, with line, column and a way out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quantafit.errors import DeclarationError
from quantafit.model import Architecture

Complaint = Callable[..., str]

HEAD = "schema: quanta/1\nsystem: s\nquanta: {shop: {source: src/shop}, bill: {source: src/bill}}\n"
KEYS = (
    "schema, system, adrs, data_classes, quanta, shared_code, interactions, platform, external, libraries, live, "
    "rules, drills, waivers"
)
SMALLEST = "a whole file is: schema: quanta/1, system: NAME, quanta: {NAME: {source: PATH}}"


def link(style: str, line: str) -> str:
    """A declaration with one interaction from shop to bill."""
    return f"{HEAD}interactions:\n- from: shop\n  to: bill\n  style: {style}\n  {line}\n"


def waiver(expires: str, match: str) -> str:
    """A declaration with one waiver."""
    return f"{HEAD}waivers:\n- {{rule: a/b, owner: o, reason: r, expires: {expires}, match: {match}}}\n"


SHAPE = {
    "": f"1:1: the declaration is empty\n    {SMALLEST}",
    "# nothing yet\n": f"1:1: the declaration is empty\n    {SMALLEST}",
    "- a": "1:1: the file wants a mapping, not a list",
    "just words": "1:1: the file wants a mapping, not text",
    "schema: quanta/2\nanything: else": "1:9: unknown schema 'quanta/2'\n    this version of quantafit reads quanta/1",
    "schema: 1\nsystem: s\nquanta: {a: }": "1:9: schema wants quanta/1, not a number",
    "system: s\nquanta: {a: }": "1:1: key 'schema' is missing\n    The version of this format.",
    "shema: quanta/1\nsystem: s\nquanta: {a: }": "1:1: unknown key 'shema'\n    did you mean 'schema'?",
    HEAD + "Interactions: []": "4:1: unknown key 'Interactions'\n    did you mean 'interactions'?",
    HEAD + "x-y: 1": f"4:1: unknown key 'x-y'\n    known: {KEYS}",
    "schema: quanta/1\nsystem: s\nquanta: {}": "3:9: quanta is empty\n    name at least one quantum",
    "schema: quanta/1\nsystem: s\nquanta:": "3:8: quanta wants a mapping, not nothing\n    write it, or remove the key",
    "schema: quanta/1\nsystem: s\nquanta: [a]": "3:9: quanta wants a mapping, not a list",
    "schema: quanta/1\nsystem: 42\nquanta: {a: }": (
        "2:9: system wants a name, not a number\n    put it into quotes: '42'"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: src": "4:6: quanta.a wants a mapping, not text",
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {sorce: src/shop}": (
        "4:7: unknown key 'sorce' in quanta.a\n    did you mean 'source'?"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: }": (
        "4:15: quanta.a.source wants a path relative to the root, or a list, not nothing\n"
        "    write it, or remove the key"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: [src/shop, {b: c}]}": (
        "4:26: quanta.a.source wants a path relative to the root, not a mapping"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: [src/shop, src/shop]}": (
        "4:26: 'src/shop' stands twice in quanta.a.source\n    it first stands on line 4"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {env: SHOP-URL}": (
        "4:12: quanta.a.env cannot be 'SHOP-URL'\n    it should be the name of an environment variable"
    ),
    link("mesage", ""): "7:10: interactions.style cannot be 'mesage'\n    did you mean 'message'?",
    link("message", "delivery: guaranteed"): (
        "8:13: interactions.delivery cannot be 'guaranteed'\n    known: at_least_once"
    ),
    link("message", "delivery: {durable: yes}"): (
        "8:23: interactions.delivery.durable wants true or false, not text\n    write true or false"
    ),
    link("message", "delivery: [durable]"): (
        "8:13: interactions.delivery wants at_least_once, or a mapping, not a list"
    ),
    HEAD + "interactions:\n- {from: shop, style: call}": (
        "5:3: key 'to' is missing in interactions\n    The quantum that receives, answers, or holds the replica."
    ),
    HEAD + "interactions: {a: b}": "4:15: interactions wants a list, not a mapping",
    HEAD + "adrs: [{id: ADR-1, status: agreed}]": (
        "4:28: adrs.status cannot be 'agreed'\n    known: proposed, accepted, deprecated, superseded, rejected"
    ),
    HEAD + "rules: {durable: warn}": (
        "4:9: 'durable' cannot name a rule\n    it should be the name of a fitness function, family/name"
    ),
    HEAD + "rules: {a/b: {mode: strict}}": "4:21: rules.a/b.mode cannot be 'strict'\n    known: enforce, warn, off",
    waiver("2027-1-1", "{path: x}"): (
        "5:45: waivers.expires cannot be '2027-1-1'\n    it should be a date, YYYY-MM-DD"
    ),
    waiver("2027-01-01", "{}"): (
        "5:64: waivers.match is empty\n    write at least one of from, to, quantum, interaction, path"
    ),
    HEAD + "libraries: {bus: {mechanism: bus, calls: {send: {does: publish}}}}": (
        "4:43: 'send' cannot name a call\n    it should be a dotted Python name"
    ),
}

SENSE = {
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: /src/shop}": (
        "4:15: quanta.a.source cannot be '/src/shop'\n    it should be a path relative to the root"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: 'src\\shop'}": (
        "4:15: quanta.a.source cannot be 'src\\\\shop'\n    it should be a path relative to the root"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: src/../../etc}": (
        "4:15: source of a: 'src/../../etc' leads out of the root\n"
        "    paths are relative to the root; choose another root with --root"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: src/shpo}": (
        "4:15: source of a: 'src/shpo' matches no file under the root\n    did you mean 'shop'? (in src)"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {source: 'src/**/*.pyx'}": (
        "4:15: source of a: 'src/**/*.pyx' matches no file under the root"
    ),
    HEAD + "shared_code: [src/common, lib]": (
        "4:27: shared_code path 'lib' matches no file under the root\n    known: docs, src (in the root)"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {hosts: x}\n  b: {hosts: [y, x]}": (
        "5:18: host 'x' belongs to quantum 'a' already\n    name it in one of them"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {stores: {allow: [pan], deny: pan}}": (
        "4:36: a both allows and denies 'pan'\n    it is allowed on line 4; keep one"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {stores: {deny: card_coed}}": (
        "4:22: unknown data class 'card_coed'\n    did you mean 'card_code'?"
    ),
    "schema: quanta/1\nsystem: s\nquanta:\n  a: {stores: {deny: cvv}}": (
        "4:22: unknown data class 'cvv'\n    it is a name of the class 'card_code'"
    ),
    "schema: quanta/1\nsystem: s\ndata_classes: {answer: }\nquanta:\n  a: {stores: {deny: answer}}": (
        "5:22: 'answer' is denied, but nothing says how to recognise it\n"
        "    write data_classes.answer.names: the names of columns, fields and keys that hold it"
    ),
    HEAD + "platform: [mail, bill]": ("4:18: 'bill' is platform, and also the quantum 'bill'\n    keep one of them"),
    HEAD + "platform: mail\nexternal: mail": "5:11: 'mail' is both platform and external\n    keep one of them",
    HEAD + "interactions: [{from: shop, to: bil, style: call}]": (
        "4:33: unknown quantum 'bil'\n    did you mean 'bill'?"
    ),
    HEAD + "interactions: [{from: shop, to: shop, style: call}]": (
        "4:33: from and to are both 'shop'\n    an interaction links two quanta; what stays inside one is not declared"
    ),
    HEAD + "interactions: [{from: {quantum: shop, unit: api}, to: bill, style: call}]": (
        "4:45: quantum 'shop' has no unit 'api'\n    list it under quanta.shop.units"
    ),
    link("message", "carries: [invoice]"): "8:13: unknown data class 'invoice'\n"
    "    known: pan, card_code, card_expiry, card_holder, card_track, card_last4",
    link("message", "adr: ADR-9"): "8:8: unknown decision 'ADR-9'\n    declare it under adrs, with its file",
    link("call", "channel: q"): "8:12: channel makes no sense with style: call\n    it belongs to style: message",
    link("message", "replication: {table: t}"): (
        "8:16: replication makes no sense with style: message\n    it belongs to style: replication"
    ),
    link("replication", "replication: {max_staleness: 0s}"): "8:32: '0s' is no time at all\n    write 15m, 1h …",
    link("message", "delivery: {guarantee: at_least_once, durable: false}"): (
        "8:49: durable: false deviates from at_least_once\n    say why in because, or remove the line"
    ),
    link("message", "delivery: {durable: false, persistent: true}"): (
        "8:42: persistent: true contradicts durable: false\n"
        "    a message does not survive a restart in a queue that does not"
    ),
    link("message", "delivery: {acknowledged_after_work: false, dead_letter: true}"): (
        "8:59: dead_letter: true contradicts acknowledged_after_work: false\n"
        "    a message that is acknowledged before the work cannot be set aside"
    ),
    link("message", "id: x") + "- {id: x, from: bill, to: shop, style: call}": (
        "9:8: interaction 'x' is declared twice\n    it first stands on line 5"
    ),
    link("call", "id: x") + "- {id: y, from: shop, to: bill, style: call}": (
        "9:3: 'y' is the same link as 'x'\n    make them one, or name their channels"
    ),
    HEAD + "adrs: [{id: A}, {id: A}]": "4:22: decision 'A' is declared twice\n    it first stands on line 4",
    HEAD + "adrs: [{id: A, file: docs/ADR-2.md}]": (
        "4:22: file 'docs/ADR-2.md' matches no file under the root\n    did you mean 'ADR-1.md'? (in docs)"
    ),
    HEAD + "adrs: [{id: A, file: docs}]": (
        "4:22: 'docs' cannot be read\n    it should be a Markdown file under the root"
    ),
    HEAD + "adrs: [{id: A, file: docs/latin.md}]": "4:22: 'docs/latin.md' is not UTF-8\n    save it as UTF-8",
    HEAD + "adrs: [{id: ADR-1, file: docs/ADR-1.md}]\nrules: {a/b: {adr: 'ADR-1#invoises'}}": (
        "5:20: docs/ADR-1.md has no anchor 'invoises'\n    did you mean 'invoices'?"
    ),
    HEAD + "rules: {a/b: off}": (
        "4:14: a/b is turned off without a reason\n    write it as a mapping: {mode: off, because: …}"
    ),
    waiver("2027-02-30", "{path: x}"): "5:45: '2027-02-30' is no day of the calendar",
    waiver("2027-01-01", "{quantum: sop}"): "5:74: unknown quantum 'sop'\n    did you mean 'shop'?",
    waiver("2027-01-01", "{interaction: x}"): "5:78: unknown interaction 'x'",
}


@pytest.mark.parametrize("text", SHAPE)
def test_a_wrong_shape_gets_one_message(text: str, complaint: Complaint) -> None:
    """Keys, kinds and words."""
    assert complaint(text) == f"quanta.yaml:{SHAPE[text]}"


@pytest.mark.parametrize("text", SENSE)
def test_what_cannot_be_meant_gets_one_message(text: str, complaint: Complaint) -> None:
    """References, paths and contradictions."""
    assert complaint(text) == f"quanta.yaml:{SENSE[text]}"


def test_rules_are_checked_where_their_names_are_known(complaint: Complaint, read: Callable[..., Architecture]) -> None:
    """With names the rules, with a mapping their options too."""
    text = HEAD + "rules: {message/durabel: warn}\n" + waiver("2027-01-01", "{path: x}").removeprefix(HEAD)
    assert read(text).settings[0].rule == "message/durabel"
    said = complaint(text, known_rules=["message/durable", "a/b"])
    assert said == "quanta.yaml:4:9: unknown fitness function 'message/durabel'\n    did you mean 'message/durable'?"
    text = HEAD + "rules: {a/b: {options: {pats: x}}, c/d: {options: {e: f}}}"
    said = complaint(text, known_rules={"a/b": ["paths"], "c/d": []})
    assert said == (
        "quanta.yaml:4:25: a/b has no option 'pats'\n    did you mean 'paths'?\n"
        "quanta.yaml:4:52: c/d has no option 'e'\n    it has none"
    )


def test_all_problems_are_named_at_once_in_the_order_of_the_file(complaint: Complaint) -> None:
    """Tricks of YAML, shapes, references and contradictions in one run; and nothing is named twice."""
    text = """\
schema: quanta/1
system: &s s
quanta:
  shop: {source: src/shpo, host: x}
  bill: {source: src/bill}
  bill: {source: src/bill}
interactions:
- {id: a, from: shop, to: bil, style: call, adr: ADR-1}
- {id: a, from: bill, to: bill, style: mesage}
waivers:
- {rule: a/b}
"""
    said = complaint(text)
    assert [line.split(": ")[0] for line in said.splitlines() if line.startswith("quanta.yaml")] == [
        "quanta.yaml:2:9",
        "quanta.yaml:4:18",
        "quanta.yaml:4:28",
        "quanta.yaml:6:3",
        "quanta.yaml:8:27",
        "quanta.yaml:8:50",
        "quanta.yaml:9:27",
        "quanta.yaml:9:40",
        *["quanta.yaml:11:3"] * 4,
    ]


def test_a_quantum_whose_entry_is_wrong_is_not_called_unknown(complaint: Complaint) -> None:
    """One fault, one message: what refers to it is right."""
    text = "schema: quanta/1\nsystem: s\nquanta: {a: 1, b: }\ninteractions: [{from: a, to: b, style: call}]\n"
    assert complaint(text) == "quanta.yaml:3:13: quanta.a wants a mapping, not a number"


def test_an_interaction_that_is_wrong_is_not_called_unknown(complaint: Complaint) -> None:
    """A waiver may refer to it by its id."""
    text = f"{HEAD}interactions: [{{id: i, from: shop, style: call}}]\n"
    said = complaint(text + waiver("2027-01-01", "{interaction: i}").removeprefix(HEAD))
    assert said.splitlines()[0] == "quanta.yaml:4:16: key 'to' is missing in interactions"
    assert len(said.splitlines()) == 2


def test_long_and_odd_words_are_quoted_short_and_on_one_line(complaint: Complaint) -> None:
    """A message stays readable whatever the file holds."""
    said = complaint(HEAD + '"a\\nb": 1\n' + "x" * 500 + ": 1\n")
    assert "unknown key 'a\\nb'" in said
    assert max(map(len, said.splitlines())) < 200


def test_problems_carry_their_place_as_data(read: Callable[..., Architecture]) -> None:
    """For editors and reports; the path is the one that was given."""
    with pytest.raises(DeclarationError) as caught:
        read(HEAD + "x-y: 1", path="arch/quanta.yaml")
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.column) == ("arch/quanta.yaml", 4, 1)
