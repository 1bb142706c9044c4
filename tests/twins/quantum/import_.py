"""Twins of ``quantum/import``: a quantum's code needs another quantum's code."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, after, before, new_file

RULE = "quantum/import"
INVOICES = f"{CUSTOMER}/invoices.py"
FIRST_IMPORT = "from sqlalchemy import select\n"
LAST_IMPORT = "from sysops_squad.plumbing.database import Sessions\n"

TWINS = (
    Twin(
        "the customer quantum imports a module of billing",
        (after(INVOICES, LAST_IMPORT, "from sysops_squad.billing.payment_job import current_month  # noqa\n"),),
        (Fails(RULE, "customer → billing", INVOICES, "sysops_squad.billing"),),
    ),
    Twin(
        "it imports it inside a function",
        (
            after(
                INVOICES,
                '    """Keep an invoice for its customer."""\n',
                "    from sysops_squad.billing import payment_job\n\n    payment_job.current_month()\n",
            ),
        ),
        (Fails(RULE, "customer → billing", INVOICES, "sysops_squad.billing"),),
    ),
    Twin(
        "it imports it by importlib",
        (
            before(INVOICES, FIRST_IMPORT, "import importlib\n\n"),
            after(
                INVOICES,
                '    """Keep an invoice for its customer."""\n',
                '    importlib.import_module("sysops_squad.billing.payment_job").current_month()\n',
            ),
        ),
        (Fails(RULE, "customer → billing", INVOICES, "sysops_squad.billing"),),
    ),
    Twin(
        "it imports it by importlib, from a name that a constant holds",
        (
            before(INVOICES, FIRST_IMPORT, "from importlib import import_module\n\n"),
            after(INVOICES, LAST_IMPORT, '\nMONTHS = "sysops_squad.billing.payment_job"\n'),
            after(
                INVOICES,
                '    """Keep an invoice for its customer."""\n',
                "    import_module(MONTHS).current_month()\n",
            ),
        ),
        (Fails(RULE, "customer → billing", INVOICES, "import_module(MONTHS)"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "a module of the customer quantum is called billing",
        (
            new_file(f"{CUSTOMER}/billing.py", '"""What the customer quantum calls billing."""\n\nFREE = 0\n'),
            after(INVOICES, LAST_IMPORT, "from sysops_squad.customer.billing import FREE  # noqa\n"),
        ),
    ),
    LookAlike(
        "a module of its own is imported by importlib",
        (
            before(INVOICES, FIRST_IMPORT, "import importlib\n\n"),
            after(
                INVOICES,
                '    """Keep an invoice for its customer."""\n',
                '    importlib.import_module("sysops_squad.customer.models")\n',
            ),
        ),
    ),
    LookAlike(
        "a module of billing is named in a text",
        (after(INVOICES, LAST_IMPORT, '\nSENDER = "sysops_squad.billing.payment_job"\n'),),
    ),
)
