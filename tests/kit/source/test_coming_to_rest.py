"""Values that a program makes from themselves come to rest, and nothing that was known before is lost on the way."""

from __future__ import annotations

import pytest
from source_trees import customer, see

RESTLESS = {
    "a module's own names among its names": """
        import requests

        _globals = globals()

        def go():
            return requests.get("http://billing/invoices")  # SITE
        """,
    "a retry that calls itself": """
        import requests

        def send(path, attempt=0):
            try:
                return requests.get(f"http://billing/{path}")  # SITE
            except OSError:
                if attempt < 3:
                    return send(path, attempt + 1)
                return None

        def go():
            return send("invoices")
        """,
    "two functions that call each other": """
        import requests

        def first(path, n):
            requests.get(f"http://billing/{path}")  # SITE
            return second(path, n + 1)

        def second(path, n):
            return first(path + "/", n + 1) if n < 9 else None
        """,
    "a sum in a mapping": """
        import requests

        totals = {"sum": 0}

        def go():
            for one in requests.get("http://billing/invoices").json():  # SITE
                totals["sum"] += one["amount"]
                totals["sum"] = totals["sum"] + one["tax"]
            return totals
        """,
    "an attribute that is wrapped again": """
        import mystery
        import requests

        class Model:
            def __init__(self, device):
                self.model = mystery.load("model")

            def move(self, device):
                self.model = self.model.to(device)
                return requests.get("http://billing/invoices")  # SITE

        def go(device):
            return Model(device).move(device)
        """,
    "a global that grows": """
        import requests

        count = 0

        def go(order):
            global count
            count = count + order.quantity
            return requests.get("http://billing/invoices")  # SITE
        """,
    "a query that many filters narrow": """
        import requests

        def go(query, request):
            """
    + "".join(
        f"""
            if request.has("{name}"):
                query = query.filter({name}=request.get("{name}"))"""
        for name in "abcdefgh"
    )
    + """
            chosen = [one for one in query]
            return requests.get("http://billing/invoices"), chosen  # SITE
        """,
}


@pytest.mark.parametrize("code", RESTLESS.values(), ids=RESTLESS.keys())
def test_the_rounds_end_by_themselves(code: str) -> None:
    seen = customer(code)
    assert seen.sites() == seen.marked()
    assert not [one for one in seen.unresolved() if "still change" in one.why]


def test_a_module_in_its_own_names_still_gives_them() -> None:
    """What ``globals()`` holds is found under its name, also where the mapping has a name itself."""
    seen = customer(
        """
        import requests

        BILLING = "http://billing"
        _globals = globals()

        def go(name):
            return requests.get(_globals["BILLING"] + "/invoices")  # SITE
        """
    )
    assert seen.sites() == seen.marked()


def test_what_is_set_among_a_modules_names_is_found_there() -> None:
    seen = customer(
        """
        import requests

        globals()["URL"] = "http://billing"

        def go():
            return requests.get(globals()["URL"])  # SITE
        """
    )
    assert seen.sites() == seen.marked()


def test_addresses_past_the_bound_are_not_taken_for_the_last_one() -> None:
    """Seventeen addresses are more than are followed: the eighteenth must not look like the only one."""
    hosts = [*(f"http://other-{number}.example.com" for number in range(17)), "http://billing"]
    lines = [*(f"URL = '{host}'" for host in hosts), "def go():", "    return requests.get(URL)"]
    seen = see({"customer/app.py": "import requests\n" + "\n".join(lines)})
    assert seen.unresolved("request") or len(seen.crossings()) == 18
