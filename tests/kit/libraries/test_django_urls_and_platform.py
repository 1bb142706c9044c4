"""Databases of Django by their address, Keycloak's clients, the daemon of Docker, and Tornado-JSON."""

from __future__ import annotations

import pytest
from source_trees import QUANTA, architecture, see

from quantafit.model import DataStore, Quantum

MODELS = {
    "customer/cards/models.py": """
        from django.db import models

        class Card(models.Model):
            n = models.CharField(max_length=3)

        def go():
            Card.objects.create(n="1")  # SITE
        """,
}
DECLARED = architecture(
    (
        Quantum("customer", ("customer",)),
        Quantum("billing", ("billing",), datastores=(DataStore("billing-db", hosts=("billing-db",)),)),
    )
)
BILLING, OTHER = "postgres://me@billing-db:5432/billing", "postgres://me@other-db:5432/other"
SETTINGS = {
    "an address": f'DATABASES = {{"default": dj_database_url.parse("{BILLING}", conn_max_age=60)}}',
    "the variable, by its usual name": 'DATABASES = {"default": dj_database_url.config(conn_max_age=60)}',
    "the variable, by another name": 'DATABASES = {"default": dj_database_url.config(env="CARDS_URL")}',
    "a default": f'DATABASES = {{"default": dj_database_url.config("NOT_BOUND", default="{BILLING}")}}',
    "put in later": 'DATABASES = {}\nDATABASES["default"] = dj_database_url.config()',
    "a variable read before": 'DATABASES = {"default": dj_database_url.parse(os.environ["CARDS_URL"])}',
}
BASE = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}}\n'
SETTINGS |= {
    "laid over a file": BASE + 'DATABASES["default"].update(dj_database_url.config())',
    "taken apart": 'DATABASES = {"default": {**dj_database_url.config(), "ATOMIC_REQUESTS": True}}',
    "one of two, the other a file": BASE
    + 'if os.environ.get("X"):\n    DATABASES["default"] = dj_database_url.config()',
    "one of two, the other elsewhere": """
if os.environ.get("X"):
    DATABASES = {"default": {"HOST": "billing-db", "NAME": "billing"}}
else:
    DATABASES = {"default": dj_database_url.config("BOUND")}
""",
}
LOOK_ALIKES = {
    "another address": f'DATABASES = {{"default": dj_database_url.parse("{OTHER}")}}',
    "a variable beats its default": f'DATABASES = {{"default": dj_database_url.config("BOUND", default="{BILLING}")}}',
    "a file": 'DATABASES = {"default": dj_database_url.parse("sqlite:///db.sqlite3")}',
}
ENV = {".env": f"DATABASE_URL={BILLING}\nCARDS_URL={BILLING}\nBOUND={OTHER}\n"}


@pytest.mark.parametrize("text", SETTINGS.values(), ids=SETTINGS)
def test_the_database_is_that_of_the_address(text: str) -> None:
    settings = {"customer/shop/settings.py": f"import os\nimport dj_database_url\n{text}\n"}
    seen = see(MODELS | ENV | settings, DECLARED)
    assert seen.sites("billing", mechanism="database") == seen.marked()
    assert not seen.unresolved()


@pytest.mark.parametrize("text", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_the_database_of_another_address_is_nobodys_here(text: str) -> None:
    settings = {"customer/shop/settings.py": f"import dj_database_url\n{text}\n"}
    seen = see(MODELS | ENV | settings, DECLARED)
    assert not seen.to()


KEYCLOAK = """
    from keycloak import KeycloakAdmin, KeycloakOpenID, KeycloakOpenIDConnection, KeycloakUMA

    openid = KeycloakOpenID(server_url="http://HOST:8080/", client_id="shop", realm_name="shop")
    connection = KeycloakOpenIDConnection(server_url="http://HOST:8080/", realm_name="shop")

    def check(token):
        openid.introspect(token)  # SITE
        return openid.decode_token(token)  # SITE

    async def login(name, password):
        return await openid.a_token(name, password)  # SITE

    def people():
        KeycloakAdmin(server_url="http://HOST:8080/", username="a").get_users({})  # SITE
        admin = KeycloakAdmin(connection=connection)
        admin.create_user({"username": "x"})  # SITE
        KeycloakUMA(connection=connection).resource_set_list_ids()  # SITE
    """


def test_keycloak_is_asked_where_it_was_said_to_be() -> None:
    seen = see({"customer/app.py": KEYCLOAK.replace("HOST", "billing"), "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert not seen.unresolved()
    assert not see({"customer/app.py": KEYCLOAK.replace("HOST", "login.example.org")}).to()


def test_what_a_client_of_keycloak_is_not_known_to_do_is_unresolved() -> None:
    text = """
        from keycloak import KeycloakOpenID

        def go():
            KeycloakOpenID(server_url="http://billing/").something_new()  # SITE
        """
    seen = see({"customer/app.py": text})
    assert {str(one.place) for one in seen.unresolved()} == seen.marked()


def test_the_daemon_of_docker_is_no_quantum() -> None:
    text = """
        import docker
        from docker.errors import NotFound

        def go():
            client = docker.from_env()
            try:
                client.containers.get("billing").restart()
            except NotFound:
                client.containers.run("billing", detach=True)
        """
    assert see({"customer/app.py": text, "billing/app.py": ""}, architecture(QUANTA)).silent()


def test_handlers_of_tornado_json_are_read_and_what_they_are_handed_is_in_doubt() -> None:
    text = """
        import requests
        from tornado_json import schema
        from tornado_json.application import Application
        from tornado_json.exceptions import api_assert
        from tornado_json.requesthandlers import APIHandler
        from tornado_json.routes import get_routes

        class Pay(APIHandler):
            @schema.validate(input_schema={"type": "object"})
            def post(self):
                api_assert(self.body, 400)
                requests.post("http://billing/pay", json=self.body)  # SITE
                self.success({})

        class Ask(APIHandler):
            def get(self):
                self.db_conn.send("x")  # DOUBT

        class Shop(Application):
            def __init__(self, routes):
                Application.__init__(self, routes=routes, settings={})

        def main():
            Application(routes=[("/pay", Pay)], settings={}).listen(8888)
            Shop([("/ask", Ask)]).listen(8889)
        """
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert {str(one.place) for one in seen.unresolved()} == seen.marked("DOUBT")
    assert len(seen.observed("listen")) == 2
