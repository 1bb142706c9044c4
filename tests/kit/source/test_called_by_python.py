"""What Python calls without its name being written: operators, tests, texts made of objects, setters and hooks.

Each statement stands in the customer's code; the class behind it is shared, so that it counts only where it is reached.
"""

from __future__ import annotations

import pytest
from source_trees import Seen, customer

REMOTE = """
import requests

class Remote:
    def __init__(self, base):
        self.base = base

    def {method}(self, *args):
        requests.get(self.base + "/x")
        return {gives}
"""

ASKED = {
    "__len__": "return len(remote)",
    "__bool__": "return 1 if remote else 2",
    "__contains__": 'return "x" in remote',
    "__eq__": "return remote == 3",
    "__lt__": "return remote < 3",
    "__gt__": "return 3 < remote",
    "__neg__": "return -remote",
    "__truediv__": 'return remote / "x"',
    "__radd__": "return 3 + remote",
    "__iadd__": "remote += 1",
    "__str__": 'return f"{remote}"',
    "__repr__": "return repr(remote)",
    "__format__": 'return "{}".format(remote)',
    "__int__": "return int(remote)",
    "__hash__": "return hash(remote)",
    "__iter__": "first, second = remote",
    "__next__": "print(*remote)",
    "__getitem__": 'return remote["x"]',
    "__setitem__": 'remote["x"] = 3',
    "__delitem__": 'del remote["x"]',
    "__setattr__": "remote.other = 3",
    "__delattr__": "del remote.other",
    "__enter__": "with remote: pass",
    "__exit__": "with remote: pass",
    "__aenter__": "async with remote: pass",
    "__await__": "await remote",
}


def asking(method: str, statement: str) -> Seen:
    """A statement about an object of a shared class that has this method, and does a request in it."""
    begins = "async def" if "await" in statement or "async" in statement else "def"
    text = f"from shared.net import Remote\n\n{begins} go():\n    remote = Remote('http://billing')\n"
    return customer(text + f"    {statement}  # SITE\n", shared__net=REMOTE.format(method=method, gives="self"))


@pytest.mark.parametrize("method", ASKED)
def test_a_method_that_python_calls_is_followed_to_the_statement(method: str) -> None:
    assert asking(method, ASKED[method]).sites() == asking(method, ASKED[method]).marked()


@pytest.mark.parametrize("method", ASKED)
def test_such_a_method_is_not_called_by_another_statement(method: str) -> None:
    assert asking(method, "return remote.base").silent()


TESTS = ("if remote: pass", "while remote: pass", "assert remote", "return not remote", "return remote and 3",
         "return remote or 3", "return [x for x in (1,) if remote]", "return bool(remote)")  # fmt: skip


@pytest.mark.parametrize("statement", TESTS)
def test_whether_an_object_is_true_is_asked_of_it(statement: str) -> None:
    seen = asking("__bool__", statement)
    assert seen.sites() == seen.marked()


GOING_THROUGH = ("for x in remote: pass", "return list(remote)", "return [*remote]", "return sum(remote)",
                 "return max(remote)", "return any(remote)", "return dict(remote)", 'return ",".join(remote)',
                 "yield from remote", "return {x for x in remote}", "return next(iter(remote))",
                 "return sorted(remote)", "return 3 in remote")  # fmt: skip


@pytest.mark.parametrize("statement", GOING_THROUGH)
def test_whoever_goes_through_an_object_asks_it(statement: str) -> None:
    seen = asking("__next__", statement)
    assert seen.sites() == seen.marked()


HOOKED = {
    "the setter of a property": (
        """
        from shared.net import Remote

        def go():
            Remote().x = 3  # SITE
        """,
        """
        import requests

        class Remote:
            @property
            def x(self):
                return 1

            @x.setter
            def x(self, value):
                requests.put("http://billing/x")
        """,
    ),
    "the __set__ of a descriptor": (
        """
        from shared.net import Remote

        def go():
            Remote().x = 3  # SITE
        """,
        """
        import requests

        class Field:
            def __set__(self, owner, value):
                requests.put("http://billing/x")

        class Remote:
            x = Field()
        """,
    ),
    "what a data class does after its fields": (
        """
        from shared.net import Remote

        def go():
            Remote("http://billing")  # SITE
        """,
        """
        import requests
        from dataclasses import dataclass

        @dataclass
        class Remote:
            base: str

            def __post_init__(self):
                requests.put(self.base + "/x")
        """,
    ),
    "what a class does when it is extended": (
        """
        from shared.net import Remote

        class Own(Remote, base="http://billing"):  # SITE
            pass
        """,
        """
        import requests

        class Remote:
            def __init_subclass__(cls, base, **more):
                requests.put(base + "/x")
        """,
    ),
    "what a mapping does for a missing key": (
        """
        from shared.net import Remote

        def go():
            return Remote()["x"]  # SITE
        """,
        """
        import requests

        class Remote(dict):
            def __missing__(self, key):
                return requests.get("http://billing/" + key)
        """,
    ),
    "a call in the format of a text": (
        """
        from shared.net import width

        def go(x):
            return f"{x:{width('http://billing')}}"  # SITE
        """,
        """
        import requests

        def width(base):
            return requests.get(base + "/width").json()
        """,
    ),
    "a key function": (
        """
        from shared.net import rank

        def go():
            return sorted(["http://billing/x"], key=rank)  # SITE
        """,
        """
        import requests

        def rank(url):
            return requests.get(url).json()
        """,
    ),
    "a filter": (
        """
        from shared.net import alive

        def go():
            return list(filter(alive, ["http://billing/x"]))  # SITE
        """,
        """
        import requests

        def alive(url):
            return requests.get(url).ok
        """,
    ),
    "a reduction": (
        """
        from functools import reduce

        from shared.net import step

        def go():
            return reduce(step, ["http:/", "/billing", "/x"])  # SITE
        """,
        """
        import requests

        def step(base, part):
            requests.get(base + part)
            return base + part
        """,
    ),
}


@pytest.mark.parametrize("name", HOOKED)
def test_a_hook_is_followed_to_the_statement(name: str) -> None:
    text, net = HOOKED[name]
    seen = customer(text, shared__net=net)
    assert seen.marked() <= seen.sites()
    assert {place for place in seen.sites() if place.startswith("customer")} == seen.marked()


@pytest.mark.parametrize("name", HOOKED)
def test_a_hook_that_nothing_sets_off_is_silent(name: str) -> None:
    _, net = HOOKED[name]
    assert customer("import shared.net\n", shared__net=net).silent()


ELSEWHERE = {
    "an operator": ("__len__", "return len(things)"),
    "a test": ("__bool__", "return 1 if things else 2"),
    "an item": ("__getitem__", "return things[0]"),
    "a loop": ("__iter__", "for one in things: pass"),
    "a block": ("__enter__", "with things: pass"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_only_a_caller_could_tell_is_listed_where_the_method_does_it(name: str) -> None:
    method, statement = ELSEWHERE[name]
    text = "from shared.net import Remote, use\n\ndef go():\n    use(Remote('http://billing'))\n"
    net = REMOTE.format(method=method, gives="self") + f"\ndef use(things):\n    {statement}\n"
    seen = customer(text, shared__net=net)
    assert seen.sites() == {"shared/net.py:8"}


def test_a_property_that_is_read_of_a_parameter_is_not_lost() -> None:
    net = """
        import requests

        class Remote:
            def __init__(self, base):
                self.base = base

            @property
            def status(self):
                return requests.get(self.base + "/x")

        def use(things):
            return things.status
        """
    text = "from shared.net import Remote, use\n\ndef go():\n    use(Remote('http://billing'))\n"
    assert customer(text, shared__net=net).sites() == {"shared/net.py:9"}
    unread = net.replace("things.status", "things.base")
    assert customer(text, shared__net=unread).silent()
