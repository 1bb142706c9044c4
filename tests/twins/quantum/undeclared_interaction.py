"""Twins of ``quantum/undeclared-interaction``: something goes between quanta that quanta.yaml does not know."""

from twinning import CUSTOMER, REPORTING, SYSOPS, Fails, LookAlike, Twin, after, before, replace, without_delivery

RULE = "quantum/undeclared-interaction"
TICKETS = f"{CUSTOMER}/tickets.py"
INTAKE = f"{REPORTING}/intake.py"

WITHDRAWN = 'TICKET_SEEN = "ticket-seen"\n'

TICKET_STATUS = """  - id: ticket-status
    adr: ADR-2#ticket-status
    from: sysops
    to: customer
    style: message
    channel: ticket-status
    carries: ticket
    delivery: at_least_once
    because: not among the five ways of ADR-5, but customers could not follow their tickets without it

"""

TWINS = (
    Twin(
        "an interaction is removed from quanta.yaml",
        (replace("quanta.yaml", TICKET_STATUS, ""),),
        (Fails(RULE, "sysops → customer", f"{SYSOPS}/tickets.py", "self._outbox.add(session, TICKET_STATUS"),),
    ),
    Twin(
        "an interaction is declared for another channel",
        (replace("quanta.yaml", "channel: survey-submitted", "channel: survey-answered"),),
        (
            Fails(RULE, "customer → reporting", f"{CUSTOMER}/surveys.py", "self._outbox.add(session, SURVEY_SUBMITTED"),
            Fails("quantum/missing-interaction", "survey-submitted", "quanta.yaml", "- id: survey-submitted"),
        ),
        without_delivery("survey-submitted"),
    ),
    Twin(
        "tickets are told to reporting as well, by the declared transport and on a channel of their own",
        (
            before(f"{CUSTOMER}/messages.py", 'NOTIFICATION = "notification"', WITHDRAWN),
            before(f"{REPORTING}/messages.py", 'SURVEY_SUBMITTED = "survey-submitted"', WITHDRAWN),
            replace(TICKETS, "import TICKET_CREATED, ", "import TICKET_CREATED, TICKET_SEEN, "),
            after(
                TICKETS,
                "self._outbox.add(session, TICKET_CREATED, _created(ticket))\n",
                "            self._outbox.add(session, TICKET_SEEN, _created(ticket))\n",
            ),
            replace(INTAKE, "import SURVEY_SUBMITTED, ", "import SURVEY_SUBMITTED, TICKET_SEEN, "),
            after(
                INTAKE,
                "            await transport.consume(SURVEY_SUBMITTED, intake.take_survey)\n",
                "            await transport.consume(TICKET_SEEN, intake.take_survey)\n",
            ),
        ),
        (Fails(RULE, "customer → reporting", TICKETS, "session, TICKET_SEEN"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "a message stays inside the quantum",
        (
            replace(TICKETS, "import TICKET_CREATED, ", "import NOTIFICATION, TICKET_CREATED, Notification, "),
            after(
                TICKETS,
                "self._outbox.add(session, TICKET_CREATED, _created(ticket))\n",
                '            thanks = Notification(customer_id=customer_id, subject="Your ticket", text="Thank you.")\n'
                "            self._outbox.add(session, NOTIFICATION, thanks)\n",
            ),
        ),
    ),
    LookAlike(
        "a declared message is sent from a second place",
        (
            after(
                TICKETS,
                "self._outbox.add(session, TICKET_CREATED, _created(ticket))\n",
                "            self._outbox.add(session, TICKET_CREATED, _created(ticket))\n",
            ),
        ),
    ),
)
