"""An evaluation built by hand, with one of everything a report has to show, and golden files to hold reports to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from quantafit.model import (
    Acknowledgement,
    Adr,
    Architecture,
    Clue,
    Communication,
    CouplingMap,
    Coverage,
    Crossing,
    DataAtRest,
    Delivery,
    Evaluation,
    Evidence,
    EvidenceKind,
    ExaminationError,
    Examined,
    Fact,
    Finding,
    ImportEdge,
    Interaction,
    Judgement,
    Mode,
    Origin,
    Place,
    Quantum,
    Receiver,
    Role,
    RuleCard,
    Serve,
    Step,
    Style,
    Subject,
    TableUse,
    TargetKind,
    Unresolved,
    Verdict,
)

SOURCE, CONFIGURATION, RUNTIME = EvidenceKind.SOURCE, EvidenceKind.CONFIGURATION, EvidenceKind.RUNTIME
PASS, FAIL, NOT_EVALUATED, WAIVED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED, Verdict.WAIVED

INVOICE_SENTENCE = (
    "The payment job puts each invoice into a persistent queue, so none is missed while notification is down."
)
ADR_5 = Adr(
    "ADR-5",
    "Extract the customer architectural quantum",
    file="docs/adr/ADR-5.md",
    sentences={
        "invoices": INVOICE_SENTENCE,
        "asynchronous": "A synchronous call would make the new quantum pointless.",
    },
    place=Place("quanta.yaml", 5),
)


def card(name: str, title: str, why: str, *repair: str) -> RuleCard:
    return RuleCard(
        name=name,
        title=title,
        what=f"{title}.\n\nJudged at every site that publishes.",
        why=why,
        broken="channel.basic_publish(exchange, key, body)",
        kept="channel.basic_publish(exchange, key, body, BasicProperties(delivery_mode=2))",
        repair=repair,
        limits="A library that is not modelled is unresolved.",
        proves=(SOURCE, CONFIGURATION),
        refutes=(RUNTIME,),
    )


CARDS = {
    rule.name: rule
    for rule in (
        card(
            "message/persistent",
            "Messages survive a restart of the broker",
            "A durable queue keeps its name over a restart, not its messages: those not published as persistent\n"
            "are gone, and nobody is told.",
            "Publish with delivery mode 2, or declare the queue as a quorum queue.",
        ),
        card("message/durable", "The queue survives a restart of the broker", "A queue that is not durable is gone."),
        card(
            "quantum/synchronous-call",
            "No quantum waits for another",
            "Whoever waits for another quantum is as available as both together.",
            "Send a message and go on.",
        ),
        card("quantum/unresolved", "Nothing stays unresolved", "What is not seen cannot be judged."),
    )
}


def code(path: str, line: int, symbol: str, role: Role = Role.VIA, note: str = "") -> Evidence:
    return Evidence(SOURCE, role, Place(path, line, 9, symbol), note)


INVOICE_PATH = (
    code("src/shop/billing/payment_job.py", 41, "PaymentJob.run", Role.CALL),
    code("src/shop/messaging/amqp_adapter_with_a_very_long_module_name_for_this_test/publisher.py", 88, "publish"),
    code("src/shop/messaging/amqp.py", 90, "publish", note="basic_publish(...) without delivery_mode"),
)
EXCERPTS = {
    "src/shop/customer/surveys.py:9": ((9, "    channel.basic_publish('', 'survey', body)"),),
    str(INVOICE_PATH[0].place): (
        (40, "        invoice = self.issue(customer)"),
        (
            41,
            "        self.transport.publish('invoice', invoice.to_bytes(), priority=1, mandatory=True, timeout=30)",
        ),
        (42, ""),
    ),
    str(INVOICE_PATH[1].place): ((88, "    return self._channel.publish(message, routing_key=queue)"),),
    str(INVOICE_PATH[2].place): (
        (89, "    url = 'amqp://billing:s3cr3t@mq/'"),
        (90, "    channel.basic_publish('', queue, body)  # test card 4111 1111 1111 1111"),
    ),
}

INVOICE = Interaction(
    "invoice-issued",
    "billing",
    "customer",
    Style.MESSAGE,
    channel="invoice",
    carries=("invoice",),
    delivery=Delivery(durable=True, persistent=True),
    adr="ADR-5#invoices",
    because="No invoice may be missed.",
    place=Place("quanta.yaml", 31),
)
SURVEY = Interaction(
    "survey-submitted", "customer", "reporting", Style.MESSAGE, channel="survey", place=Place("quanta.yaml", 40)
)
TICKETS = Interaction("ticket-created", "customer", "sysops", Style.MESSAGE, place=Place("quanta.yaml", 50))

ARCHITECTURE = Architecture(
    "shop",
    quanta=(
        Quantum("customer", ("src/shop/customer",)),
        Quantum("billing", ("src/shop/billing",)),
        Quantum("reporting", ("src/shop/reporting",)),
        Quantum("sysops"),
    ),
    interactions=(INVOICE, SURVEY, TICKETS),
    adrs=(ADR_5,),
)

CROSSINGS = (
    Crossing(
        "billing",
        "customer",
        TargetKind.QUANTUM,
        "amqp",
        Communication.ASYNCHRONOUS,
        channel="invoice",
        durable=False,
        acknowledgement=Acknowledgement.AFTER,
        delivery={
            "store": Fact(True, "durable=True", (code("src/shop/customer/intake.py", 12, "main", Role.DECLARE),)),
            "persist": Fact(False, "no delivery_mode: transient is the default", (INVOICE_PATH[2],)),
        },
        receivers=(Receiver("customer", "invoice", False, Acknowledgement.AFTER),),
        evidence=(*INVOICE_PATH, code("src/shop/customer/intake.py", 20, "take_invoice", Role.CONSUMER)),
    ),
    Crossing(
        "customer",
        "billing",
        TargetKind.QUANTUM,
        "http",
        Communication.SYNCHRONOUS,
        address="http://user:hunter2@billing:8000/cards",
        resolution=(
            Clue(Step.ENVIRONMENT, "BILLING_URL=http://user:hunter2@billing:8000", Place("compose.yaml", 14)),
            Clue(Step.HOSTNAME, "billing is unit billing of billing", Place("compose.yaml", 30)),
        ),
        evidence=(code("src/shop/customer/cards.py", 17, "add_card", Role.CALL, "httpx.post(...)"),),
    ),
    Crossing(
        "customer",
        None,
        TargetKind.UNROUTED,
        "amqp",
        Communication.ASYNCHRONOUS,
        channel="survey",
        durable="unknown",
        acknowledgement=Acknowledgement.UNKNOWN,
        evidence=(code("src/shop/customer/surveys.py", 9, "submit", Role.CALL),),
    ),
)

COUPLING = CouplingMap(
    crossings=CROSSINGS,
    unresolved=(
        Unresolved("customer", "httpx.post", "The URL comes from a parameter that no caller closes.",
                   Place("src/shop/customer/tools.py", 7, symbol="send"), ("request",)),
    ),
    imports=(
        ImportEdge("reporting", "billing", "shop.billing.money", "importlib", Place("src/shop/reporting/sums.py", 3)),
    ),
    tables=(
        TableUse("billing", "invoices", "write", Place("src/shop/billing/store.py", 30), "billing"),
    ),
    data=(DataAtRest("customer", "pan", "column", "cards.card_number", Place("src/shop/customer/models.py", 22)),),
    serves=(Serve("billing", "http", "POST /cards", Place("src/shop/billing/api.py", 11)),),
    import_witness=("quantafit sees shop.reporting.sums import quantum billing; import-linter does not.",),
    import_witness_scope="import-linter looked at 17 modules of 3 quanta.",
    coverage=Coverage(
        examined={"customer": Examined(12, 80, 410), "billing": Examined(1, 30, 200), "reporting": Examined(4, 12, 60)},
        total=Examined(15, 110, 600),
        kinds=(SOURCE, CONFIGURATION),
        configuration_files=("deploy/compose.yaml", "deploy/definitions.json"),
        errors=(
            ExaminationError("reporting", "'(' was never closed.", Place("src/shop/reporting/old.py", 4)),
        ),
    ),
)  # fmt: skip


def subject(interaction: Interaction) -> Subject:
    return Subject("interaction", interaction.id, interaction.place, interaction.adr)


NOT_PERSISTENT = Finding(
    "message/persistent",
    subject(INVOICE),
    "The message is published as transient: it is lost when the broker restarts.",
    INVOICE_PATH[0].place,
    path=INVOICE_PATH,
    ways_out=("Give basic_publish the properties BasicProperties(delivery_mode=2).",),
    fingerprint="message/persistent:invoice-issued:PaymentJob.run",
)
WAITS = Finding(
    "quantum/synchronous-call",
    Subject("edge", "customer → billing"),
    "customer waits for billing: httpx.post to http://user:hunter2@billing:8000/cards.",
    CROSSINGS[1].site,
    path=CROSSINGS[1].path,
    fingerprint="quantum/synchronous-call:customer → billing:add_card",
)

JUDGEMENTS = (
    Judgement(
        "message/durable",
        subject(INVOICE),
        PASS,
        {SOURCE: PASS, CONFIGURATION: PASS},
        reason="durable=True, both kinds",
    ),
    Judgement(
        "message/persistent",
        subject(INVOICE),
        FAIL,
        {SOURCE: FAIL, CONFIGURATION: NOT_EVALUATED},
        (NOT_PERSISTENT,),
        adr="ADR-5#invoices",
        sentence=INVOICE_SENTENCE,
        origin=Origin.ADR,
    ),
    Judgement(
        "message/durable",
        subject(SURVEY),
        NOT_EVALUATED,
        {SOURCE: NOT_EVALUATED},
        reason="Nobody here receives survey (src/shop/customer/surveys.py:9).",
    ),
    Judgement(
        "message/persistent",
        subject(SURVEY),
        NOT_EVALUATED,
        {SOURCE: NOT_EVALUATED},
        reason="Nobody here receives survey (src/shop/customer/surveys.py:9).",
    ),
    Judgement("message/durable", subject(TICKETS), PASS, {SOURCE: PASS}),
    Judgement(
        "message/persistent",
        subject(TICKETS),
        WAIVED,
        {SOURCE: FAIL},
        reason="Until phase 2 (customer team, 2027-01-31).",
    ),
    Judgement(
        "quantum/synchronous-call",
        Subject("edge", "customer → billing"),
        FAIL,
        {SOURCE: FAIL},
        (WAITS,),
        adr="ADR-5#asynchronous",
        sentence="A synchronous call would make the new quantum pointless.",
        mode=Mode.WARN,
    ),
    Judgement("quantum/synchronous-call", Subject("edge", "billing → customer"), PASS, {SOURCE: PASS}),
    Judgement("quantum/unresolved", Subject("quantum", "billing"), PASS, {SOURCE: PASS}),
)


@pytest.fixture
def evaluation() -> Evaluation:
    """A failed gate: one failure, one waiver, one warning, two without a proof, four passed."""
    return Evaluation(ARCHITECTURE, COUPLING, JUDGEMENTS, CARDS, EXCERPTS, ("replica/read-only",))


@pytest.fixture
def passed_evaluation() -> Evaluation:
    """A gate that is passed, with nothing but passes."""
    kept = tuple(judgement for judgement in JUDGEMENTS if judgement.verdict is PASS)
    return Evaluation(ARCHITECTURE, CouplingMap(coverage=COUPLING.coverage), kept, CARDS)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` holds a text against ``golden/NAME``; UPDATE_GOLDEN=1 writes the file instead."""

    def hold(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"There is no {path}; run again with UPDATE_GOLDEN=1 and review it."
        assert text == path.read_text(encoding="utf-8")

    return hold
