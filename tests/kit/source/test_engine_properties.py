"""What holds for every program: nothing crashes the engine; what changes nothing in a program changes no crossing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_trees import BILLING_CONSUMES_JOBS, Seen, see

from quantafit.evidence.source.extract import UnreadableError, extract

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# Reading ------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail_otherwise_than_as_unreadable(data: bytes) -> None:
    with suppress(UnreadableError):
        extract(data, "a.py")


@given(st.text(max_size=300))
def test_no_text_makes_reading_fail_otherwise_than_as_unreadable(text: str) -> None:
    with suppress(UnreadableError):
        extract(text.encode("utf-8", "surrogatepass"), "a.py")


_PIECES = st.sampled_from(
    [
        "def f(",
        "):",
        "\n    ",
        "\n",
        "return ",
        "x",
        " = ",
        "[",
        "]",
        "{",
        "}",
        "lambda",
        ":",
        "await ",
        "yield ",
        "async ",
        "class C",
        "with ",
        "match ",
        "case ",
        "*",
        "**",
        "f'{",
        "}'",
        "@",
        "import ",
        "from . ",
        "try",
        "except*",
        "1_0",
        "0x",
        "\\",
        "'''",
        "\x00",
        "\ufeff",
        "# -*- coding: latin-1 -*-\n",
        "é",
        "global x",
        "del ",
        "type T = ",
        "print(",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_no_heap_of_python_words_makes_reading_fail_otherwise_than_as_unreadable(text: str) -> None:
    with suppress(UnreadableError):
        extract(text.encode(), "a.py")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfimport requests\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"# -*- coding: nonsense -*-\n",
        b"\x00",
        b"x = '\xff'\n",
        b"(" * 5000,
        b"x = " + b"[" * 300 + b"]" * 300,
        b"x = " + b"-" * 3000 + b"1",
        b"x" + b".a" * 3000,
        b"x = " + b" + ".join([b"1"] * 3000),
        b"if x:\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 99)) + b" " * 99 + b"pass\n",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_odd_files_are_read_or_unreadable_and_the_analysis_goes_on(data: bytes) -> None:
    from source_trees import architecture

    from quantafit.evidence import source
    from quantafit.workspace import MemoryWorkspace

    other = b"import requests\nrequests.get('http://billing/x')\n"
    tree = MemoryWorkspace({"customer/odd.py": data, "customer/other.py": other})
    evidence = source.collect(tree, architecture())
    assert any(one.does == "request" for one in evidence.observations)
    assert {error.place.path for error in evidence.errors} <= {"customer/odd.py"}


# Random programs ----------------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(["a", "b", "c", "f", "g", "C", "self", "requests", "cls"])
_TEXTS = st.sampled_from(["'http://billing/x'", "''", "'%s'", "'{}'", "b'x'", "1", "None", "...", "1.5", "2j"])


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def form(template: str) -> st.SearchStrategy[str]:
        holes = template.count("E")
        return st.lists(inner, min_size=holes, max_size=holes).map(lambda parts: _fill(template, parts))

    return st.one_of(
        *(
            form(template)
            for template in (
                "E(E)",
                "E(E, k=E)",
                "E(*E)",
                "E(**E)",
                "E.a",
                "E.post(E)",
                "E.format(E)",
                "E[E]",
                "E[E:E]",
                "(E, E)",
                "[E, E]",
                "{E: E}",
                "{**E}",
                "{E}",
                "(lambda a, b=E: E)",
                "(lambda *a, **b: E)(E)",
                "(E if E else E)",
                "(E or E)",
                "(E + E)",
                "(E % E)",
                "(E / E)",
                "(E | E)",
                "-E",
                "(not E)",
                "(E == E)",
                "f'{E}'",
                "[E for a in E if E]",
                "{a: E for a, b in E}",
                "(E for b in E)",
                "(c := E)",
                "getattr(E, 'a')",
                "getattr(E, E)",
                "setattr(E, 'a', E)",
                "super().__init__(E)",
                "dict(E)",
                "list(E)",
                "map(E, E)",
                "zip(E, E)",
                "isinstance(E, E)",
                "type(E)",
                "__import__('requests')",
                "vars(E)",
                "globals()",
                "next(E)",
                "sorted(E)",
                "print(E)",
                "exec('a = 1')",
            )
        )
    )


def _fill(template: str, parts: Iterable[str]) -> str:
    rest = iter(parts)
    return re.sub("E", lambda _: next(rest), template)


_EXPRESSION = st.recursive(_NAMES | _TEXTS, _expressions, max_leaves=6)
_STATEMENTS = (
    "N = E",
    "N, N = E",
    "N.a = E",
    "N['k'] = E",
    "N += E",
    "N: E = E",
    "return E",
    "E",
    "del N",
    "raise E",
    "assert E, E",
    "global N",
    "import requests as N",
    "from requests import post as N",
    "from . import N",
    "yield E",
    "await E",
    "pass",
    "break",
    "continue",
)
_BLOCKS = (
    "if E:\nB\nelse:\nB",
    "for N in E:\nB",
    "while E:\nB",
    "with E as N:\nB",
    "try:\nB\nexcept E as N:\nB\nfinally:\nB",
    "def N(a, b=E, *c, **d):\nB",
    "async def N(self, cls=E):\nB",
    "@E\ndef N(a: E) -> E:\nB",
    "class N(E):\nB",
    "@N\nclass C:\n    x: N = E\n    def f(self, a):\n        self.a = a\n        return self.g(a)\n"
    "    def g(self, a):\n        return self.f(E)",
    "match E:\n    case [N, *a]:\n        pass\n    case {'k': b}:\n        pass\n    case _:\n        pass",
    "for a, (b, c) in E:\nB",
    "async def N():\n    async with E as a, E as b:\n        async for c in E:\n            yield c",
)


@st.composite
def programs(draw: st.DrawFn, depth: int = 0) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        if depth < 2 and draw(st.booleans()):
            template = draw(st.sampled_from(_BLOCKS))
        else:
            template = draw(st.sampled_from(_STATEMENTS))
        text = re.sub(r"\bN\b", lambda _: draw(_NAMES), template)
        text = re.sub(r"\bE\b", lambda _: draw(_EXPRESSION), text)
        made = []
        for line in text.split("\n"):
            if line == "B":
                made.extend("    " + inner for inner in draw(programs(depth + 1)).split("\n"))
            else:
                made.append(line)
        lines.extend(made)
    return "\n".join(lines)


@RELAXED
@given(programs())
def test_no_small_program_crashes_the_engine(program: str) -> None:
    see({"customer/app.py": "import requests\n" + program})


@RELAXED
@given(programs(), programs())
def test_no_two_modules_that_import_each_other_crash_the_engine(one: str, other: str) -> None:
    see({"customer/a.py": "from customer.b import *\n" + one, "customer/b.py": "from customer import a\n" + other})


@RELAXED
@given(programs())
def test_a_call_beside_any_program_is_still_found(program: str) -> None:
    text = "import httpx\n\n\ndef plain_function():\n    httpx.get('http://billing/x')\n"
    try:
        extract(program.encode(), "customer/odd.py")
    except UnreadableError:
        return
    seen = see({"customer/own.py": text, "customer/odd.py": "import requests\n" + program})
    assert "customer/own.py:5" in seen.sites("billing")


@RELAXED
@given(programs())
def test_the_same_program_gives_the_same_evidence(program: str) -> None:
    files = {"customer/app.py": "import requests\n" + program}
    assert see(files).evidence == see(files).evidence


# What does not change a program -------------------------------------------------------------------------------------

PARTS = {
    "make": "def make(base):\n    session = requests.Session()\n    return Api(session, base)\n",
    "Api": "class Api:\n    def __init__(self, session, base):\n        self.session = session\n"
    "        self.base = base\n\n"
    "    def call(self, path):\n        return self.session.get(self.base + path)\n",
    "helper": "def helper(target, path):\n    api = make(f'http://{target}')\n    return api.call(path)\n",
    "one": "def one(key):\n    answer = helper('billing', '/' + key)\n    return answer\n",
    "two": "def two():\n    result = helper(target='sysops', path='/two')\n    return result\n",
    "send": "def send(body, queue='jobs'):\n    channel = pika.BlockingConnection().channel()\n"
    "    channel.basic_publish('', queue, body)\n",
    "three": "def three(value):\n    message = json.dumps(value)\n    send(message)\n",
}
HEAD = "import json\n\nimport pika\nimport requests\n"
LOCALS = [
    "session",
    "base",
    "path",
    "target",
    "api",
    "key",
    "answer",
    "result",
    "body",
    "queue",
    "channel",
    "value",
    "message",
]


def outcome(seen: Seen) -> set[tuple[str, str | None, str | None, str, tuple[str, ...]]]:
    """The crossings by what they are and by the functions they lead through, without lines."""
    return {
        (one.mechanism, one.target, one.channel, one.site.symbol, tuple(step.place.symbol for step in one.path))
        for one in seen.crossings()
    }


def program(order: Iterable[str]) -> dict[str, str]:
    text = HEAD + "\n\n".join(PARTS[name] for name in order)
    return {"customer/app.py": text, "billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""}


EXPECTED = outcome(see(program(PARTS)))


def test_the_program_of_these_tests_has_three_crossings() -> None:
    assert {(target, symbol) for _, target, _, symbol, _ in EXPECTED} == {
        ("billing", "one"), ("sysops", "two"), ("billing", "send")
    } or {(target, symbol) for _, target, _, symbol, _ in EXPECTED} == {
        ("billing", "one"), ("sysops", "two"), ("billing", "three")
    }  # fmt: skip


@RELAXED
@given(st.permutations(sorted(PARTS)))
def test_the_order_of_functions_does_not_matter(order: list[str]) -> None:
    assert outcome(see(program(order))) == EXPECTED


@RELAXED
@given(st.integers(0, 10**6))
def test_the_names_of_variables_do_not_matter(seed: int) -> None:
    renamed = dict(zip(LOCALS, random.Random(seed).sample([f"v{n}" for n in range(99)], len(LOCALS)), strict=True))
    files = program(PARTS)
    pattern = re.compile(r"(?<![.'/\w])(" + "|".join(LOCALS) + r")\b(?!')|(?<=self\.)(session|base)\b")
    files["customer/app.py"] = pattern.sub(lambda match: renamed[match[0]], files["customer/app.py"])
    assert outcome(see(files)) == EXPECTED


@RELAXED
@given(st.lists(st.integers(0, 2), min_size=len(PARTS), max_size=len(PARTS)))
def test_the_modules_that_functions_stand_in_do_not_matter(places: list[int]) -> None:
    modules: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for name, place in zip(PARTS, places, strict=True):
        modules[place].append(name)
    files = {"customer/__init__.py": "", "billing/worker.py": BILLING_CONSUMES_JOBS, "sysops/app.py": ""}
    for place, names in modules.items():
        # Imported at the end: modules that need each other are written so.
        ends = [
            f"from customer.m{other} import {', '.join(there)}"
            for other, there in modules.items()
            if there and other != place
        ]
        files[f"customer/m{place}.py"] = "\n".join([HEAD, *(PARTS[name] for name in names), *ends])
    assert outcome(see(files)) == EXPECTED


def test_a_file_that_has_nothing_to_do_with_it_does_not_matter() -> None:
    files = program(PARTS) | {"customer/more.py": "def idle(x):\n    return [x, x]\n\nidle(1)\n"}
    assert outcome(see(files)) == EXPECTED


def test_blank_lines_and_comments_do_not_matter() -> None:
    files = program(PARTS)
    files["customer/app.py"] = files["customer/app.py"].replace("\n\n", "\n\n# a comment\n\n\n")
    assert outcome(see(files)) == EXPECTED
