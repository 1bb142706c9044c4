"""Settings, however a program reads them: the variable, the default or the file decides the target.

The compose file binds ``PAY_URL`` to billing, and the same with a prefix to sysops: a prefix that is not seen
leads to the wrong place.
"""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

COMPOSE = """
    services:
      customer:
        build: ../customer
        command: python -m customer.job --region eu --pay-address http://sysops:4 --quoted 'http://sysops:5'
        environment:
          PAY_URL: http://billing:8000
          SHOP_PAY_URL: http://sysops:1
          SHOP_PAY__URL: http://sysops:2
          DYNACONF_PAY_URL: http://billing:8000
          FLASK_PAY_URL: http://billing:8000
      sysops: {build: ../sysops}
"""

BILLING: dict[str, str | dict[str, str]] = {
    "a field of pydantic settings": """
        from pydantic_settings import BaseSettings
        class S(BaseSettings):
            pay_url: str
        def f(): requests.get(S().pay_url + "/x")
        """,
    "a pydantic validation alias": """
        from pydantic_settings import BaseSettings
        from pydantic import Field
        class S(BaseSettings):
            url: str = Field(validation_alias="PAY_URL")
        def f(): requests.get(S().url + "/x")
        """,
    "a pydantic alias": """
        from pydantic_settings import BaseSettings
        from pydantic import Field
        class S(BaseSettings):
            url: str = Field(..., alias="PAY_URL")
        def f(): requests.get(S().url + "/x")
        """,
    "a choice of pydantic aliases, the second one bound": """
        from pydantic_settings import BaseSettings
        from pydantic import Field, AliasChoices
        class S(BaseSettings):
            url: str = Field(validation_alias=AliasChoices("NOPE", "PAY_URL"))
        def f(): requests.get(S().url + "/x")
        """,
    "the variable that a pydantic 1 field names": """
        from pydantic import BaseSettings, Field
        class S(BaseSettings):
            url: str = Field("http://nowhere", env="PAY_URL")
        def f(): requests.get(S().url + "/x")
        """,
    "the variable that pydantic 1 names in Config.fields": """
        from pydantic import BaseSettings
        class S(BaseSettings):
            url: str = "http://nowhere"
            class Config:
                fields = {"url": {"env": "PAY_URL"}}
        def f(): requests.get(S().url + "/x")
        """,
    "a pydantic URL behind a cached function": """
        from functools import lru_cache
        from pydantic_settings import BaseSettings
        from pydantic import AnyHttpUrl
        class S(BaseSettings):
            pay_url: AnyHttpUrl
        @lru_cache
        def settings(): return S()
        def f(): requests.get(str(settings().pay_url) + "x")
        """,
    "the default of a pydantic field": """
        from pydantic_settings import BaseSettings
        class S(BaseSettings):
            other_url: str = "http://billing:1"
        settings = S()
        def f(): requests.get(f"{settings.other_url}/x")
        """,
    "os.getenv": """
        import os
        def f(): requests.get(os.getenv("PAY_URL", "http://nowhere") + "/x")
        """,
    "os.environ.get": """
        from os import environ
        def f(): requests.get(environ.get("PAY_URL") + "/x")
        """,
    "an item of os.environ": """
        import os
        def f(): requests.get(f"{os.environ['PAY_URL']}/x")
        """,
    "what os.environ.setdefault gives": """
        import os
        URL = os.environ.setdefault("OTHER_URL", "http://billing:1")
        def f(): requests.get(URL + "/x")
        """,
    "what os.environ.setdefault leaves behind": """
        import os
        os.environ.setdefault("OTHER_URL", "http://billing:1")
        def f(): requests.get(os.environ["OTHER_URL"] + "/x")
        """,
    "os.environ.pop": """
        import os
        def f(): requests.get(os.environ.pop("PAY_URL") + "/x")
        """,
    "os.environ as a dict": """
        import os
        env = dict(os.environ)
        def f(): requests.get(env["PAY_URL"] + "/x")
        """,
    "a copy of os.environ": """
        import os
        env = os.environ.copy()
        def f(): requests.get(env.get("PAY_URL", "http://nowhere") + "/x")
        """,
    "a variable that is asked for first": """
        import os
        URL = os.environ["PAY_URL"] if "PAY_URL" in os.environ else "http://billing:1"
        def f(): requests.get(URL + "/x")
        """,
    "environs": """
        from environs import Env
        env = Env()
        env.read_env()
        def f(): requests.get(env.str("PAY_URL") + "/x")
        """,
    "environs, called": """
        from environs import Env
        env = Env()
        def f(): requests.get(env("PAY_URL", "http://nowhere") + "/x")
        """,
    "django-environ, called": """
        import environ
        env = environ.Env(PAY_URL=(str, "http://nowhere"))
        def f(): requests.get(env("PAY_URL") + "/x")
        """,
    "django-environ": """
        import environ
        env = environ.Env()
        environ.Env.read_env()
        def f(): requests.get(env.str("PAY_URL", default="http://nowhere") + "/x")
        """,
    "python-decouple": """
        from decouple import config
        def f(): requests.get(config("PAY_URL", default="http://nowhere") + "/x")
        """,
    "python-decouple with a path": """
        from decouple import AutoConfig
        config = AutoConfig(search_path="/app")
        def f(): requests.get(config("PAY_URL", cast=str) + "/x")
        """,
    "Starlette's Config, called": """
        from starlette.config import Config
        config = Config(".env")
        URL = config("PAY_URL", cast=str, default="http://nowhere")
        def f(): requests.get(URL + "/x")
        """,
    "Starlette's Config.get": """
        from starlette.config import Config
        config = Config()
        def f(): requests.get(config.get("PAY_URL") + "/x")
        """,
    "an attribute of Dynaconf": """
        from dynaconf import Dynaconf
        settings = Dynaconf(settings_files=["settings.toml"])
        def f(): requests.get(settings.PAY_URL + "/x")
        """,
    "Dynaconf's get": """
        from dynaconf import settings
        def f(): requests.get(settings.get("PAY_URL", "http://nowhere") + "/x")
        """,
    "django.conf.settings": {
        "customer/app.py": """
        from django.conf import settings
        def f(): requests.get(settings.PAY_URL + "/x")
        """,
        "customer/shop/settings.py": """
        import os
        PAY_URL = os.environ.get("PAY_URL", "http://nowhere")
        INSTALLED_APPS = []
        """,
        "customer/manage.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
        """,
    },
    "Flask's from_object with a name": {
        "customer/app.py": """
        from flask import Flask, current_app
        app = Flask(__name__)
        app.config.from_object("customer.config.Config")
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        @app.get("/2")
        def g(): requests.get(current_app.config.get("PAY_URL") + "/x")
        """,
        "customer/config.py": """
        import os
        class Config:
            PAY_URL = os.environ.get('PAY_URL')
        """,
    },
    "Flask's from_object with a module": {
        "customer/app.py": """
        from flask import Flask
        from customer import config
        app = Flask(__name__)
        app.config.from_object(config)
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
        "customer/config.py": """
        PAY_URL = 'http://billing:1'
        """,
    },
    "Flask's from_object with an object": {
        "customer/app.py": """
        from flask import Flask
        from customer.config import Config
        app = Flask(__name__)
        app.config.from_object(Config())
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
        "customer/config.py": """
        class Config:
            PAY_URL = 'http://billing:1'
        """,
    },
    "Flask's from_mapping": """
        from flask import Flask
        app = Flask(__name__)
        app.config.from_mapping(PAY_URL="http://billing:1")
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
    "Flask's from_prefixed_env": """
        from flask import Flask
        app = Flask(__name__)
        app.config.from_prefixed_env()
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
    "Flask's from_pyfile": {
        "customer/app.py": """
        from flask import Flask
        app = Flask(__name__)
        app.config.from_pyfile("config.py")
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
        "customer/config.py": """
        PAY_URL = 'http://billing:1'
        """,
    },
    "an INI file": {
        "customer/app.py": """
        import configparser
        c = configparser.ConfigParser()
        c.read("config.ini")
        def f(): requests.get(c["pay"]["url"] + "/x")
        def g(): requests.get(c.get("pay", "url") + "/x")
        """,
        "customer/config.ini": """
        [pay]
        url = http://billing:1
        """,
    },
    "an INI file that is opened": {
        "customer/app.py": """
        import configparser
        c = configparser.ConfigParser(interpolation=None)
        c.read_file(open("config.ini"))
        def f(): requests.get(c["pay"]["url"] + "/x")
        """,
        "customer/config.ini": """
        [pay]
        url = http://billing:1
        """,
    },
    "a YAML file": {
        "customer/app.py": """
        import yaml
        with open("config.yaml") as file:
            conf = yaml.safe_load(file)
        def f(): requests.get(conf["pay"]["url"] + "/x")
        """,
        "customer/config.yaml": """
        pay:
          url: http://billing:1
        """,
    },
    "a YAML file by a path": {
        "customer/app.py": """
        import yaml
        from pathlib import Path
        conf = yaml.safe_load((Path(__file__).parent / "config.yaml").read_text())
        def f(): requests.get(conf["pay"]["url"] + "/x")
        """,
        "customer/config.yaml": """
        pay:
          url: http://billing:1
        """,
    },
    "a JSON file": {
        "customer/app.py": """
        import json
        conf = json.load(open("config.json"))
        def f(): requests.get(conf["pay"]["url"] + "/x")
        """,
        "customer/config.json": """
        {"pay": {"url": "http://billing:1"}}
        """,
    },
    "a TOML file": {
        "customer/app.py": """
        import tomllib
        with open("config.toml", "rb") as file:
            conf = tomllib.load(file)
        def f(): requests.get(conf["pay"]["url"] + "/x")
        """,
        "customer/config.toml": """
        [pay]
        url = "http://billing:1"
        """,
    },
    "the default of an argument": """
        import argparse
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--pay-url", default="http://billing:1")
            args = parser.parse_args()
            requests.get(args.pay_url + "/x")
        main()
        """,
    "an argument that is by default a variable": """
        import argparse, os
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--pay", dest="url", default=os.environ.get("PAY_URL"))
            args = parser.parse_args()
            requests.get(args.url + "/x")
        main()
        """,
    "the default of a click option": """
        import click
        @click.command()
        @click.option("--pay-url", default="http://billing:1")
        def main(pay_url):
            requests.get(pay_url + "/x")
        main()
        """,
    "the variable of a click option": """
        import click
        @click.command()
        @click.option("--url", "-u", "target", envvar="PAY_URL")
        def main(target):
            requests.get(target + "/x")
        main()
        """,
    "the variable of a typer option": """
        import typer
        app = typer.Typer()
        @app.command()
        def main(url: str = typer.Option("http://nowhere", envvar="PAY_URL")):
            requests.get(url + "/x")
        app()
        """,
    "dotenv_values": {
        "customer/app.py": """
        from dotenv import dotenv_values
        config = dotenv_values(".env")
        def f(): requests.get(config["ONE_URL"] + "/x")
        """,
        "customer/.env": """
        ONE_URL=http://billing:1
        """,
    },
    "load_dotenv": {
        "customer/app.py": """
        from dotenv import load_dotenv
        import os
        load_dotenv()
        def f(): requests.get(os.environ["ONE_URL"] + "/x")
        """,
        "customer/.env": """
        ONE_URL=http://billing:1
        """,
    },
    "a default factory that reads a variable": """
        import os
        from dataclasses import dataclass, field
        @dataclass
        class S:
            url: str = field(default_factory=lambda: os.environ["PAY_URL"])
        def f(): requests.get(S().url + "/x")
        """,
    "a class attribute that reads a variable": """
        import os
        class S:
            URL = os.environ.get("PAY_URL", "x")
        def f(): requests.get(S.URL + "/x")
        def g(): requests.get(S().URL + "/x")
        """,
    "prettyconf": """
        from prettyconf import config
        def f(): requests.get(config("PAY_URL") + "/x")
        """,
}

SYSOPS: dict[str, str | dict[str, str]] = {
    "pydantic settings with a prefix": """
        from pydantic_settings import BaseSettings, SettingsConfigDict
        class S(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="SHOP_", env_file=".env")
            pay_url: str
        def f(): requests.get(S().pay_url + "/x")
        """,
    "nested pydantic settings": """
        from pydantic_settings import BaseSettings, SettingsConfigDict
        from pydantic import BaseModel
        class Pay(BaseModel):
            url: str = "http://nowhere"
        class S(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")
            pay: Pay = Pay()
        def f(): requests.get(S().pay.url + "/x")
        """,
    "environs with a prefix": """
        from environs import Env
        env = Env()
        with env.prefixed("SHOP_"):
            URL = env.str("PAY_URL")
        def f(): requests.get(URL + "/x")
        """,
    "Dynaconf with a prefix": """
        from dynaconf import Dynaconf
        settings = Dynaconf(envvar_prefix="SHOP")
        def f(): requests.get(settings["PAY_URL"] + "/x")
        """,
    "split Django settings": {
        "customer/app.py": """
        from django.conf import settings
        def f(): requests.get(settings.PAY_URL + "/x")
        def g(): requests.get(getattr(settings, "PAY_URL", None) + "/x")
        """,
        "customer/shop/settings/base.py": """
        PAY_URL = "http://billing:1"
        INSTALLED_APPS = []
        """,
        "customer/shop/settings/__init__.py": "",
        "customer/shop/settings/production.py": """
        from .base import *
        PAY_URL='http://sysops:1'
        """,
        "customer/manage.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.production")
        """,
    },
    "Flask's from_prefixed_env with a prefix": """
        from flask import Flask
        app = Flask(__name__)
        app.config.from_prefixed_env("SHOP")
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"] + "/x")
        """,
}


def seen_by(case: str | dict[str, str]) -> Seen:
    files = {"customer/app.py": case} if isinstance(case, str) else dict(case)
    files["customer/app.py"] = "import requests\n" + dedent(files["customer/app.py"])
    return see({**files, "billing/app.py": "", "sysops/app.py": "", "deploy/compose.yaml": COMPOSE})


@pytest.mark.parametrize("name", BILLING)
def test_a_setting_leads_to_its_target(name: str) -> None:
    seen = seen_by(BILLING[name])
    assert seen.to() == {"billing"}
    assert seen.unresolved() == []


@pytest.mark.parametrize("name", SYSOPS)
def test_a_prefix_or_an_override_leads_elsewhere(name: str) -> None:
    seen = seen_by(SYSOPS[name])
    assert "sysops" in seen.to()
    assert seen.unresolved() == []


@pytest.mark.parametrize("name", [*BILLING, *SYSOPS])
def test_the_document_says_by_which_step(name: str) -> None:
    seen = seen_by({**BILLING, **SYSOPS}[name])
    steps = {one.resolution[0].step.value for one in seen.crossings()}
    assert steps <= {"environment", "settings-default", "constant", "literal"}
    assert all(clue.place is not None for one in seen.crossings() for clue in one.resolution if clue.step != "literal"
               and clue.step != "declaration")  # fmt: skip


def test_a_command_line_of_the_deployment_stands_before_the_default() -> None:
    seen = seen_by(
        """
        import argparse
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--pay-address", default="http://billing:1")
            requests.get(parser.parse_args().pay_address + "/x")
        main()
        """
    )
    assert seen.to() == {"sysops"}


LISTED = """
    import argparse
    OTHERS = ["http://billing:1"]
    def main():
        parser = argparse.ArgumentParser()
        parser.add_argument({option}, dest="urls", {more})
        args = parser.parse_args()
        {between}
        for url in args.urls:
            requests.get(url + "/x")
    main()
    """
ADDED = "args.urls += OTHERS"


@pytest.mark.parametrize(("option", "more", "between", "to"), [
    ("'--pay-address'", "action='append'", "", {"sysops"}),
    ("'--pay-address'", "action='append', default=['http://billing:1']", "", {"sysops", "billing"}),
    ("'--pay-address'", "nargs='+', default=['http://billing:1']", "", {"sysops"}),
    ("'--none'", "nargs='*', default=['http://billing:1']", "", {"billing"}),
    ("'--quoted'", "action='append', default=[]", "", {"sysops"}),
    ("'--pay-address'", "action='append', default=[]", ADDED, {"sysops", "billing"}),
    ("'--pay-address'", "action='append', default=[]", "args.urls = args.urls + OTHERS", {"sysops", "billing"}),
])  # fmt: skip
def test_an_option_that_gives_a_list_gives_each_of_its_values(
    option: str, more: str, between: str, to: set[str]
) -> None:
    assert seen_by(LISTED.format(option=option, more=more, between=between)).to() == to


def test_an_address_made_from_none_is_not_meant_where_there_is_another() -> None:
    program = """
        class Client:
            def __init__(self, urls):
                self.urls = urls
            def ask(self, path, url=None):
                if not url:
                    url = next(iter(self.urls))
                requests.get(f"{url}{path}")
        Client(["http://billing:1"]).ask("/x")
        """
    seen = seen_by(program)
    assert (seen.to(), seen.unresolved()) == ({"billing"}, [])
    alone = seen_by("def ask(url=None):\n    requests.get(f'{url}/x')\nask()\n")
    assert alone.to() == set()
    assert alone.unresolved()


def test_what_the_program_writes_into_the_environment_is_among_the_values() -> None:
    seen = seen_by(
        """
        import os
        os.environ["PAY_URL"] = "http://sysops:1"
        def f(): requests.get(os.environ["PAY_URL"])
        """
    )
    assert seen.to() == {"billing", "sysops"}


def test_a_variable_of_another_quantum_binds_nothing_here() -> None:
    program = "import os\ndef f(): requests.get(os.environ['TWO_URL'])\n"
    assert seen_by({"customer/app.py": program, "billing/.env": "TWO_URL=http://billing:1"}).to() == set()
    assert seen_by({"customer/app.py": program, "customer/.env": "TWO_URL=http://billing:1"}).to() == {"billing"}
    assert seen_by({"customer/app.py": program, ".env": "TWO_URL=http://billing:1"}).to() == {"billing"}


UNKNOWN: dict[str, str | dict[str, str]] = {
    "an argument without an option": """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("url", default="http://billing:1")
        requests.get(parser.parse_args().url)
        """,
    "a variable that is named at run time": """
        import os
        def f(name): requests.get(os.environ[name + "_URL"])
        """,
    "a prefix that is made at run time": """
        from environs import Env
        env = Env()
        def f(prefix):
            with env.prefixed(prefix):
                requests.get(env.str("PAY_URL"))
        """,
    "the body of a message": """
        import json
        def f(body): requests.get(json.loads(body)["url"])
        """,
    "a file that is not here": """
        import yaml
        conf = yaml.safe_load(open("config.yaml"))
        def f(): requests.get(conf["url"])
        """,
    "a key that a file does not have": {
        "customer/app.py": """
            import yaml
            conf = yaml.safe_load(open("config.yaml"))
            def f(): requests.get(conf["url"])
            """,
        "customer/config.yaml": "urls: [http://billing:1]",
    },
    "a file of another quantum": {
        "customer/app.py": """
            import yaml
            conf = yaml.safe_load(open("config.yaml"))
            def f(): requests.get(conf["url"])
            """,
        "billing/config.yaml": "url: http://billing:1",
    },
    "a file that cannot be parsed": {
        "customer/app.py": """
            import json
            conf = json.load(open("config.json"))
            def f(): requests.get(conf["url"])
            """,
        "customer/config.json": '{"url": "http://billing:1"',
    },
    "a value that an INI file makes at run time": {
        "customer/app.py": """
            import configparser
            conf = configparser.ConfigParser()
            conf.read("app.ini")
            def f(): requests.get(conf["pay"]["url"])
            """,
        "customer/app.ini": "[pay]\nhost = billing\nurl = http://%(host)s",
    },
    "a setting that Flask was never given": """
        from flask import Flask
        app = Flask(__name__)
        @app.get("/")
        def f(): requests.get(app.config["PAY_URL"])
        """,
    "a Django setting that is nowhere": """
        from django.conf import settings
        def f(): requests.get(settings.PAY_URL)
        """,
    "the text in a file, which is no settings": """
        from pathlib import Path
        def f(): requests.get(Path("config.yaml").read_text())
        """,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_told_is_unresolved(name: str) -> None:
    seen = seen_by(UNKNOWN[name])
    assert seen.to() == set()
    assert "request" in {could for one in seen.unresolved() for could in one.could_be}


CONTENTS = st.one_of(
    st.binary(max_size=80),
    st.lists(
        st.sampled_from(
            ["[pay]", "url", "=", ":", " ", "\n", '"', "http://billing:1", "{", "}", "[", "]", "%(url)s", "a.b"]
        ),
        max_size=20,
    ).map(lambda words: "".join(words).encode()),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["ini", "cfg", "toml", "yaml", "json"]), CONTENTS)
def test_no_file_of_settings_makes_the_collection_fail(kind: str, content: bytes) -> None:
    from quantafit.evidence.configuration import collect
    from quantafit.workspace import MemoryWorkspace

    found = collect(MemoryWorkspace({f"config.{kind}": content}))
    assert all(one.place.path == f"config.{kind}" for many in found.settings.values() for one in many)


def test_files_made_to_be_slow_are_answered() -> None:
    from quantafit.evidence.configuration import collect
    from quantafit.workspace import MemoryWorkspace

    for text in ("a" + " " * 60_000, "[" * 60_000, "a=" * 30_000, "a: " * 20_000, '{"a":' * 10_000):
        collect(MemoryWorkspace({f"config.{kind}": text.encode() for kind in ("ini", "toml", "yaml", "json")}))


STARTED = {
    "its name": "command: ['python', 'main.py', 'broker', 'jobs']",
    "its path": "command: python3 -u /srv/main.py broker jobs",
    "a module": "command: python -m main broker jobs",
}
READS_ARGV = """
    import sys
    import pika

    def go(queue):
        pika.BlockingConnection().channel().basic_publish("", queue, b"x")

    if __name__ == "__main__":
        go(sys.argv[2])  # SITE
"""


@pytest.mark.parametrize("command", STARTED.values(), ids=STARTED.keys())
def test_a_word_of_the_command_line_is_what_the_unit_starts_the_file_with(command: str) -> None:
    compose = f"services:\n  customer:\n    build: ./customer\n    {command}\n"
    files = {"customer/main.py": READS_ARGV, "billing/app.py": BILLING_CONSUMES_JOBS, "docker-compose.yml": compose}
    seen = see(files)
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


@pytest.mark.parametrize(
    "command", ["python other.py broker jobs", "python main.py jobs", "python -m other broker jobs", "celery jobs jobs"]
)
def test_the_words_of_another_program_are_not_its_own(command: str) -> None:
    compose = f"services:\n  customer:\n    build: ./customer\n    command: {command}\n"
    files = {"customer/main.py": READS_ARGV, "billing/app.py": BILLING_CONSUMES_JOBS, "docker-compose.yml": compose}
    seen = see(files)
    assert not seen.sites()
    assert seen.unresolved()


READING = """
    import json
    import requests

    def go():
        conf = json.load(open("PATH"))
        requests.get(conf["pay"]["url"])
"""
CONTENT = '{"pay": {"url": "http://HOST/x"}}'


AT_THE_ROOT = ("/app/config.json", "/srv/customer/config.json", "C:/Users/me/my project/config.json")


@pytest.mark.parametrize("path", AT_THE_ROOT)
def test_a_file_at_the_root_of_a_machine_is_the_one_of_its_name_in_the_tree(path: str) -> None:
    files = {"customer/config.json": CONTENT.replace("HOST", "billing"), "sysops/config.json": CONTENT}
    assert see({"customer/app.py": READING.replace("PATH", path), **files}).to() == {"billing"}


@pytest.mark.parametrize("others", [("deploy/a/config.json", "deploy/b/config.json"), ("sysops/config.json",), ()])
def test_which_file_of_several_is_meant_there_is_not_guessed(others: tuple[str, ...]) -> None:
    files = dict.fromkeys(others, CONTENT.replace("HOST", "billing"))
    seen = see({"customer/app.py": READING.replace("PATH", "/app/config.json"), **files})
    assert seen.to() == set()
    assert seen.unresolved("request")
