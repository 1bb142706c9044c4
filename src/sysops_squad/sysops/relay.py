"""The process that carries the messages of sysops from its outbox to the queues.

With `--resend-expired` it only puts back the messages that were too old to be sent, and ends.
"""

import argparse
from contextlib import aclosing

from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.relay import Relay
from sysops_squad.plumbing.settings import load_settings
from sysops_squad.plumbing.transport import open_transport
from sysops_squad.sysops.bootstrap import open_sysops_sessions, outbox_for
from sysops_squad.sysops.settings import SysopsSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resend-expired", action="store_true")
    options = parser.parse_args()
    settings = load_settings(SysopsSettings)
    sessions = open_sysops_sessions(settings)

    if options.resend_expired:
        with sessions() as session, session.begin():
            print(f"{outbox_for(settings).resend_expired(session)} messages wait to be sent again")
        return

    async def work() -> None:
        async with aclosing(open_transport(settings.messaging_url)) as transport:
            await Relay(sessions, transport, poll=settings.relay_poll_seconds).run()

    run_worker("sysops.relay", work)


if __name__ == "__main__":
    main()
