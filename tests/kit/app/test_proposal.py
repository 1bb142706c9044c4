"""The whole proposal: valid whatever the names, the same bytes every time, and what the gate says of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import COMPOSE, SHOP

from quantafit import declaration
from quantafit.app import evaluate_tree, propose
from quantafit.app.proposing import proposed
from quantafit.app.proposing.words import can_be_path, can_be_text
from quantafit.errors import UsageError
from quantafit.model import DataStore, Delivery, Interaction, Quantum, Style, Verdict
from quantafit.model.proposal import OpenQuestions, Proposal, Proposed, Remark
from quantafit.workspace import MemoryWorkspace


def text_of(files: dict[str, str], system: str = "shop") -> str:
    return declaration.write(proposed(MemoryWorkspace(files), system))


def judged(files: dict[str, str]) -> dict[str, list[str]]:
    """What stops the gate right after the proposal was written: function → subjects."""
    found: dict[str, list[str]] = {}
    for judgement in evaluate_tree({**files, "quanta.yaml": text_of(files)}).judgements:
        if judgement.stops_the_gate:
            found.setdefault(judgement.rule, []).append(judgement.subject.name)
    return found


# A first draft ------------------------------------------------------------------------------------------------------


def test_a_shop_that_hides_nothing_passes_the_gate_right_after_the_proposal() -> None:
    evaluation = evaluate_tree({**SHOP, "quanta.yaml": text_of(SHOP)})
    assert evaluation.passed
    delivery = [one.verdict for one in evaluation.judgements if one.rule.startswith("message/")]
    assert delivery == [Verdict.PASS] * 3


def test_the_proposal_says_what_each_line_was_read_from() -> None:
    text = text_of(SHOP)
    assert "  # compose.yaml:2 orders-service, built from orders\n" in text
    assert "  # orders/main.py:11 place: httpx.post(…)\n" in text
    assert "BILLING_URL=http://billing:8000 (compose.yaml:5)" in text
    assert "  - from: orders\n    to: billing\n    style: call\n" in text
    assert "delivery: {durable: true, persistent: true, acknowledged_after_work: true}" in text
    assert "  # not confirmed: the channel does not wait for publisher confirms (orders/main.py:14)\n" in text
    assert "  - broker  # compose.yaml:13, image rabbitmq:4\n" in text
    assert declaration.MARK not in text.partition("quanta:")[2]


def test_what_cannot_be_followed_is_asked_and_fails_the_gate_and_nothing_else_does() -> None:
    acme = "import acme\n\n\ndef tell(order):\n    acme.Client('x').send(order)\n"
    files = {**SHOP, "billing/main.py": acme}
    assert "# QUESTION: billing: acme.Client" in text_of(files)
    stopped = judged(files)
    assert stopped["quantum/unresolved"] == ["billing"]
    assert all(
        name.startswith("billing → ")
        for rule, names in stopped.items()
        for name in names
        if rule != "quantum/unresolved"
    )


def test_a_code_change_after_the_proposal_is_a_finding() -> None:
    declared = text_of(SHOP)
    quick = "import httpx\n\n\ndef invoice(order):\n    httpx.get('http://orders-service:8000/prices')\n"
    evaluation = evaluate_tree({**SHOP, "billing/main.py": quick, "quanta.yaml": declared})
    assert [(one.rule, one.subject.name) for one in evaluation.judgements if one.verdict is Verdict.FAIL] == [
        ("quantum/synchronous-call", "billing → orders")
    ]


def test_a_database_of_two_quanta_is_asked_about_and_never_declared_away() -> None:
    shared = COMPOSE.replace(
        "    build: ./billing\n",
        "    build: ./billing\n    environment:\n      ORDERS_DB: postgresql://b@orders-db:5432/orders\n",
    )
    files = {**SHOP, "compose.yaml": shared}
    text = text_of(files)
    assert "datastores:" not in text
    assert "# QUESTION: orders-db:5432/orders is used by billing" in text
    assert "quantum/shared-datastore" in judged(files)


def test_passwords_of_configuration_are_not_written() -> None:
    assert "s3cr3t" not in text_of(SHOP)


def test_the_same_tree_gives_the_same_bytes_in_whatever_order_it_is_listed() -> None:
    assert text_of(dict(reversed(SHOP.items()))) == text_of(SHOP)


def test_an_existing_declaration_does_not_change_the_proposal() -> None:
    assert text_of({**SHOP, "quanta.yaml": "schema: quanta/1\nsystem: other\nquanta: {a: {}}\n"}) == text_of(SHOP)


def test_a_tree_without_python_code_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"no Python code that is deployed .* --root"):
        proposed(MemoryWorkspace({"README.md": ""}), "shop")


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        propose(tmp_path / "gone")


# Any names ----------------------------------------------------------------------------------------------------------

_WORDS = "no null ~ true 12 0x1f 1e3 2027-01-31 12:30 quanta schema ÄÖ 名前 🙂"
_SIGNS = "a: {a} [a *a &a !a %a @a `a ' \" \\ ? : - ... --- = << |"
_ODD = [*_WORDS.split(), *_SIGNS.split(), "- a", "# a", "a # b", "a: b", "a, b", "a\tb", " a", "a ", "a" * 300]
HOSTILE = st.one_of(st.sampled_from(_ODD), st.text(min_size=1, max_size=30))
_PRINTABLE = st.characters(exclude_categories=["C", "Z"]) | st.just(" ")
NAME = st.one_of(
    st.sampled_from(list(filter(can_be_text, _ODD))),
    st.builds("{}{}".format, st.characters(categories=["L", "N", "P", "S"]), st.text(_PRINTABLE, max_size=30)),
).filter(can_be_text)
REMARK = st.builds(Remark, st.text(max_size=300), st.booleans())


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    drawn = draw(st.lists(NAME, min_size=2, max_size=17, unique=True))
    names, free = drawn[:5], drawn[5:]
    said = st.lists(REMARK, max_size=3).map(tuple)
    hosts, units, platform, external = free[:3], free[3:6], free[6:9], free[9:]
    store = DataStore(names[0], hosts=tuple(free[:1]) or (names[0],), database=draw(st.none() | NAME))
    first = Quantum(names[0], hosts=tuple(hosts), units=tuple(units), datastores=(store,))
    links = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names), NAME), unique=True, max_size=5))
    interactions = [
        Interaction(f"{number}{channel}", source, target, Style.MESSAGE, channel, delivery=draw(_DELIVERY))
        for number, (source, target, channel) in enumerate(links)
        if source != target
    ]
    each = lambda values: tuple(Proposed(value, draw(said)) for value in values)  # noqa: E731 -- three words, five uses
    return Proposal(
        draw(NAME),
        each([first, *map(Quantum, names[1:])]),
        (),
        each(interactions),
        each(platform),
        each(external),
        (OpenQuestions(draw(st.text(max_size=200)), draw(said)),),
    )


_DELIVERY = st.builds(
    lambda kept: Delivery(**dict.fromkeys(kept, True)), st.sets(st.sampled_from(list(Delivery.__slots__)))
)


@settings(max_examples=300, deadline=None)
@given(proposals())
def test_whatever_the_names_the_text_declares_what_is_proposed(proposal: Proposal) -> None:
    text = declaration.write(proposal)
    found = declaration.parse(text.encode(), MemoryWorkspace({}))
    wanted = proposal.architecture
    assert found.system == wanted.system
    assert [(q.name, q.hosts, q.units) for q in found.quanta] == [(q.name, q.hosts, q.units) for q in wanted.quanta]
    stores = [[(s.name, s.hosts, s.database) for s in q.datastores] for q in wanted.quanta]
    assert [[(s.name, s.hosts, s.database) for s in q.datastores] for q in found.quanta] == stores
    assert [replace(i, place=wanted.path) for i in found.interactions] == [
        replace(i, place=wanted.path) for i in wanted.interactions
    ]
    assert (found.platform, found.external) == (wanted.platform, wanted.external)


@settings(max_examples=100, deadline=None)
@given(proposals())
def test_other_readers_of_yaml_understand_the_same(proposal: Proposal) -> None:
    found = yaml.safe_load(declaration.write(proposal))
    assert list(found["quanta"]) == [one.value.name for one in proposal.quanta]
    assert found["system"] == proposal.system
    assert [one["channel"] for one in found["interactions"]] == [one.value.channel for one in proposal.interactions]


@settings(max_examples=100, deadline=None)
@given(proposals())
def test_every_question_bears_its_mark_once_and_no_line_is_broken_out_of_its_comment(proposal: Proposal) -> None:
    text = declaration.write(proposal)
    begun = sum(line.lstrip().startswith(f"# {declaration.MARK}") for line in text.split("\n"))
    assert begun >= proposal.questions


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE.filter(lambda name: "\x00" not in name), min_size=1, max_size=4, unique=True))
def test_services_of_any_name_make_a_valid_proposal(names: list[str]) -> None:
    services = {name: {"build": "./code", "container_name": names[0]} for name in names}
    services["code"] = {"image": "postgres", "container_name": names[-1]}
    files = {
        "compose.yaml": yaml.safe_dump({"services": services}, allow_unicode=True),
        "code/Dockerfile": "FROM python\nCOPY . .\n",
        "code/main.py": "print('up')\n",
    }
    declaration.parse(text_of(files).encode(), MemoryWorkspace(files))


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE.filter(lambda name: not set("/\x00") & set(name)), min_size=1, max_size=4, unique=True))
def test_folders_of_any_name_make_a_valid_proposal_or_a_clear_refusal(names: list[str]) -> None:
    files = {f"{name}/main.py": "" for name in names if name.strip(".")}
    if any(can_be_path(name) for name in names) and files:
        declaration.parse(
            text_of({**files, "safe/main.py": ""}).encode(), MemoryWorkspace({**files, "safe/main.py": ""})
        )


# A real system -------------------------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[3]


def test_the_declaration_of_the_reference_implementation_is_found_again() -> None:
    """Fourteen processes, four images of one Dockerfile, an outbox: the quanta and links of its architects."""
    here = (path for folder in ("deploy", "src/sysops_squad") for path in (ROOT / folder).rglob("*") if path.is_file())
    files: dict[str, str | bytes] = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in here if "__pycache__" not in path.parts
    }
    proposal = proposed(MemoryWorkspace(files), "sysops-squad")
    declared = declaration.load(ROOT / "quanta.yaml")
    assert {one.value.name: one.value.source for one in proposal.quanta} == {
        quantum.name: quantum.source for quantum in declared.quanta
    }
    messages = {(i.source, i.target, i.channel) for i in declared.interactions if i.style is Style.MESSAGE}
    assert {(one.value.source, one.value.target, one.value.channel) for one in proposal.interactions} == messages
    points = {
        point for one in proposal.interactions for point in Delivery.__slots__ if getattr(one.value.delivery, point)
    }
    assert points == {"durable", "persistent", "confirmed", "acknowledged_after_work", "dead_letter"}
    assert "src/sysops_squad/plumbing" in [one.value for one in proposal.shared_code]
    assert "rabbitmq" in [one.value for one in proposal.platform]
