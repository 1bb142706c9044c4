"""The process that receives billing info: chosen plans and sealed cards."""

import asyncio
from contextlib import aclosing

from sqlalchemy.orm import Session

from sysops_squad.billing.bootstrap import open_billing_sessions
from sysops_squad.billing.messages import BILLING_INFO, BillingInfo, Plan, SealedCard
from sysops_squad.billing.models import Account
from sysops_squad.billing.settings import IntakeSettings
from sysops_squad.billing.unsealing import CardOpener, CardUnreadableError
from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.key_files import KeyFileError
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import Message, RejectedError, open_transport


class BillingIntake:
    """Keeps accounts up to date. A sealed card is opened once, to prove that it can be, and kept sealed."""

    def __init__(self, inbox: Inbox, opener: CardOpener) -> None:
        self._inbox = inbox
        self._opener = opener

    async def take_billing_info(self, message: Message) -> None:
        info = BillingInfo.model_validate_json(message.body)
        if info.card is not None:
            self._prove_readable(info.customer_id, info.card)
        await asyncio.to_thread(self._inbox.apply, message, lambda session: update_account(session, info))

    def _prove_readable(self, customer_id: str, card: SealedCard) -> None:
        try:
            self._opener.open(customer_id, card.jwe)
        except CardUnreadableError as error:
            raise RejectedError(str(error)) from error


def update_account(session: Session, info: BillingInfo) -> None:
    """Apply billing info; of two messages about the same thing the later one wins, whichever comes last."""
    account = session.get(Account, info.customer_id)
    if account is None:
        account = Account(customer_id=info.customer_id)
        session.add(account)
    if info.plan is not None:
        _change_plan(account, info.plan)
    if info.card is not None:
        _change_card(account, info.card)


def _change_plan(account: Account, plan: Plan) -> None:
    if account.plan_chosen_at is not None and plan.chosen_at <= account.plan_chosen_at:
        return
    account.plan_code = plan.code
    account.monthly_price_cents = plan.monthly_price_cents
    account.currency = plan.currency
    account.plan_chosen_at = plan.chosen_at


def _change_card(account: Account, card: SealedCard) -> None:
    if account.card_added_at is not None and card.added_at <= account.card_added_at:
        return
    account.sealed_card = card.jwe
    account.card_last_four = card.last_four
    account.card_added_at = card.added_at


def main() -> None:
    settings = load_settings(IntakeSettings)
    try:
        opener = CardOpener.from_file(settings.private_keys_file)
    except KeyFileError as error:
        raise SystemExit(str(error)) from None
    intake = BillingIntake(Inbox(open_billing_sessions(settings)), opener)

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await transport.consume(BILLING_INFO, intake.take_billing_info)

    run_worker("billing.intake", work)


if __name__ == "__main__":
    main()
