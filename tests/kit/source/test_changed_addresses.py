"""Addresses that are changed, taken apart and put together; variables with a default; an unknown one beside a known."""

from __future__ import annotations

import pytest
from source_trees import customer, see

MADE = {
    "replaced in a constant": '"http://sysops/x".replace("sysops", "billing")',
    "replaced by a function": '"http://HOST/x".replace("HOST", str("billing"))',
    "another host of a split address": 'urlsplit("http://sysops/x")._replace(netloc="billing").geturl()',
    "another host of an httpx address": 'httpx.URL("http://sysops/x").copy_with(host="billing")',
    "another host of a yarl address": 'yarl.URL("http://sysops/x").with_host("billing")',
    "of parts by httpx": 'httpx.URL(scheme="http", host="billing", path="/x")',
    "of parts by name": 'urlunsplit(SplitResult("http", "billing", "/x", "", ""))',
    "format_map": '"http://{host}/x".format_map({"host": "billing"})',
    "an item in a format": '"http://{c[host]}/x".format(c={"host": "billing"})',
    "an attribute in a format": '"http://{0.host}/x".format(Conf)',
    "a text of an own object": 'str(Url("billing")) + "/x"',
    "an own object in a text": "f\"{Url('billing')}/x\"",
    "a member of an enumeration by its name": 'Hosts["BILLING"].value + "/x"',
    "an item getter": 'itemgetter("b")({"b": "http://billing/x"})',
    "a mapping of one value": 'dict.fromkeys(["url"], "http://billing/x")["url"]',
    "a reduction": 'reduce(operator.add, ["http://", "billing", "/x"])',
    "a typed mapping": 'Typed(url="http://billing/x")["url"]',
    "a property with a setter": 'Settable().url + "/x"',
}

PROGRAM = """
import operator
from enum import Enum
from functools import reduce
from operator import itemgetter
from typing import TypedDict
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx
import requests
import yarl

class Conf:
    host = "billing"

class Hosts(Enum):
    BILLING = "http://billing"

class Typed(TypedDict):
    url: str

class Settable:
    @property
    def url(self):
        return "http://billing"

    @url.setter
    def url(self, value):
        pass

class Url:
    def __init__(self, host):
        self.host = host

    def __str__(self):
        return f"http://{self.host}"

def go(old, new):
    requests.get(ADDRESS)  # SITE
"""


@pytest.mark.parametrize("name", MADE)
def test_an_address_is_what_it_was_made_to_be(name: str) -> None:
    seen = customer(PROGRAM.replace("ADDRESS", MADE[name]))
    assert seen.sites() == seen.marked()
    assert seen.sites("sysops") == set()
    assert seen.unresolved() == []


def test_an_address_that_is_changed_in_an_unknown_way_is_unresolved() -> None:
    for made in ('"http://billing/x".replace(old, new)', 'httpx.URL("http://billing/x").copy_with(**new)'):
        seen = customer(PROGRAM.replace("ADDRESS", made))
        assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


DEFAULTS = {
    "or": 'URL = os.environ.get("PAY_URL") or "http://billing"',
    "or another": 'URL = os.environ.get("PAY_URL") or os.environ.get("OLD_URL") or "http://billing"',
    "if not": 'URL = os.environ.get("PAY_URL")\nif not URL:\n    URL = "http://billing"',
    "if None": 'URL = os.environ.get("PAY_URL")\nif URL is None:\n    URL = "http://billing"',
    "a conditional expression": 'URL = os.environ["PAY_URL"] if "PAY_URL" in os.environ else "http://billing"',
    "except": 'try:\n    URL = os.environ["PAY_URL"]\nexcept KeyError:\n    URL = "http://billing"',
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_stands_in_for_a_variable_is_its_default(name: str) -> None:
    text = f'import os\nimport requests\n\n{DEFAULTS[name]}\n\ndef go():\n    requests.get(URL + "/x")  # SITE\n'
    assert customer(text).sites() == customer(text).marked()
    assert customer(text).unresolved() == []
    bound = see({"customer/app.py": text, "customer/.env": "PAY_URL=http://sysops\n"})
    assert bound.to() == {"sysops"}


def test_another_address_for_another_case_is_no_default() -> None:
    text = """
        import os
        import requests

        def go(old):
            url = os.environ["BILL_URL"] if old else "http://sysops"
            requests.get(url + "/x")  # SITE
        """
    assert {str(one.place) for one in customer(text).unresolved("request")} == customer(text).marked()


def test_an_unknown_address_beside_a_known_one_is_shown_too() -> None:
    text = """
        import requests

        def go(other):
            url = "http://billing/x"
            if other:
                url = open("where").read()
            requests.get(url)  # SITE
        """
    seen = customer(text)
    assert seen.sites() == seen.marked() == {str(one.place) for one in seen.unresolved("request")}
