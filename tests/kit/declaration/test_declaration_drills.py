"""The section ``drills``: what it means, and what is said where it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quantafit.model import Act, Architecture, PartKind, Proof, digest_of

HEAD = "schema: quanta/1\nsystem: s\nquanta: {shop: {source: src/shop}, bill: {source: src/bill}}\n"
LINK = "interactions: [{from: bill, to: shop, style: message, channel: invoices}]\n"
PARTS = """\
drills:
  parts:
    shop-api: {quantum: shop, run: ["{python}", -m, shop.api], ready: {port: "{port:shop}"}}
    bill-job: {quantum: bill, run: ["{python}", -m, bill.job], ready: {line: ready}, starting: 1m}
    broker:
      kind: broker
      commands: {kill: [docker, compose, kill, "{part}"], start: [docker, compose, start, "{part}"]}
      proxy: {listen: "{port:queue}", to: "127.0.0.1:5672"}
  workloads: {invoices: [python, send.py, -v, -v, --seed, "{seed}"]}
  probes: {mails: [python, mails.py]}
  experiments:
    safe:
      proves: loss
      interaction: invoices
      within: 1m30s
      steps:
      - kill: [shop, broker]
      - drive: invoices
        meanwhile: [{start: broker}]
      - {slow: broker, by: 200ms}
      - wait: 1.5s
      - {start: all, within: 10s}
      - {count: mails, within: 20s, settle: 2s}
"""
WHOLE = HEAD + LINK + PARTS


def test_the_whole_section_is_read(read: Callable[..., Architecture]) -> None:
    drills = read(WHOLE).drills
    shop, job, broker = drills.parts
    assert shop.run == ("{python}", "-m", "shop.api")
    assert (job.quantum, job.ready.line, job.starting) == ("bill", "ready", 60.0)
    assert (broker.kind, broker.commands["kill"][-1]) == (PartKind.BROKER, "{part}")
    assert drills.workloads["invoices"].count("-v") == 2
    (drill,) = drills.experiments
    assert (drill.proves, drill.interaction, drill.within) == (Proof.LOSS, "invoices", 90.0)
    assert [(step.act, step.targets, step.seconds) for step in drill.steps] == [
        (Act.KILL, ("shop-api", "broker"), None),
        (Act.DRIVE, ("invoices",), None),
        (Act.SLOW, ("broker",), 0.2),
        (Act.WAIT, (), 1.5),
        (Act.START, ("shop-api", "bill-job", "broker"), 10.0),
        (Act.COUNT, ("mails",), 20.0),
    ]
    assert drill.steps[1].meanwhile[0].targets == ("broker",)
    assert drill.steps[0].place.line == 21


def test_others_are_the_parts_of_all_other_quanta(read: Callable[..., Architecture]) -> None:
    text = WHOLE.replace("proves: loss", "proves: isolation").replace("interaction: invoices", "quantum: shop")
    text = text.replace("kill: [shop, broker]", "stop: others")
    assert read(text).drills.experiments[0].steps[0].targets == ("bill-job",)


def test_the_digest_stays_with_comments_and_lines_and_changes_with_a_step(read: Callable[..., Architecture]) -> None:
    digest = digest_of(read(WHOLE), "safe", "invoices")
    assert digest == digest_of(read("# a comment\n" + WHOLE), "safe", "invoices")
    for old, new in (("wait: 1.5s", "wait: 1s"), ("shop.api", "shop.web"), ("within: 1m30s", "within: 5m")):
        assert digest != digest_of(read(WHOLE.replace(old, new)), "safe", "invoices")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shop.api]", "'{prt:shop}']", "unknown placeholder '{prt:shop}'"),
        ("shop.api]", "'{seed}']", "unknown placeholder '{seed}'"),
        ("{quantum: bill,", "{quantum: bil,", "unknown quantum 'bil'\n    did you mean 'bill'?"),
        ("kill: [shop, broker]", "kill: [shop, brokr]", "unknown part 'brokr'\n    did you mean 'broker'?"),
        ("kill: [shop, broker]", "stop: broker", "nothing says how to stop broker"),
        ("kill: [shop, broker]", "pause: broker", "nothing says how to pause broker"),
        ("kill: [shop, broker]", "stop: others", "it needs a quantum"),
        ("{slow: broker, by: 200ms}", "{slow: broker}", "key 'by' is missing"),
        ("{slow: broker,", "{slow: shop-api,", "shop-api has no proxy"),
        ("- wait: 1.5s", "- {wait: 1.5s, count: mails}", "a step does one thing, not 2"),
        ("- wait: 1.5s", "- within: 5s", "a step does one thing, not 0"),
        ("- wait: 1.5s", "- {wait: 1.5s, settle: 2s}", "settle makes no sense with wait"),
        ("drive: invoices", "drive: invoces", "unknown workload 'invoces'\n    did you mean 'invoices'?"),
        ("count: mails", "count: mail", "unknown probe 'mail'\n    did you mean 'mails'?"),
        ("interaction: invoices", "quantum: shop", "loss is proved of one interaction"),
        ("interaction: invoices", "interaction: cards", "unknown interaction 'cards'"),
        ("proves: loss", "proves: staleness", "staleness is proved of an interaction with style: replication"),
        ("proves: loss", "proves: los", "did you mean 'loss'?"),
        ("within: 1m30s", "within: 90", "put it into quotes"),
        ("within: 1m30s", "within: soon", "it should be a duration such as 200ms, 30s or 1m30s"),
        ("ready: {line: ready}", "redy: {line: ready}", "did you mean 'ready'?"),
        ("kind: broker", "kind: broker\n      run: [x]", "part 'broker' has run and commands"),
        ('to: "127.0.0.1:5672"', "to: rabbit", "it should be HOST:PORT"),
        ("probes: {mails:", "probes: {invoices: [x], mails:", "'invoices' is a workload and a probe"),
        ("[python, mails.py]", "[]", "the command of 'mails' is empty"),
        ("[python, mails.py]", "python mails.py", "wants a list"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(complaint: Callable[..., str], old: str, new: str, said: str) -> None:
    assert old in WHOLE
    told = complaint(WHOLE.replace(old, new))
    assert said in told
    assert "quanta.yaml:" in told


def test_a_part_that_nothing_can_take_away_is_refused(complaint: Callable[..., str]) -> None:
    text = HEAD + "drills: {parts: {api: {quantum: shop}}, experiments: {}}"
    told = complaint(text)
    assert "nothing says how part 'api' is taken away" in told
    assert "drills.experiments is empty" in told
