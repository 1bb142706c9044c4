"""Inputs made to be slow: each is finished or refused with a reason, in seconds.

    python benchmarks/hostile.py [NAME…]

For each one: CPU seconds and resident peak of a cold ``quantafit observe``, how many calls were found, and what is said
of what was not followed. Unless it says otherwise, one call leads to the quantum ``b``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import QUANTAFIT, measure, python

QUANTA = "schema: quanta/1\nsystem: hostile\nquanta:\n  a: {source: [a]}\n  b: {source: [b], hosts: [b]}\n"
HEAD = "import httpx\n\n"
LAST = '\nhttpx.get("http://b/x")\n'
GET = "    httpx.get(u)\n"


def lines() -> str:
    functions = (f"def f{n}(x):\n    y = x + {n}\n    return g(y)\n\n" for n in range(12_500))
    return HEAD + "".join(functions) + LAST


def hierarchy() -> str:
    first = 'class C0:\n    def go(self):\n        httpx.get("http://b/x")\n\n'
    classes = (f"class C{n}(C{n - 1}):\n    def m{n}(self):\n        return self.go()\n\n" for n in range(1, 501))
    return HEAD + first + "".join(classes) + "C500().go()\nC500().m3()\n"


def cycle() -> str:
    functions = (f"def f{n}(u, n):\n{GET}    return f{(n + 1) % 2_000}(u, n - 1)\n\n" for n in range(2_000))
    return HEAD + "".join(functions) + 'f0("http://b/x", 3)\n'


def dispatch() -> str:
    handlers = "".join(f"def h{n}(u):\n    return {n}\n" for n in range(10_000))
    table = "".join(f'    "k{n}": h{n},\n' for n in range(10_000))
    calls = 'def run(k):\n    T[k]("http://b/x")\n\nT["hot"]("http://b/y")\n'
    return f'{HEAD}{handlers}def hot(u):\n{GET}T = {{\n{table}    "hot": hot,\n}}\n\n{calls}'


def large() -> str:
    rows = (f'    ({n}, "name {n}", {{"k": {n}, "v": "some text to fill the line {n}"}}),\n' for n in range(290_000))
    return HEAD + "DATA = [\n" + "".join(rows) + "]\n" + LAST


def chain() -> str:
    functions = (f"def f{n}(u):\n    return f{n - 1}(u)\n\n" for n in range(1, 400))
    return HEAD + f"def f0(u):\n{GET}\n" + "".join(functions) + 'f399("http://b/x")\n'


def doubling() -> str:
    functions = (f'def f{n}(u):\n    f{n - 1}(u + "/l")\n    f{n - 1}(u + "/r")\n\n' for n in range(1, 40))
    return HEAD + f"def f0(u):\n{GET}\n" + "".join(functions) + 'f39("http://b/x")\n'


def expression() -> str:
    return HEAD + "x = " + " + ".join(f'"a{n}"' for n in range(20_000)) + LAST


def one_name() -> str:
    classes = (f"class K{n}:\n    def run(self, u):\n        return {n}\n\n" for n in range(3_000))
    end = f"class End:\n    def run(self, u):\n    {GET}\ndef go(k, u):\n    k.run(u)\n\n"
    calls = (f'go(K{n}(), "http://b/{n}")\n' for n in range(3_000))
    return HEAD + "".join(classes) + end + "".join(calls) + 'go(End(), "http://b/x")\n'


INPUTS: dict[str, tuple[str, Callable[[], str]]] = {
    "lines": ("a file of 50,000 lines", lines),
    "hierarchy": ("a class hierarchy 500 deep", hierarchy),
    "cycle": ("a cycle of 2,000 functions that all call", cycle),
    "dispatch": ("a dispatch table of 10,000 entries", dispatch),
    "large": ("a generated file of 24 MB", large),
    "chain": ("a chain of 400 wrappers", chain),
    "doubling": ("40 functions that each call the next one twice", doubling),
    "expression": ("one expression of 20,000 terms", expression),
    "one-name": ("3,000 classes with one method name", one_name),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(INPUTS)}")
    for name in parser.parse_args().names or INPUTS:
        what, make = INPUTS[name]
        with tempfile.TemporaryDirectory(prefix="quantafit-") as folder:
            root = Path(folder)
            for path, text in {"quanta.yaml": QUANTA, "a/app.py": make(), "b/api.py": "x = 1\n"}.items():
                (root / path).parent.mkdir(exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            seen = root / "seen.json"
            command = python(QUANTAFIT, "observe", "--no-cache", "--config", str(root), "--format", f"json:{seen}")
            cost = measure(command, root)
            document = json.loads(seen.read_text(encoding="utf-8"))
        said = [one["why"] for one in document["unresolved"]] + [one["message"] for one in document["errors"]]
        calls = len({(one["evidence"][0]["line"], one["target"]) for one in document["interactions"]})
        print(f"{what}: {cost.seconds:.1f} s, {cost.memory:.0f} MiB, {calls} found", flush=True)
        for why in dict.fromkeys(said):
            print(f"    {why}")


if __name__ == "__main__":
    main()
