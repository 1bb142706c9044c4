"""Twins of ``quantum/unresolved``: a call leaves the quantum, and nobody can say where to."""

from twinning import CUSTOMER, Fails, LookAlike, Twin, Unproven, after, before

RULE = "quantum/unresolved"
REGISTRATION = f"{CUSTOMER}/registration.py"
FIRST_IMPORT = "from sqlalchemy import select\n"
CHOOSING = '        """Choose a support contract and tell billing its price."""\n'
COULD_BE_IT = "a call that is not followed could go to any quantum"

TWINS = (
    Twin(
        "the customer quantum posts to an address that only a file knows",
        (
            before(REGISTRATION, FIRST_IMPORT, "import json\nfrom pathlib import Path\n\nimport httpx\n"),
            after(
                REGISTRATION,
                CHOOSING,
                '        hooks = json.loads(Path("/etc/squad/hooks.json").read_text())\n'
                '        httpx.post(hooks["contract"], json={"code": code})\n',
            ),
        ),
        (Fails(RULE, "customer", REGISTRATION, "httpx.post("),),
        tuple(
            Unproven("quantum/synchronous-call", f"customer → {other}", COULD_BE_IT)
            for other in ("billing", "reporting", "sysops")
        ),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "the address is put together from parts that are known",
        (
            before(REGISTRATION, FIRST_IMPORT, "import httpx\n"),
            after(
                REGISTRATION,
                CHOOSING,
                '        host = "customer-api"\n'
                '        httpx.get("/".join([f"http://{host}:8000", "support-contracts", code]))\n',
            ),
        ),
    ),
)
