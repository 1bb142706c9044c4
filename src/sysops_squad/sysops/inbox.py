"""The process that receives new tickets."""

import asyncio
from contextlib import aclosing

from sysops_squad.plumbing.inbox import Inbox
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import Message, open_transport
from sysops_squad.sysops.bootstrap import open_sysops_sessions
from sysops_squad.sysops.messages import TICKET_CREATED, TicketCreated
from sysops_squad.sysops.settings import SysopsSettings
from sysops_squad.sysops.tickets import take_in


class TicketIntake:
    """Takes in each ticket once."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def take_ticket(self, message: Message) -> None:
        created = TicketCreated.model_validate_json(message.body)
        await asyncio.to_thread(self._inbox.apply, message, lambda session: take_in(session, created))


def main() -> None:
    settings = load_settings(SysopsSettings)
    intake = TicketIntake(Inbox(open_sysops_sessions(settings)))

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await transport.consume(TICKET_CREATED, intake.take_ticket)

    run_worker("sysops.inbox", work)


if __name__ == "__main__":
    main()
