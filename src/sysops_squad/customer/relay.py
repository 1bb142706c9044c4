"""The process that carries the customer's messages from its outbox to the queues."""

from contextlib import aclosing

from sysops_squad.customer.bootstrap import open_customer_sessions
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.relay import Relay
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import open_transport


def main() -> None:
    settings = load_settings(CustomerSettings)
    sessions = open_customer_sessions(settings)

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await Relay(sessions, transport, poll=settings.relay_poll_seconds).run()

    run_worker("customer.relay", work)


if __name__ == "__main__":
    main()
