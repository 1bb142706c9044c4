"""Code made to be slow comes to an end: it is followed, or what was left out is said.

benchmarks/hostile.py has it in full size.
"""

from __future__ import annotations

import pytest
from source_trees import see

ONE = "customer/app.py"
GET = "    requests.get(u)\n"

# Each calls billing once at the line marked SITE; where not every call can be followed, that is unresolved.
PROGRAMS = {
    "a class hierarchy 200 deep": (
        "class C0:\n    def go(self, u):\n        requests.get(u)\n"
        + "".join(f"class C{n}(C{n - 1}):\n    pass\n" for n in range(1, 201))
        + "C200().go('http://billing/x')  # SITE\n"
    ),
    "a cycle of functions that all call": (
        "".join(f"def f{n}(u):\n{GET}    f{(n + 1) % 150}(u)\n" for n in range(150))
        + "f0('http://billing/x')  # SITE\n"
    ),
    "functions that each call the next one twice": (
        f"def f0(u):\n{GET}"
        + "".join(f"def f{n}(u):\n    f{n - 1}(u + '/l')\n    f{n - 1}(u + '/r')\n" for n in range(1, 24))
        + "f23('http://billing/x')  # SITE\n"
    ),
    "one expression of many terms": (
        "x = " + " + ".join(f"'a{n}'" for n in range(3_000)) + "\nrequests.get('http://billing/x')  # SITE\n"
    ),
    "values that are made from themselves": (
        "class Node:\n    def __init__(self, parent, url):\n        self.parent, self.url = parent, url\n"
        "    def child(self):\n        return Node(self, self.url)\n"
        "def walk(node, depth):\n    requests.get(node.url)  # CALL\n    walk(node.child(), depth - 1)\n"
        "walk(Node(None, 'http://billing/x'), 9)  # SITE\n"
    ),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_made_to_be_slow_comes_to_an_end(program: str) -> None:
    seen = see({ONE: "import requests\n" + program})
    assert seen.sites("billing") == seen.marked()


def test_a_table_of_more_entries_than_are_followed_says_so() -> None:
    handlers = "".join(f"def h{n}(u):\n    return {n}\n" for n in range(600))
    table = "".join(f"    'k{n}': h{n},\n" for n in range(600))
    program = f"{handlers}def hot(u):\n{GET}TABLE = {{\n{table}    'hot': hot,\n}}\nTABLE['hot']('http://billing/x')\n"
    seen = see({ONE: "import requests\n" + program})
    assert seen.sites("billing") or seen.unresolved()


def test_a_list_of_more_elements_than_are_followed_says_so() -> None:
    program = (
        "HOSTS = [\n"
        + "    'http://other/x',\n" * 4_100
        + "    'http://billing/x',\n]\nfor host in HOSTS:\n    requests.get(host)\n"
    )
    seen = see({ONE: "import requests\n" + program})
    assert seen.sites("billing") or seen.unresolved()
