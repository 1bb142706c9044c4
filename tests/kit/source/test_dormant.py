"""Calls in functions that no code names: listed apart, judged all the same."""

from __future__ import annotations

import json
import textwrap

import pytest
from source_trees import Seen, see

from quantafit.report.observed import render_observed

CLIENT = """
    import requests

    class BillingClient:
        base = "http://billing"

        def invoices(self):
            return requests.get(self.base + "/invoices")  # LIVE

        def refund(self, number):
            return requests.post(f"{self.base}/refunds/{number}")  # DORMANT

        def refund_all(self):
            return requests.delete(self.base + "/refunds") and self.refund_all()  # DORMANT
"""
USER = """
    from billing_client import BillingClient

    def index():
        return BillingClient().invoices()
"""


def tree(client: str = CLIENT, user: str = USER) -> Seen:
    return see({"customer/billing_client.py": client, "customer/views.py": user})


def dormant(seen: Seen) -> set[str]:
    return {str(one.site) for one in seen.crossings() if one.dormant}


def test_methods_of_a_used_class_that_nobody_names_are_dormant() -> None:
    seen = tree()
    assert dormant(seen) == seen.marked("DORMANT")
    assert seen.sites() == seen.marked("DORMANT") | seen.marked("LIVE")


def test_the_document_lists_them_apart() -> None:
    document = json.loads(render_observed(tree().map))
    assert [one["evidence"][0]["line"] for one in document["interactions"]] == [7]
    assert sorted(one["evidence"][0]["line"] for one in document["dormant"]) == [10, 13]


def test_a_function_that_only_dormant_functions_name_is_dormant() -> None:
    client = CLIENT + "\n        def audit(self):\n            return self.refund(1)\n"
    assert dormant(tree(client)) == tree(client).marked("DORMANT")


def test_a_plain_function_is_dormant_where_its_module_is_used_and_it_is_not() -> None:
    seen = see(
        {
            "customer/products.py": """
                import requests

                def all_products():
                    return requests.get("http://billing/products")

                def search(query):
                    return requests.get("http://billing/search")  # DORMANT
                """,
            "customer/views.py": "from products import all_products\n\ndef index():\n    return all_products()\n",
        }
    )
    assert dormant(seen) == seen.marked("DORMANT")


SERVED = """
    import flask, requests

    app = flask.Flask(__name__)

    @app.get("/")
    def index():
        return requests.get("http://billing/")  # LIVE

    def verify(token):
        return requests.get("http://billing/tokens")  # DORMANT
"""
PROGRAM = """
    import requests

    def work():
        return requests.get("http://billing/")  # LIVE

    def verify(token):
        return requests.get("http://billing/tokens")  # DORMANT

    if __name__ == "__main__":
        work()
"""


@pytest.mark.parametrize("text", [SERVED, PROGRAM])
def test_in_a_file_that_is_begun_from_a_plain_function_that_nobody_names_is_dormant(text: str) -> None:
    """A library is told the others, or the file starts them."""
    seen = see({"customer/main.py": text})
    assert dormant(seen) == seen.marked("DORMANT")
    called = see({"customer/main.py": text + "\n    verify(1)\n"})
    assert called.sites() == called.marked("DORMANT") | called.marked("LIVE")
    assert not dormant(called)


def test_a_file_that_nothing_leads_to_may_be_one_that_something_outside_takes_functions_from() -> None:
    """A cloud's function, a hook of a server: named in a configuration that is not read."""
    seen = see({"customer/main.py": PROGRAM.partition("    if __name__")[0]})
    assert seen.sites()
    assert not dormant(seen)


ASKING = """
    import requests

    def ask(url):
        return requests.get("http://billing/asked")  # ASKED

    def tell(url):
        return requests.get("http://billing/told")
"""


@pytest.mark.parametrize(
    ("user", "asleep"),
    [
        (
            "import flask\nfrom asking import ask, tell\n\n@flask.Flask('a').get('/')\ndef index():\n    tell(1)\n",
            True,
        ),
        ("from asking import ask, tell\n\ndef index():\n    tell(1)\n", False),
        ("from asking import ask as question, tell\n\ndef index():\n    question(1), tell(1)\n", False),
        ("from asking import ask, tell\n\n__all__ = ['ask']\ndef index():\n    tell(1)\n", False),
    ],
    ids=["imported only", "imported only, where nothing leads to", "by another name", "handed on"],
)
def test_what_is_only_imported_is_not_called(user: str, asleep: bool) -> None:
    """A file that nothing leads to may hand on what it imports."""
    seen = see({"customer/asking.py": ASKING, "customer/views.py": user})
    assert dormant(seen) == (seen.marked("ASKED") if asleep else set())


LOOKUPS = {
    "in a module": ("import asking", "getattr(asking, k)(1)", False),
    "in a module, by part of the name": ("import asking", "getattr(asking, 'a' + 'sk' + k)(1)", False),
    "in a module, by part of another name": ("import asking", "getattr(asking, 'tell' + k)(1)", True),
    "in a module of a package": ("import app.asking", "getattr(app.asking, k)(1)", False),
    "in a module that is found so too": ("import importlib", "getattr(importlib.import_module(k), k)(1)", False),
    "in a module that was found so": ("import sys", "m = sys.modules['asking']; getattr(m, k)(1)", False),
    "among all of a module": ("import asking, inspect", "inspect.getmembers(asking)", False),
    "in the dictionary of a module": ("import asking", "asking.__dict__[k](1)", False),
    "in another module": ("import asking, json", "getattr(json, k)(1)", True),
    "in an object": ("import asking", "getattr(k, k.name)(1)", True),
}


@pytest.mark.parametrize(("imports", "lookup", "asleep"), LOOKUPS.values(), ids=LOOKUPS.keys())
def test_a_plain_function_that_is_looked_up_by_a_name_made_at_run_time(imports: str, lookup: str, asleep: bool) -> None:
    views = f"{imports}\nfrom asking import tell\n\ndef index(k):\n    tell(1)\n    {lookup}\n"
    seen = see({"customer/asking.py": ASKING, "customer/views.py": views})
    assert dormant(seen) == (seen.marked("ASKED") if asleep else set())


def test_a_plain_function_that_its_own_module_looks_up_among_its_globals() -> None:
    finds = ASKING + "\n    def find(k):\n        return globals()[k](1)\n"
    views = "import asking\n\nasking.find(input())\nasking.tell(1)\n"
    assert not dormant(see({"customer/asking.py": finds, "customer/views.py": views}))
    away = see({"customer/asking.py": ASKING, "customer/views.py": views + "globals()[input()](1)\n"})
    assert dormant(away) == away.marked("ASKED")


DOES = """
    class Does:
        def do(self, what):
            return getattr(self, what)()
"""
NAMESAKE = """
    class Stock:
        def invoices(self):
            return self.refund(1), self.refund_all()

        def refund(self, number): ...

        def refund_all(self): ...

    Stock().invoices()
"""
ALIVE = {
    "named in a text": (CLIENT, USER + "\n    ROUTES = {'POST': 'refund', 'DELETE': 'BillingClient.refund_all'}\n"),
    "named as an attribute of something unknown": (
        CLIENT,
        USER + "\n    def go(x):\n        x.refund(1), x.refund_all\n",
    ),
    "looked up by a name made at run time": (
        CLIENT,
        USER + "\n    def go(what):\n        return getattr(BillingClient(), what)()\n",
    ),
    "looked up by part of its name": (
        CLIENT,
        USER + "\n    def go(what):\n        return getattr(BillingClient(), f'refund{what}')()\n",
    ),
    "found by looking at all names": (CLIENT, USER + "\n    def go():\n        return dir(BillingClient)\n"),
    "of a class that extends a library's": (
        CLIENT.replace("class BillingClient:", "from mystery import Plugin\n    class BillingClient(Plugin):"),
        USER,
    ),
    "of a class that one above it may find, beside methods of the same names": (
        CLIENT.replace(
            "class BillingClient:",
            "class Base:\n        def __init_subclass__(cls): print(cls)\n\n    class BillingClient(Base):",
        ),
        NAMESAKE + "\n    import billing_client\n",
    ),
    "of a class of which a library calls a method": (
        CLIENT.replace(
            "        def invoices",
            "        @hook\n        def begin(self): self.refund(1), self.refund_all()\n\n        def invoices",
        ).replace("import requests", "import requests\n    from mystery import hook"),
        "def index(x):\n    return x.invoices()\n",
    ),
    "of a class whose heir is named": (
        CLIENT + "\n    class Mine(BillingClient): ...\n",
        "from billing_client import Mine\n\ndef go():\n    Mine().invoices(), Mine().refund(1), Mine().refund_all()\n",
    ),
    "of a class that a decorator is given": (
        CLIENT.replace("class BillingClient:", "from mystery import register\n    @register\n    class BillingClient:"),
        USER,
    ),
    "named in a text as a class": (CLIENT, "PLUGINS = ['BillingClient', 'invoices', 'refund', 'refund_all']\n"),
    "looked up by its own class": (
        CLIENT + "\n        def do(self, what):\n            return getattr(self, what)()\n",
        USER + "\n    def go():\n        return BillingClient().do(input())\n",
    ),
    "looked up by a class above its own": (
        CLIENT.replace("class BillingClient:", DOES + "\n    class BillingClient(Does):"),
        USER + "\n    def go():\n        return BillingClient().do(input())\n",
    ),
    "kept by a decorator of the program": (
        CLIENT.replace("        def refund", "        @kept\n        def refund").replace(
            "import requests",
            "import requests\n    ALL = []\n    def kept(f):\n        ALL.append(f)\n        return f\n",
        ),
        USER,
    ),
    "marked by a decorator of the program": (
        CLIENT.replace("        def refund", "        @mark\n        def refund").replace(
            "import requests", "import requests\n    def mark(f):\n        f.route = '/'\n        return f\n"
        ),
        USER,
    ),
    "handed on by a decorator of the program": (
        CLIENT.replace("        def refund", "        @give\n        def refund").replace(
            "import requests",
            "import requests\n    from mystery import hook\n    def give(f):\n        return hook(f)\n",
        ),
        USER,
    ),
    "of a class that a library is given": (
        CLIENT,
        USER + "\n    import fire\n    fire.Fire(BillingClient)\n",
    ),
    "of a class that a library is given by a name of its own": (
        CLIENT,
        USER + "\n    from fire import Fire\n    Fire(BillingClient)\n",
    ),
    "of an object that something is given": (
        CLIENT,
        USER + "\n    def go(server):\n        server.register(BillingClient())\n",
    ),
    "given to a decorator": (
        CLIENT.replace("        def refund", "        @hook\n        def refund").replace(
            "import requests", "import requests\n    from mystery import hook"
        ),
        USER,
    ),
}


@pytest.mark.parametrize(("client", "user"), ALIVE.values(), ids=ALIVE.keys())
def test_what_something_may_call_is_not_dormant(client: str, user: str) -> None:
    """Look-alikes: each could be called in a way that is in the code."""
    seen = tree(client, user)
    assert not dormant(seen)
    assert seen.sites()


IDLE = {
    "of a class that nothing names, beside methods of the same names": (CLIENT.replace("LIVE", "DORMANT"), NAMESAKE),
    "of a class that another module leaves unused": (
        CLIENT.replace("LIVE", "DORMANT"),
        "def index():\n        return 1\n",
    ),
    "beside a class that looks up its own": (CLIENT, USER + DOES),
    "wrapped by a decorator of the program": (
        CLIENT.replace("        def refund", "        @cached(ttl=5)\n        def refund").replace(
            "import requests",
            """import requests
    from functools import wraps
    def cached(ttl):
        def decorator(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                print(function.__name__)
                return function(*args, **kwargs)
            return wrapper
        return decorator
""",
        ),
        USER,
    ),
}


@pytest.mark.parametrize(("client", "user"), IDLE.values(), ids=IDLE.keys())
def test_what_nothing_in_the_code_can_call_is_dormant(client: str, user: str) -> None:
    seen = tree(client, user)
    assert dormant(seen) == seen.marked("DORMANT")


def test_a_class_that_is_all_there_is_may_be_what_is_run() -> None:
    seen = see({"customer/billing_client.py": CLIENT})
    assert seen.sites()
    assert not dormant(seen)


def test_tests_keep_nothing_alive() -> None:
    seen = see(
        {
            "customer/billing_client.py": CLIENT,
            "customer/views.py": USER,
            "customer/tests/test_client.py": "def test_refund(client):\n    client.refund(1)\n",
        }
    )
    assert dormant(seen) == seen.marked("DORMANT")


TAKER = """
    import pika

    class Taker:
        def listen(self):  # LISTEN
            channel = pika.BlockingConnection().channel()
            channel.queue_declare("jobs", durable=True)
            channel.basic_consume("jobs", print, auto_ack=True)

        def name(self):
            return "taker"
"""
SENDER = "import pika\n\npika.BlockingConnection().channel().basic_publish('', 'jobs', b'')\n"


@pytest.mark.parametrize(("user", "asleep"), [("Taker().name()", True), ("Taker().listen()", False)])
def test_what_only_a_function_takes_that_no_code_names_is_listed_apart(user: str, asleep: bool) -> None:
    uses = f"from taker import Taker\n\n{user}\n"
    seen = see({"customer/app.py": SENDER, "billing/taker.py": TAKER, "billing/app.py": uses})
    assert [(one.target, one.dormant) for one in seen.crossings()] == [("billing", asleep)]


SHARED = """
    import requests

    def ask(url):
        return requests.get(url)

    ask("http://billing/at-import")  # LIVE

    if __name__ == "__main__":
        ask("http://billing/demo")  # DORMANT

    ask("http://billing/after")  # LIVE
"""


def test_what_shared_code_does_only_as_a_program_is_dormant_where_it_is_imported() -> None:
    seen = see({"shared/client.py": SHARED, "customer/app.py": "import shared.client\n"})
    assert dormant(seen) == seen.marked("DORMANT")
    assert seen.sites("billing") == seen.marked("DORMANT") | seen.marked("LIVE")


def test_what_a_quantum_does_as_a_program_is_live() -> None:
    seen = see({"customer/app.py": SHARED})
    assert dormant(seen) == set()
    assert seen.sites("billing") == seen.marked("DORMANT") | seen.marked("LIVE")


OPERATIONS = """
    import requests

    def invoices():
        return requests.get("http://billing/invoices")  # FOUND

    class Client:
        def refund(self):
            return requests.post("http://billing/refunds")  # DORMANT
"""


@pytest.mark.parametrize(("library", "words"), [("connexion", {"DORMANT"}), ("flask", {"DORMANT", "FOUND"})])
def test_functions_that_an_openapi_document_names_are_found(library: str, words: set[str]) -> None:
    """The document names them, or its paths and methods do; who reads it is a library."""
    start = f"import {library}\nimport operations\n\napp = {library}.FlaskApp(__name__)\napp.add_api('openapi.yaml')\n"
    seen = see({"customer/operations.py": OPERATIONS, "customer/app.py": start})
    assert dormant(seen) == set().union(*map(seen.marked, words))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("known = {'get', 'post'}\n    return function", False),
        ("known = {function}\n    return function", True),
        ("return {'get': 1, function: 2}", True),
    ],
)
def test_a_decorator_that_writes_out_a_set_is_read_like_any_other(body: str, kept: bool) -> None:
    client = "\ndef counted(function):\n    " + body + "\n" + textwrap.dedent(CLIENT)
    client = client.replace("    def refund(", "    @counted\n    def refund(")
    assert (len(dormant(tree(client))) == 1) is kept
