"""Addresses that settings readers and frameworks' settings objects hold: read through, or shown as unknown."""

from __future__ import annotations

import pytest
from source_trees import customer, see

from quantafit.model import Crossing

READERS = {
    "decouple": """
        from decouple import config
        import requests

        URL = config("BILLING_URL", default="http://billing")

        def go():
            return requests.get(f"{URL}/invoices")  # SITE
        """,
    "decouple with a repository": """
        from decouple import Config, RepositoryEnv
        import requests

        config = Config(RepositoryEnv(".env"))

        def go():
            return requests.get(config.get("BILLING_URL", default="http://billing") + "/invoices")  # SITE
        """,
    "environs": """
        from environs import Env
        import requests

        env = Env()
        env.read_env()
        URL = env.str("BILLING_URL", "http://billing")

        def go():
            return requests.get(URL)  # SITE
        """,
    "django-environ": """
        import environ
        import requests

        env = environ.Env(DEBUG=(bool, False))
        environ.Env.read_env()
        URL = env("BILLING_URL", default="http://billing")

        def go():
            return requests.get(URL)  # SITE
        """,
    "starlette": """
        from starlette.config import Config
        import requests

        config = Config(".env")
        URL = config("BILLING_URL", cast=str, default="http://billing")

        def go():
            return requests.get(URL)  # SITE
        """,
    "the environment with a default for all": """
        import os
        import requests

        def go():
            return requests.get(os.environ.setdefault("BILLING_URL", "http://billing"))  # SITE
        """,
}


@pytest.mark.parametrize("code", READERS.values(), ids=READERS.keys())
def test_a_reader_of_settings_gives_the_variable_and_its_default(code: str) -> None:
    seen = customer(code)
    assert seen.sites() == seen.marked()
    assert not seen.unresolved("request")


def test_a_variable_that_a_reader_names_is_put_in_from_the_configuration() -> None:
    seen = see(
        {
            "customer/app.py": """
                from decouple import config
                import requests

                class Partner:
                    base_url = config("PARTNER_URL").rstrip("/")

                    @staticmethod
                    def get(path):
                        return requests.get(f"{Partner.base_url}/api/{path.lstrip('/')}")  # SITE

                def go():
                    return Partner.get("invoices")
                """,
            "docker-compose.yml": """
                services:
                  customer:
                    build: ./customer
                    environment:
                      PARTNER_URL: http://billing:8000
                """,
        }
    )
    assert seen.sites() == seen.marked()


def test_dotenvs_values_are_the_environments() -> None:
    seen = customer(
        """
        from dotenv import dotenv_values
        import requests

        config = dotenv_values(".env")

        def go():
            return requests.get(config["BILLING_URL"])  # SITE
        """
    )
    assert seen.sites() == seen.marked()
    assert [one.why for one in seen.unresolved("request")]  # by the variable's name alone: a guess


def test_a_name_made_at_run_time_stays_unresolved() -> None:
    seen = customer(
        """
        from decouple import config
        import requests

        def go(name):
            return requests.get(config(name.upper() + "_URL"))
        """
    )
    assert not seen.sites()
    assert seen.unresolved("request")


DJANGO = {
    "customer/manage.py": """
        import os

        def main():
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        """,
    "customer/shop/__init__.py": "",
    "customer/shop/settings.py": """
        BILLING_SERVICE_URL = "http://billing:8005"
        """,
    "customer/orders/__init__.py": "",
    "customer/orders/views.py": """
        from django.conf import settings
        import requests

        class OrderView:
            def get(self, number):
                return requests.get(f"{settings.BILLING_SERVICE_URL}/invoices/{number}/")  # SITE

            def maybe(self):
                return requests.get(getattr(settings, "SYSOPS_URL", "http://sysops"))
        """,
}


def test_djangos_settings_are_those_of_the_module_it_is_told() -> None:
    seen = see(DJANGO)
    assert seen.sites() == seen.marked()
    assert seen.to() == {"billing", "sysops"}


def test_a_default_is_not_taken_where_no_module_of_settings_is_in_the_tree() -> None:
    seen = see({path: text for path, text in DJANGO.items() if not path.endswith("settings.py")})
    assert seen.to() == set()
    assert len(seen.unresolved("request")) == 2


def test_a_setting_that_a_module_defines_stands_before_the_default() -> None:
    more = {"customer/shop/settings.py": "BILLING_SERVICE_URL = SYSOPS_URL = 'http://billing:8005'\n"}
    assert see(DJANGO | more).to() == {"billing"}


def test_settings_that_take_over_from_another_module_are_followed() -> None:
    files = DJANGO | {
        "customer/shop/settings.py": "from shop.base import *\n",
        "customer/shop/base.py": "BILLING_SERVICE_URL = 'http://billing:8005'\n",
    }
    seen = see(files)
    assert seen.sites() == seen.marked()


def test_a_setting_that_no_module_defines_is_unresolved() -> None:
    seen = see(DJANGO | {"customer/shop/settings.py": "OTHER = 1\n"})
    assert not seen.sites()
    assert seen.unresolved("request")


FLASK = """
    from flask import Flask, current_app
    import requests

    class Base:
        BILLING_URL = "http://billing"

    class Production(Base):
        DEBUG = False

    app = Flask(__name__)
    {line}

    @app.get("/")
    def index():
        return requests.get(current_app.config["BILLING_URL"] + "/invoices").text  # SITE
    """


@pytest.mark.parametrize("of", ["Production", "'settings.Production'"])
def test_flasks_configuration_takes_over_from_an_object(of: str) -> None:
    code = FLASK.format(line=f"app.config.from_object({of})")
    seen = see(
        {"customer/app.py": code, "customer/settings.py": "class Production:\n    BILLING_URL = 'http://billing'\n"}
    )
    assert seen.sites() == seen.marked()


def test_flasks_configuration_that_nothing_fills_is_unresolved() -> None:
    seen = customer(FLASK.format(line="pass"))
    assert _targets(seen.crossings()) == {None}
    assert seen.unresolved("request")


def _targets(crossings: list[Crossing]) -> set[str | None]:
    return {one.target for one in crossings}
