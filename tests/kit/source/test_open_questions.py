"""Questions that lead back to themselves are gone into once, and not once for each way that leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from source_trees import see

from quantafit.evidence.source.machine import Machine
from quantafit.evidence.source.values import (
    MOST_OPTIONS,
    NONE,
    Choice,
    Const,
    FunctionId,
    Param,
    Text,
    Unknown,
    Value,
    choice,
    options,
    text,
)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Any]]:
    """Lists what a method of the machine is called with."""

    def count(name: str) -> list[Any]:
        calls: list[Any] = []
        method = getattr(Machine, name)

        def counting(self: Machine, *args: Any) -> Any:
            calls.append(args)
            return method(self, *args)

        monkeypatch.setattr(Machine, name, counting)
        return calls

    return count


def each_other(parts: int) -> str:
    """Objects that each take their host from all others; the first is told it."""
    lines = ["import requests", ""]
    for one in range(parts):
        lines += [
            f"class Part{one}:",
            "    def take(self, other):",
            "        self.host = other.host",
            "",
            "    def go(self):",
            "        requests.get(f'http://{self.host}/cards')  # SITE",
            "",
        ]
    lines += [f"part{one} = Part{one}()" for one in range(parts)]
    lines += ["part0.host = 'billing'"]
    lines += [f"part{one}.take(part{two})" for one in range(parts) for two in range(parts) if one != two]
    lines += [f"part{one}.go()" for one in range(parts)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("parts", [6, 8])
def test_objects_that_hold_each_other(parts: int, counted: Callable[[str], list[Any]]) -> None:
    asked = counted("all_field_values")
    seen = see({"customer/app.py": each_other(parts), "billing/app.py": ""})
    assert len(seen.sites("billing")) == parts
    assert not seen.evidence.unresolved
    assert len(asked) < 50 * parts


REDIRECTED = """
import requests

class Client:
    def request(self, method, url, **options):
        def once():
            return self.send(method=method, url=url, **options)
        return once()

    def send(self, method, url, **options):
        answer = requests.request(method, url, **options)
        if answer.is_redirect:
            return self.request(method, answer.headers["Location"], **options)
        if answer.status_code == 429:
            return self.request(method, url + "?again", **options)
        return answer

client = Client()

"""


@pytest.mark.parametrize("callers", [10, 20])
def test_a_client_that_calls_itself_again(callers: int, counted: Callable[[str], list[Any]]) -> None:
    made = counted("made_there")
    calls = "".join(
        f"def go{one}():\n    client.request('GET', 'http://billing/{one}')  # SITE\n\n" for one in range(callers)
    )
    seen = see({"customer/app.py": REDIRECTED + calls, "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert len(made) < 100 * callers


WRAPPED = """
def wrapped{0}(app):
    given = app.openapi
    def schema():
        found = given()
        found.title = "{0}"
        return found
    app.openapi = schema

"""
APP = """
import requests

class App:
    def openapi(self):
        return requests.get('http://billing/schema')  # SITE

"""
BUILT = """
def build():
    app = App()
{0}    return app

print(build().openapi().paths)
"""


def test_a_call_that_leads_back_to_the_very_same_call(counted: Callable[[str], list[Any]]) -> None:
    made = counted("call_waiting")
    wrappers = "".join(WRAPPED.format(one) for one in range(4))
    written = APP + wrappers + BUILT.format("".join(f"    wrapped{one}(app)\n" for one in range(4)))
    seen = see({"customer/app.py": written, "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert len(made) < 2_500


X = Param(FunctionId("app.py", "go"), "x")


@pytest.mark.parametrize("piece", [X, Const("-")], ids=["open", "constant"])
def test_a_text_of_more_ways_than_are_followed_keeps_its_parts(piece: Value) -> None:
    prefix = choice([Const("platform."), Const("public."), Const("")])
    few, many = text([prefix, piece]), text([part for _ in range(9) for part in (prefix, piece)])
    assert len(options(few)) == 3
    assert isinstance(many, Text)
    assert [part for part in many.parts if isinstance(part, Choice)] == [prefix] * 9


def test_absence_alone_is_not_all_that_a_place_may_hold() -> None:
    unknown = Unknown("too many")
    assert set(options(choice([NONE, unknown]))) == {NONE, unknown}
    assert choice([NONE, unknown, X]) == choice([NONE, X])


def test_what_too_many_objects_set_is_not_taken_for_unset() -> None:
    """The constructor sets None; what sets the host later is past the bound."""
    parts = MOST_OPTIONS + 2
    lines = each_other(parts).replace("    def take", "    host = None\n\n    def take")
    seen = see({"customer/app.py": lines, "billing/app.py": ""})
    urls = {str(one.slots["url"]) for one in seen.evidence.observations if one.does == "request"}
    assert len(urls) == 2
    assert not any("http://None" in url for url in urls)
