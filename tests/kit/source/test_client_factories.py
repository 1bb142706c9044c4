"""In-house layers of remote calls: a factory makes a client for the class of a service, remembers it, and its address
comes from what the class is called. Each way is found or unresolved; none is silent, and no client is another's."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

COMPOSE = """
services:
  customer: {image: customer, environment: {BILLINGSERVICE_HOST: billing, SYSOPSSERVICE_HOST: sysops}}
"""
SERVICE = """
    class Service:
        @classmethod
        @property
        def service_name(cls):
            return cls.__name__

        @classmethod
        def port(cls):
            return 8000
"""
FACTORY = """
    import os
    from typing import cast
    import httpx
    from shared.memo import remembered
    from shared.tries import again

    def client_of(service_type):
        service_name = service_type.service_name

        class Client:
            @again("connecting")
            def __init__(self):
                host = os.environ.get(f"{service_name.upper()}_HOST", "localhost")
                self.http = httpx.Client(base_url=f"http://{host}:{service_type.port()}")

            def __getattr__(self, name):
                def call(**arguments):
                    return self.http.post(name, json=arguments)
                return call

        return cast("Service", Client())
"""
TRIES = """
    from functools import wraps

    def again(action):
        def decorator(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                try:
                    return function(*args, **kwargs)
                except OSError:
                    raise
            return wrapper
        return decorator
"""
MEMO = """
    import threading

    def remembered(function):
        local = threading.local()
        def wrapper(*args, **kwargs):
            cache = getattr(local, "cache", None)
            if cache is None:
                cache = local.cache = {}
            key = (args, tuple(sorted(kwargs.items())))
            if key not in cache:
                cache[key] = function(*args, **kwargs)
            return cache[key]
        return wrapper
"""
CALLS = """
    from shared.factory import client_of
    from shared.memo import remembered
    from {where} import BillingService, SysopsService

    @remembered
    def billing():
        return client_of(BillingService)

    class Tickets:
        @property
        @remembered
        def sysops(self):
            return client_of(SysopsService)

        def close(self):
            return self.sysops.close_ticket(number=1)  # SYSOPS

    def pay():
        return billing().add_invoice(total=3)  # BILLING

    if __name__ == "__main__":
        pay()
        Tickets().close()
"""
SERVICES = "from shared.service import Service\nclass BillingService(Service): ...\nclass SysopsService(Service): ...\n"


def tree(where: str = "shared.services", calls: str = CALLS, **more: str) -> Seen:
    files = {"shared/__init__.py": "", "shared/service.py": SERVICE, "shared/factory.py": FACTORY}
    files |= {"shared/tries.py": TRIES, "shared/memo.py": MEMO, "shared/services.py": SERVICES, "billing/app.py": ""}
    files |= {"customer/app.py": calls.replace("{where}", where), "compose.yaml": COMPOSE, "sysops/app.py": ""}
    return see(files | {name.replace("__", "/") + ".py": text for name, text in more.items()})


def test_each_client_leads_to_the_service_that_it_was_made_for() -> None:
    seen = tree()
    assert seen.sites("billing") == seen.marked("BILLING")
    assert seen.sites("sysops") == seen.marked("SYSOPS")
    assert not seen.unresolved("request")


def test_an_address_that_is_asked_of_another_quantums_class_is_guessed_from_it() -> None:
    calls = CALLS.replace("from {where} import BillingService, SysopsService", IMPORTS)
    seen = tree(calls=calls, billing__api=BILLING, sysops__api=BILLING.replace("Billing", "Sysops"))
    remote = {str(one.site): one for one in seen.crossings(mechanism="http")}
    assert {place: one.target for place, one in remote.items()} == {
        **dict.fromkeys(seen.marked("BILLING"), "billing"),
        **dict.fromkeys(seen.marked("SYSOPS"), "sysops"),
    }
    assert {one.confidence for one in remote.values()} <= {"low", "medium"}
    assert {f"{one.place.path}:{one.place.line}" for one in seen.unresolved("request")} == set(remote)


IMPORTS = "from billing.api import BillingService\n    from sysops.api import SysopsService"
BILLING = """
    from shared.service import Service
    class BillingService(Service):
        service_name = "billing-service"
"""


def test_a_class_that_the_deployment_knows_no_address_of_is_unresolved() -> None:
    seen = tree(
        shared__services=SERVICES.replace("BillingService", "LedgerService") + "BillingService = LedgerService\n"
    )
    assert not seen.sites("billing")
    assert seen.sites("sysops") == seen.marked("SYSOPS")
    assert seen.marked("BILLING") <= {f"{one.place.path}:{one.place.line}" for one in seen.unresolved("request")}


REMEMBERED = """
    import requests

    class Api:
        def __init__(self, url):
            self.url = url
        def send(self):
            return requests.post(self.url + "/x")

    known = {}
    {filled}

    def of(name):
        if name not in known:
            known[name] = Api("http://billing")
        return known[name]

    def go(name):
        of(name).send()  # SITE
"""


@pytest.mark.parametrize(
    ("filled", "found"), [("pass", {"billing"}), ("known['x'] = Api('http://sysops')", {"billing", "sysops"})]
)
def test_what_else_is_put_into_a_mapping_comes_out_of_it(filled: str, found: set[str]) -> None:
    assert tree(calls=REMEMBERED.replace("{filled}", filled)).to() == found


NAMES = {
    "a class": "Billing.__name__",
    "its object": "Billing().__class__.__name__",
    "a function": "billing.__name__",
    "a method of the class": "Billing.called()",
    "a property of the object": "Billing().told",
}


@pytest.mark.parametrize("how", NAMES)
def test_what_things_are_called(how: str) -> None:
    seen = tree(
        calls=f"""
        import requests

        class Billing:
            @classmethod
            def called(cls):
                return cls.__name__
            @property
            def told(self):
                return self.__class__.__name__

        def billing(): ...

        def pay():
            return requests.post(f"http://{{{NAMES[how]}}}/pay".lower())  # SITE
        """
    )
    assert seen.sites("billing") == seen.marked()


def test_a_variable_that_is_named_in_part_by_the_caller() -> None:
    calls = """
        import os, requests
        def base(name):
            return os.environ[f"{name.upper()}SERVICE_HOST"]
        def pay():
            requests.post("http://" + base("billing"))  # BILLING
            requests.post("http://" + base("ledger"))  # OTHER
        """
    seen = tree(calls=calls)
    assert seen.sites("billing") == seen.marked("BILLING")
    assert seen.marked("OTHER") == {f"{one.place.path}:{one.place.line}" for one in seen.unresolved("request")}


ANNOTATED = """
    import lightbot
    from shared.api import Api

    @lightbot.command('pay')
    async def pay(context):
        api: {kind} = context.bot.extra.api
        await api.pay()  # SITE
"""
API = """
    import httpx
    class Api:
        async def pay(self):
            return await httpx.AsyncClient().post("http://billing/pay")
    class Other: ...
"""


@pytest.mark.parametrize(("kind", "found"), [("Api", True), ("object", False)])
def test_an_annotation_tells_what_a_framework_hands_over(kind: str, found: bool) -> None:
    seen = tree(calls=ANNOTATED.replace("{kind}", kind), shared__api=API)
    assert (seen.sites("billing") == seen.marked()) is found
    assert seen.unresolved()


@pytest.mark.parametrize(
    "told", ["api: Api = self.context.bot.extra.api", "api = cast(Api, self.context.bot.extra.api)"]
)
def test_what_a_handler_keeps_of_a_framework_is_told_in_its_methods(told: str) -> None:
    calls = f"""
        from typing import cast
        import lightbot
        from shared.api import Api

        class Handler:
            def __init__(self, context):
                self.context = context
            async def handle(self):
                {told}
                await api.pay()  # SITE

        class First(Handler): ...

        @lightbot.command("pay")
        async def pay(context):
            await First(context).handle()
        """
    seen = tree(calls=calls, shared__api=API)
    assert seen.to() == {"billing"}
    assert "customer/app.py:17" in seen.sites("billing") or seen.marked() <= seen.sites("billing")


def test_an_annotation_never_replaces_what_is_known() -> None:
    calls = """
        from shared.api import Api, Other
        def pay():
            api: Api = Other()
            api.pay()
        """
    assert not tree(calls=calls, shared__api=API).sites("billing")
