"""Twins of ``quantum/synchronous-call``: the customer waits for another quantum, plainly or by detours."""

from twinning import CUSTOMER, PLUMBING, Fails, LookAlike, Twin, after, before, new_file, replace

RULE = "quantum/synchronous-call"
CARDS = f"{CUSTOMER}/cards.py"
TICKETS = f"{CUSTOMER}/tickets.py"
API = f"{CUSTOMER}/api.py"
AMQP = f"{PLUMBING}/amqp.py"

IMPORT_OF_FASTAPI = "from fastapi import Depends, FastAPI, Request\n"
IMPORTS_OF_CARDS = "from sqlalchemy.orm import Session\n"
ADDING_A_CARD = '        """Replace the customer\'s card."""\n'

BILLING_CLIENT = '''
"""Billing's API, as the customer quantum sees it."""

import httpx


class BillingClient:
    """Posts cards to billing."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def check(self, customer_id: str) -> None:
        self._client.post("/cards", json={"customer_id": customer_id}).raise_for_status()
'''

ASKING_BY_ITERATOR = '''    async def ask(self, queue: str, body: bytes) -> bytes:
        """Send a question and wait for its answer."""
        channel = await self._publishing_channel(queue)
        answers = await channel.declare_queue(exclusive=True)
        question = aio_pika.Message(body, reply_to=answers.name, delivery_mode=DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(question, routing_key=queue, mandatory=True)
        async with answers.iterator() as incoming:
            async for answer in incoming:
                await answer.ack()
                return answer.body
        raise TransportError("no answer")

'''

ASKING_BY_FUTURE = '''    async def ask(self, queue: str, body: bytes) -> bytes:
        """Send a question and wait for its answer."""
        channel = await self._publishing_channel(queue)
        answers = await channel.declare_queue(exclusive=True)
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def take(answer: AbstractIncomingMessage) -> None:
            answered.set_result(answer.body)

        await answers.consume(take, no_ack=True)
        question = aio_pika.Message(
            body, reply_to=answers.name, correlation_id="1", delivery_mode=DeliveryMode.PERSISTENT
        )
        await channel.default_exchange.publish(question, routing_key=queue, mandatory=True)
        return await answered

'''

ASKED = ((AMQP, "publish(question"),)

TICKET_CHECK = '''
"""Asks sysops how a ticket stands."""

from sysops_squad.customer.messages import TICKET_CREATED
from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.amqp import AmqpTransport
from sysops_squad.plumbing.processes import run_worker
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    settings = load_settings(CustomerSettings)
    transport = AmqpTransport(settings.messaging_url)

    async def work() -> None:
        print(await transport.ask(TICKET_CREATED, b"how many?"))

    run_worker("customer.ticket_check", work)


if __name__ == "__main__":
    main()
'''

TWINS = (
    Twin(
        "the customer quantum posts to billing with httpx",
        (
            before(CARDS, IMPORTS_OF_CARDS, "import httpx\n"),
            after(
                CARDS,
                ADDING_A_CARD,
                '        httpx.post("http://billing-api:8000/cards", json={"customer_id": customer_id})\n',
            ),
        ),
        (Fails(RULE, "customer → billing", CARDS, "httpx.post("),),
    ),
    Twin(
        "the customer quantum reads sysops' tickets over HTTP",
        (
            before(TICKETS, "from sqlalchemy import select\n", "import requests\n"),
            before(
                TICKETS,
                "        with self._sessions() as session:\n            return ticket_of(",
                '        requests.get(f"http://sysops-api:8000/tickets/{ticket_id}", timeout=5)\n',
            ),
        ),
        (Fails(RULE, "customer → sysops", TICKETS, "requests.get("),),
    ),
    Twin(
        "a helper in the plumbing posts to the host that the customer quantum names",
        (
            new_file(
                f"{PLUMBING}/telling.py",
                '''
"""Telling another part of the system."""

import httpx


def tell(host: str, path: str, body: dict[str, str]) -> None:
    """Post to a part of the system."""
    with httpx.Client(base_url=f"http://{host}:8000") as client:
        client.post(path, json=body).raise_for_status()
''',
            ),
            after(CARDS, IMPORTS_OF_CARDS, "from sysops_squad.plumbing.telling import tell\n"),
            after(CARDS, ADDING_A_CARD, '        tell("billing-api", "/cards", {"customer_id": customer_id})\n'),
        ),
        (
            Fails(
                RULE,
                "customer → billing",
                CARDS,
                'tell("billing-api"',
                through=((f"{PLUMBING}/telling.py", "client.post("),),
            ),
        ),
    ),
    Twin(
        "a client is handed to the desk by its constructor",
        (
            new_file(f"{CUSTOMER}/billing_client.py", BILLING_CLIENT),
            after(CARDS, IMPORTS_OF_CARDS, "from sysops_squad.customer.billing_client import BillingClient\n"),
            replace(
                CARDS,
                "sealer: CardSealer) -> None:\n",
                "sealer: CardSealer, billing: BillingClient) -> None:\n        self._billing = billing\n",
            ),
            after(CARDS, ADDING_A_CARD, "        self._billing.check(customer_id)\n"),
            before(API, IMPORT_OF_FASTAPI, "import httpx\n"),
            after(API, IMPORT_OF_FASTAPI, "from sysops_squad.customer.billing_client import BillingClient\n"),
            replace(
                API,
                "CardDesk(sessions, outbox, sealer)",
                'CardDesk(sessions, outbox, sealer, BillingClient(httpx.Client(base_url="http://billing-api:8000")))',
            ),
        ),
        (Fails(RULE, "customer → billing", f"{CUSTOMER}/billing_client.py", "self._client.post("),),
    ),
    Twin(
        "a client is injected into the route by the framework",
        (
            new_file(f"{CUSTOMER}/billing_client.py", BILLING_CLIENT),
            replace(
                API,
                IMPORT_OF_FASTAPI,
                f"import httpx\n{IMPORT_OF_FASTAPI}from sysops_squad.customer.billing_client import BillingClient\n",
            ),
            before(
                API,
                "def _add_cards(app",
                "def billing_client() -> BillingClient:\n"
                '    return BillingClient(httpx.Client(base_url="http://billing-api:8000"))\n\n\n',
            ),
            replace(
                API,
                "def add_card(customer_id: OwnCustomer, card: NewCard) -> CardView:\n",
                "def add_card(\n"
                "        customer_id: OwnCustomer, card: NewCard, billing: BillingClient = Depends(billing_client)\n"
                "    ) -> CardView:\n"
                "        billing.check(customer_id)\n",
            ),
        ),
        (Fails(RULE, "customer → billing", f"{CUSTOMER}/billing_client.py", "self._client.post("),),
    ),
    Twin(
        "the address of billing stands in the deployment only",
        (
            after(f"{CUSTOMER}/settings.py", "    port: int = 8001\n", '    accounts_url: str = ""\n'),
            after(
                "deploy/compose.yaml",
                "  environment: &customer-environment\n",
                "    CUSTOMER_ACCOUNTS_URL: http://billing-api:8000\n",
            ),
            new_file(
                f"{CUSTOMER}/reminder.py",
                '''
"""Reminds customers of open invoices."""

import urllib.request

from sysops_squad.customer.settings import CustomerSettings
from sysops_squad.plumbing.settings import load_settings


def main() -> None:
    settings = load_settings(CustomerSettings)
    with urllib.request.urlopen(f"{settings.accounts_url}/accounts") as answer:
        print(answer.status)


if __name__ == "__main__":
    main()
''',
            ),
        ),
        (Fails(RULE, "customer → billing", f"{CUSTOMER}/reminder.py", "urlopen("),),
    ),
    Twin(
        "the customer quantum asks sysops over the queue, and reads the queue of the answers",
        (
            before(AMQP, "    async def consume(self, queue: str, handler: Handler) -> None:\n", ASKING_BY_ITERATOR),
            new_file(f"{CUSTOMER}/ticket_check.py", TICKET_CHECK),
        ),
        (Fails(RULE, "customer → sysops", f"{CUSTOMER}/ticket_check.py", "transport.ask(", through=ASKED),),
    ),
    Twin(
        "the customer quantum asks sysops over the queue, and awaits a future that a callback fills",
        (
            before(AMQP, "    async def consume(self, queue: str, handler: Handler) -> None:\n", ASKING_BY_FUTURE),
            new_file(f"{CUSTOMER}/ticket_check.py", TICKET_CHECK),
        ),
        (Fails(RULE, "customer → sysops", f"{CUSTOMER}/ticket_check.py", "transport.ask(", through=ASKED),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the customer quantum asks its own API",
        (
            before(CARDS, IMPORTS_OF_CARDS, "import httpx\n"),
            after(CARDS, ADDING_A_CARD, '        httpx.get("http://customer-api:8000/health")\n'),
        ),
    ),
    LookAlike(
        "the customer quantum asks somebody who is no part of the system",
        (
            before(CARDS, IMPORTS_OF_CARDS, "import httpx\n"),
            after(CARDS, ADDING_A_CARD, '        httpx.get("https://api.postcodes.io/postcodes/10115")\n'),
            after("quanta.yaml", "platform: rabbitmq\n", "external: api.postcodes.io\n"),
        ),
    ),
    LookAlike(
        "the word billing stands in the path of an external address",
        (
            before(CARDS, IMPORTS_OF_CARDS, "import httpx\n"),
            after(CARDS, ADDING_A_CARD, '        httpx.get("https://status.example.org/billing-api/8000")\n'),
            after("quanta.yaml", "platform: rabbitmq\n", "external: status.example.org\n"),
        ),
    ),
    LookAlike(
        "a helper of the plumbing could call billing, and nobody calls the helper",
        (
            new_file(
                f"{PLUMBING}/telling.py",
                '''
"""Telling another part of the system."""

import httpx


def tell(host: str, body: dict[str, str]) -> None:
    """Post to a part of the system."""
    httpx.post(f"http://{host}:8000/", json=body).raise_for_status()
''',
            ),
        ),
    ),
    LookAlike(
        "billing is named in a log line and in a comment that shows a call",
        (
            after(
                CARDS,
                ADDING_A_CARD,
                '        # not httpx.post("http://billing-api:8000/cards"): see ADR-5\n'
                '        print("the card goes to http://billing-api:8000/cards")\n',
            ),
        ),
    ),
)
