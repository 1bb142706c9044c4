"""quantum/missing-interaction: what is declared is observed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from builders import (
    architecture,
    call,
    coverage,
    crossing,
    error,
    interaction,
    judgements,
    observed,
    place,
    quantum,
    receiver,
    seen,
    unresolved,
)

from quantafit.model import (
    Crossing,
    EvidenceKind,
    Interaction,
    Judgement,
    Mode,
    Replication,
    Style,
    TableUse,
    Verdict,
)

RULE = "quantum/missing-interaction"
NAME = "customer-billing"


def judged(declared: Interaction, *crossings: Crossing, **changes: object) -> Judgement:
    return judgements(RULE, architecture(interactions=(declared,)), observed(*crossings, **changes))[NAME]


def test_an_interaction_that_no_code_has_fails_at_its_line_of_the_declaration() -> None:
    judgement = judged(interaction(channel="cards"))
    assert judgement.verdict is Verdict.FAIL
    (finding,) = judgement.findings
    assert str(finding.place) == "quanta.yaml:12"
    assert finding.message == "customer → billing (message on 'cards') is declared, and no code does it"


def test_an_observed_interaction_passes_on_the_evidence_that_shows_it() -> None:
    judgement = judged(interaction(channel="cards"), crossing())
    assert judgement.verdict is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.CONFIGURATION] is Verdict.NOT_EVALUATED
    assert "customer/cards.py:7" in judgement.reason


@pytest.mark.parametrize(
    "other",
    [
        crossing("billing", "customer"),
        crossing(channel="invoices"),
        call(),
        crossing(mechanism="import", channel=None),
        crossing(mechanism="database", channel=None),
    ],
    ids=["direction", "channel", "call", "import", "database"],
)
def test_something_else_between_the_two_is_not_it(other: Crossing) -> None:
    assert judged(interaction(channel="cards"), other).verdict is Verdict.FAIL


def test_the_declared_channel_may_be_the_receivers_queue() -> None:
    sent = crossing(channel="payments", receivers=(receiver(),))
    assert judged(interaction(channel="cards"), sent).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("declared", "crossed"),
    [
        (interaction(style=Style.CALL), call()),
        (interaction(style=Style.FILE), crossing(mechanism="sftp", channel=None)),
        (
            interaction(style=Style.REPLICATION, replication=Replication("contract")),
            crossing(mechanism="database", channel=None, operation="write", tables=("public.contract",)),
        ),
    ],
)
def test_each_style_has_its_own_mechanisms(declared: Interaction, crossed: Crossing) -> None:
    assert judged(declared, crossed).verdict is Verdict.PASS


def test_a_replication_is_shown_by_a_write_into_the_replica() -> None:
    declared = interaction(style=Style.REPLICATION, replication=Replication("contract"))
    write = TableUse("customer", "contract", "write", place(), "billing")
    assert judged(declared, tables=(write,)).verdict is Verdict.PASS
    read = TableUse("customer", "contract", "read", place(), "billing")
    assert judged(declared, tables=(read,)).verdict is Verdict.FAIL


def test_a_replication_is_not_shown_by_reading() -> None:
    declared = interaction(style=Style.REPLICATION, replication=Replication("contract"))
    read = crossing(mechanism="database", channel=None, operation="read", tables=("contract",))
    assert judged(declared, read).verdict is Verdict.FAIL


def test_native_replication_is_not_visible_in_code() -> None:
    declared = interaction(style=Style.REPLICATION, replication=Replication("contract", "native"))
    assert judged(declared).verdict is Verdict.NOT_EVALUATED


def test_a_guessed_target_proves_nothing() -> None:
    assert judged(interaction(), crossing(confidence="low")).verdict is Verdict.NOT_EVALUATED


def test_a_channel_that_cannot_be_told_leaves_it_open() -> None:
    assert judged(interaction(channel="cards"), crossing(channel=None)).verdict is Verdict.NOT_EVALUATED


def test_an_unresolved_publish_may_be_the_missing_one() -> None:
    assert judged(interaction(), unresolved=(unresolved("customer", "publish"),)).verdict is Verdict.NOT_EVALUATED


def test_a_sender_that_could_not_be_read_is_an_error_not_a_missing_interaction() -> None:
    covered = coverage("customer", "billing", errors=(error("customer"),))
    assert judged(interaction(), coverage=covered).verdict is Verdict.ERROR


def test_a_sender_without_a_receiver_says_which_end_is_missing() -> None:
    (finding,) = judged(interaction(channel="cards"), crossing(target=None)).findings
    assert finding.message == "customer sends on 'cards' at customer/cards.py:7, and no code of billing receives it"


def test_a_receiver_without_a_sender_says_which_end_is_missing() -> None:
    (finding,) = judged(interaction(channel="cards"), consumers=(receiver(),)).findings
    assert finding.message == "billing consumes on 'cards', and no code of customer sends it"


class TestAnEndWhoseCodeIsNotHere:
    def judged(self, names: tuple[str, str], *crossings: Crossing) -> Judgement:
        quanta = [quantum(name, source=(name,) if name in names else ()) for name in ("customer", "billing")]
        declared = architecture(*quanta, interactions=(interaction(channel="cards"),))
        found: Mapping[str, Judgement] = judgements(RULE, declared, observed(*crossings, coverage=coverage(*names)))
        return found[NAME]

    def test_as_the_sender_is_not_evaluated_and_warns(self) -> None:
        judgement = self.judged(("billing",))  # type: ignore[arg-type]
        assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)

    def test_as_the_receiver_is_not_evaluated_where_it_is_sent(self) -> None:
        judgement = self.judged(("customer",), crossing(target=None))  # type: ignore[arg-type]
        assert (judgement.verdict, judgement.mode) == (Verdict.NOT_EVALUATED, Mode.WARN)

    def test_as_the_receiver_does_not_excuse_a_sender_that_sends_nothing(self) -> None:
        assert self.judged(("customer",)).verdict is Verdict.FAIL  # type: ignore[arg-type]


def test_configuration_alone_can_show_an_interaction() -> None:
    bound = crossing(evidence=(seen(place(), kind=EvidenceKind.CONFIGURATION),))
    judgement = judged(interaction(), bound)
    assert judgement.by_kind[EvidenceKind.CONFIGURATION] is Verdict.PASS
    assert judgement.by_kind[EvidenceKind.SOURCE] is Verdict.NOT_EVALUATED
