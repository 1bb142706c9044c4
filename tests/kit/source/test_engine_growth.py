"""Values that share their parts: work grows with their size as a graph, not with the number of ways through it."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from source_trees import architecture, customer, see

from quantafit.declaration.data_classes import BUILT_IN
from quantafit.evidence.source import calling, machine, observe, state, values
from quantafit.evidence.source.acts import Act
from quantafit.evidence.source.calling import Calling
from quantafit.evidence.source.dataflow import DataFlow, Found
from quantafit.evidence.source.state import Args, Frame, Named
from quantafit.evidence.source.values import Func, FunctionId, Rebuild, Value
from quantafit.model import Quantum
from quantafit.model.terms import Unknown

DECLARED = architecture((Quantum("customer", ("customer",)), Quantum("billing", ("billing",))), classes=BUILT_IN)

MOST_MADE = 20_000
"""So many values may be made for forty doublings: a few for each step, not two to the power of forty."""

HEAD = """
import mystery
import requests
from sqlalchemy import JSON, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Note(Base):
    __tablename__ = "notes"
    body: Mapped[dict] = mapped_column(JSON)

def keep(x):
    with Session(create_engine("sqlite:///c.db")) as session:
        session.add(Note(body=x))

"""
DOUBLING = {
    "lists": "x = [x, x]",
    "mappings": "x = {'a': x, 'b': x}",
    "texts": "x = f'{x}{x}'",
    "arguments": "x = mystery.f(x, x)",
    "items": "x = x[x]",
    "callees": "x = x(x)",
    "methods": "x = x.a(x)",
    "unpacked": "x, y = x(*x)",
    "choices": "x = x.a if x else x.b",
    "helpers": "x = both(x, x)",
}


@pytest.fixture(autouse=True)
def _never_for_long() -> Iterator[None]:
    """What grows without end is ended, so that it fails here and does not stop the others."""

    def end(*_: object) -> None:
        raise TimeoutError("it was still running after a minute")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 60)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each value that is made."""
    each: list[None] = []
    describe = values._describe

    def counted(*args: object) -> None:
        each.append(None)
        describe(*args)

    monkeypatch.setattr(values, "_describe", counted)
    return each


@pytest.mark.parametrize("name", DOUBLING)
def test_a_value_that_doubles_forty_times_is_quickly_done(name: str, made: list[None]) -> None:
    body = "".join(f"    {DOUBLING[name]}\n" for _ in range(40))
    text = (
        HEAD
        + f"def both(a, b):\n    return [a, b]\n\ndef go(x):\n{body}    keep(x)\n    requests.get('http://billing/x')\n"
    )
    seen = see({"customer/app.py": text, "billing/app.py": ""}, DECLARED)
    assert len(made) < MOST_MADE, len(made)
    assert seen.sites("billing")


@pytest.mark.parametrize("name", DOUBLING)
def test_a_value_that_doubles_across_functions_is_quickly_done(name: str, made: list[None]) -> None:
    functions = "".join(f"def f{n}(x):\n    {DOUBLING[name]}\n    return f{n + 1}(x)\n\n" for n in range(40))
    text = (
        HEAD
        + f"def both(a, b):\n    return [a, b]\n\n{functions}def f40(x):\n    keep(x)\n    requests.get('http://billing/x')\n"
    )
    see({"customer/app.py": text + "\ndef go(x):\n    f0(x)\n", "billing/app.py": ""}, DECLARED)
    assert len(made) < MOST_MADE, len(made)


REGISTRY = """
import requests

class Registry:
    def __init__(self):
        self.known = {}

    def register(self, name=None, function=None, **flags):
        if name is None and function is None:
            def decorate(function):
                return self.register_function(function, **flags)
            return decorate
        elif name is not None and function is None:
            if callable(name):
                return self.register_function(name, **flags)
            def decorate(function):
                return self.register(name, function, **flags)
            return decorate
        self.known[name] = function
        return function

    def register_function(self, function, **flags):
        return self.register(function.__name__, function, **flags)

registry = Registry()
"""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function is called, by its name."""
    calls: Counter[str] = Counter()
    call = Calling.call_function

    def counted(self: Calling, frame: Frame, function: Func, args: Args, named: Named) -> Value:
        calls[function.id.name] += 1
        return call(self, frame, function, args, named)

    monkeypatch.setattr(Calling, "call_function", counted)
    return calls


def test_a_decorator_that_leads_back_to_itself_is_followed_for_a_few_steps(calls: Counter[str]) -> None:
    functions = "".join(
        f"@registry.register(safe=True)\ndef f{n}(x):\n    return requests.get('http://billing/{n}')\n\n"
        for n in range(12)
    )
    seen = see({"customer/app.py": REGISTRY + functions, "billing/app.py": ""}, DECLARED)
    assert calls.total() < 1_000 * 12, calls
    assert len(seen.sites("billing")) == 12


def test_one_question_that_doubles_at_each_of_thirty_classes_is_given_up(calls: Counter[str]) -> None:
    classes = "".join(
        f"class Node{n}:\n    def __init__(self, inner):\n        self.inner = inner\n\n    def url(self, a, b):\n"
        "        return self.inner.url(b + 'x', a) or self.inner.url(a + 'y', b)\n\n"
        for n in range(30)
    )
    made = "".join(f"Node{n}(" for n in range(30)) + "Leaf()" + ")" * 30
    text = (
        "import requests\n\nclass Leaf:\n    def url(self, a, b):\n        return 'http://billing/' + a\n\n" + classes
        + "class Client:\n    def __init__(self, node):\n        self.base = node.url('a', 'b')\n\n"
        "    def ask(self):\n        return requests.get(self.base)\n\n"
        f"client = Client({made})\n\ndef go():\n    client.ask()\n"
    )  # fmt: skip
    seen = see({"customer/app.py": text, "billing/app.py": ""}, DECLARED)
    assert calls.total() < 20 * state.MOST_LOOKUPS, calls.most_common(3)
    (request,) = [one for one in seen.evidence.observations if one.does == "request"]
    assert isinstance(request.slots["url"], Unknown), request.slots  # what is given up is told, as unresolved


MANY = """
import requests

class Client:
    def all(self, base):
        requests.get(base + "/1")
        requests.get(base + "/2")
        requests.get(base + "/3")
        requests.get(base + "/4")

class Other:
    def one(self, base):
        requests.get(base + "/x")
"""


def test_what_rises_to_one_function_takes_nothing_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MOST_STEPS", 10)
    callers = "".join(f"def f{n}(client: Client):\n    client.all('http://sysops')\n\n" for n in range(9))
    last = "def last(other: Other):\n    other.one('http://billing')  # SITE\n"
    seen = see({"customer/app.py": MANY + callers + last, "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert len(seen.sites("sysops")) == 9


def test_what_rises_past_the_bound_to_a_function_that_the_outside_calls_is_unresolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "MOST_STEPS", 2)
    text = MANY + "def f(client: Client):\n    client.all('http://billing')\n"
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert any(one.why == state.TOO_MANY_RISE for one in seen.evidence.unresolved)


def test_what_rises_past_the_bound_through_a_call_that_had_waited_is_unresolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "MOST_STEPS", 3)
    text = MANY + "def use(client):\n    client.all('http://billing')\n\ndef main():\n    use(Client())\n"
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert any("too many calls rise" in one.why for one in seen.evidence.unresolved)


def test_a_function_is_not_run_again_for_what_it_had_not_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function calls one that is defined below it and was not run yet."""
    runs: Counter[str] = Counter()
    run = machine.Machine.run_function

    def counted(self: machine.Machine, id: FunctionId) -> None:
        runs[id.name] += 1
        run(self, id)

    monkeypatch.setattr(machine.Machine, "run_function", counted)
    steps = "".join(f"def f{n}(url):\n    return f{n + 1}(url)\n\n" for n in range(30))
    last = "def f30(url):\n    return requests.get(url)\n\ndef go():\n    f0('http://billing')  # SITE\n"
    seen = see({"customer/app.py": f"import requests\n\n{steps}{last}", "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert set(runs.values()) == {1}


def test_what_is_reached_by_many_ways_waits_once() -> None:
    """Twenty functions that each call the next one twice: a million ways to one call that waits for its client."""
    steps = "".join(
        f"def f{n}(client, on):\n    if on:\n        f{n + 1}(client, on)\n    f{n + 1}(client, on)\n\n"
        for n in range(20)
    )
    last = "def f20(client, on):\n    client.get('http://billing')  # SITE\n\n"
    main = "def main(on):\n    f0(requests.Session(), on)\n"
    seen = see({"customer/app.py": f"import requests\n\n{steps}{last}{main}", "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert not seen.evidence.unresolved


def test_ways_that_name_their_targets_at_other_lines_are_other_sites() -> None:
    seen = customer(
        """
        import requests

        def through(client, url):
            client.get(url)

        def both(client):
            through(client, "http://billing/cards")  # SITE
            through(client, "http://billing/cards")  # SITE
            through(client, "http://billing/invoices")  # SITE

        def main():
            both(requests.Session())
        """
    )
    assert seen.sites("billing") == seen.marked()


@pytest.mark.parametrize("number", [100, 300])
def test_more_attributes_of_something_from_a_caller_than_are_followed_are_unresolved(number: int) -> None:
    lines = "".join(f"    box.a{n} = 'http://sysops/{n}'\n" for n in range(number))
    text = (
        "import requests\n\nclass Box:\n    pass\n\n"
        f"def fill(box):\n{lines}    box.last = requests.Session()\n\n"
        "def main():\n    box = Box()\n    fill(box)\n    box.last.get('http://billing/cards')  # SITE\n"
    )
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    found = seen.sites("billing") == seen.marked()
    told = any(one.why == state.TOO_MANY_RISE for one in seen.evidence.unresolved)
    assert (found, told) == (number < 200, number > 200)


@pytest.mark.parametrize("number", [100, 600])
def test_more_entries_than_are_followed_are_unresolved(number: int) -> None:
    lines = "".join(f"handlers['h{n}'] = len\n" for n in range(number))
    text = f"import requests\n\nhandlers = {{}}\n{lines}handlers['last'] = requests.get\n"
    text += "\ndef main():\n    handlers['last']('http://billing/cards')  # SITE\n"
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    found = seen.sites("billing") == seen.marked()
    told = any("more entries" in one.why for one in seen.evidence.unresolved)
    assert (found, told) == (number < 512, number > 512)


@pytest.mark.parametrize("number", [10, 100])
def test_more_values_of_an_attribute_than_are_followed_are_unresolved(number: int) -> None:
    lines = "".join(f"    def m{n}(self):\n        self.url = 'http://sysops/{n}'\n\n" for n in range(number))
    text = f"import requests\n\nclass Box:\n{lines}    def last(self):\n        self.url = 'http://billing/cards'\n\n"
    text += "    def go(self):\n        requests.get(self.url)\n\ndef main():\n    Box().go()\n"
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert bool(seen.sites("billing")) == (number < 64)
    assert bool(seen.unresolved("request")) == (number > 64)


ONE_COLUMN = """
def go(number):
    with Session(create_engine("sqlite:///c.db")) as session:
        {start}
{body}        session.add(Note(body=x))
    requests.get('http://billing/x')
"""
STARTS = {
    "what was put into it before": ("x = session.query(Note).first().body", set()),
    "that and a card number": ("x = [session.query(Note).first().body, {'card_number': number}]", {"pan"}),
}


@pytest.mark.parametrize("name", STARTS)
def test_what_comes_to_rest_in_a_column_that_it_was_read_from_is_asked_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[None] = []
    carried = DataFlow.found_in

    def counted(self: DataFlow, value: Value, context: str, depth: int) -> Iterator[Found]:
        asked.append(None)
        return carried(self, value, context, depth)

    monkeypatch.setattr(DataFlow, "found_in", counted)
    start, classes = STARTS[name]
    text = HEAD + ONE_COLUMN.format(start=start, body="        x = [x, {'a': x}]\n" * 10)
    seen = see({"customer/app.py": text, "billing/app.py": ""}, DECLARED)
    assert len(asked) < MOST_MADE
    assert {one.data_class for one in seen.evidence.data} == classes


def test_what_calls_more_than_can_be_put_together_is_put_together_in_full_once_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: Counter[int] = Counter()
    instantiate = Calling.instantiate

    def counted(self: Calling, frame: Frame, act: Act, put: Rebuild) -> None:
        steps[self.round] += frame.id.name == "go"
        instantiate(self, frame, act, put)

    monkeypatch.setattr(Calling, "instantiate", counted)
    for module in (calling, machine):
        monkeypatch.setattr(module, "MOST_STEPS", 60)
    monkeypatch.setattr(machine, "MOST_STEPS_AGAIN", 5)
    wrapper = "import requests\n\ndef ask(url):\n    return requests.get(url)\n\n"
    calls = "".join(f"    ask('http://billing/{n}')\n" for n in range(100))
    late = "\ndef set():\n    global mode\n    mode = 'known once go was run'\n"
    text = f"{wrapper}mode = None\n\ndef go():\n    print(mode)\n{calls}{late}"
    seen = see({"customer/app.py": text, "billing/app.py": ""}, DECLARED)
    first, *later = [steps[number] for number in sorted(steps)]
    assert first >= 60
    assert later
    assert len(seen.sites("billing")) == 60  # what was found the first time stays
    assert len(seen.unresolved("request")) == 1


def test_functions_that_may_each_call_all_others_come_to_an_end(
    calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "MOST_WORK", 5_000)
    monkeypatch.setattr(machine, "MOST_WORK", 5_000)
    dispatching = "".join(
        f"def f{n}(name, a):\n    requests.get('http://billing/' + a)\n    return globals()[name](name, a + '{n}')\n\n"
        for n in range(12)
    )
    text = f"import requests\n\n{dispatching}f0('f1', 'x')\n"
    seen = see({"customer/app.py": text, "billing/app.py": ""}, DECLARED)
    assert calls.total() < 50_000, calls.total()
    assert len(seen.sites("billing")) == 12
    assert any(one.why == state.TOO_MUCH_WORK for one in seen.unresolved())


def test_functions_that_nobody_calls_get_less_once_much_was_put_together_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observe, "MOST_CONCLUDED", 0)
    monkeypatch.setattr(observe, "MOST_STEPS_LATE", 1)
    text = MANY + "def f(client: Client):\n    client.all('http://billing')\n\n"
    one = "def g(other: Other):\n    other.one('http://billing')  # SITE\n"
    seen = see({"customer/app.py": text + one, "billing/app.py": ""})
    assert seen.sites("billing") >= seen.marked()
    assert any(one.why == state.TOO_MANY_RISE for one in seen.evidence.unresolved)


HUB = """
import requests

class Hub:
    def __init__(self):
        self.jobs = []

    def add(self, job):
        self.jobs.append(job)

    def go(self):
        for job in self.jobs:
            job(self)

hub = Hub()

"""
JOB = """
def job{0}(hub: Hub):
    hub.go()

hub.add(job{0})

def called_by_the_outside{0}(hub: Hub):
    hub.go()

"""
LAST_JOB = """
def send(hub: Hub):
    requests.get('http://billing/x')  # SITE
    hub.go()

hub.add(send)
"""


@pytest.mark.parametrize("jobs", [20, 40])
def test_what_a_hub_leads_to_is_made_once_for_all_functions_that_the_outside_calls(
    jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[None] = []
    call = Calling.call_waiting

    def counted(self: Calling, frame: Frame, callee: Value, args: Args, named: Named) -> Value:
        made.append(None)
        return call(self, frame, callee, args, named)

    monkeypatch.setattr(Calling, "call_waiting", counted)
    monkeypatch.setattr(calling, "MOST_MADE_ALONE", 10)
    text = HUB + "".join(JOB.format(number) for number in range(jobs)) + LAST_JOB
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert len(made) < 5 * jobs
    assert seen.sites("billing") == seen.marked()
    assert any(one.why == state.TOO_MANY_RISE for one in seen.evidence.unresolved)


def test_a_small_program_is_followed_whole_from_each_function_that_the_outside_calls() -> None:
    text = HUB + "".join(JOB.format(number) for number in range(3)) + LAST_JOB
    seen = see({"customer/app.py": text, "billing/app.py": ""})
    assert seen.sites("billing") == seen.marked()
    assert not seen.evidence.unresolved
