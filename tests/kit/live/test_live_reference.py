"""The reference implementation on a running broker, loaded with the definitions that its deployment mounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from live_shop import Shop

from quantafit.model import EvidenceKind
from quantafit.testing import examine

ROOT = Path(__file__).parents[3]
MESSAGES = ("billing-info", "ticket-created", "survey-submitted", "invoice-issued", "ticket-status")

pytestmark = pytest.mark.rabbitmq


def test_its_definitions_make_a_broker_on_which_every_message_is_durable_and_set_aside(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    definitions = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text())
    topology = {key: definitions[key] for key in ("exchanges", "queues", "bindings")}
    shop.api("POST", "/api/definitions", topology)
    url = shop.rabbitmq.management_url().replace("://", "://guest:guest@")
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", url)

    evaluation = examine(ROOT, live=True).evaluation

    for rule in ("message/durable", "message/dead-letter", "evidence/contradiction"):
        said = {j.subject.name: j for j in evaluation.judgements if j.rule == rule and j.subject.name in MESSAGES}
        assert set(said) == set(MESSAGES)
        assert {(j.verdict, j.by_kind[EvidenceKind.RUNTIME]) for j in said.values()} == {("pass", "pass")}
    for rule in ("message/persistent", "message/confirmed", "message/acknowledged-after-work"):
        said = {j.subject.name: j for j in evaluation.judgements if j.rule == rule}
        assert {(j.verdict, j.by_kind[EvidenceKind.RUNTIME]) for j in said.values()} == {("pass", "not_evaluated")}
