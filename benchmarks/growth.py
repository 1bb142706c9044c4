"""How the cost grows with the code: generated systems from 1,000 files up.

    python benchmarks/growth.py [--files 1000 3000 10000 30000]

Every tenth file calls another service, through a chain of wrappers three modules long, a client that is handed in, or a
cycle of calls; the rest is code that calls itself. For each size: CPU seconds and the resident peak of a cold
``quantafit observe``, and CPU milliseconds a file, which stay level where ten times the code costs ten times the work.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from measuring import QUANTAFIT, measure, python

QUANTA = """\
schema: quanta/1
system: generated
quanta:
  shop: {source: [shop]}
  ledger: {source: [ledger], hosts: [ledger]}
"""
NET = "import requests\n\n\ndef fetch(path):\n    return requests.get('http://ledger' + path, timeout=3)\n"
PLAIN = """\
from dataclasses import dataclass


@dataclass
class Order{n}:
    number: int
    total: float = 0.0


class Orders{n}:
    def __init__(self, rows):
        self.rows = list(rows)

    def total(self):
        return sum(self.price(row) for row in self.rows)

    def price(self, row):
        return round(row.total * {n}, 2)


def parse(line):
    number, _, total = line.partition(",")
    return Order{n}(int(number), float(total))


def load(lines):
    return Orders{n}(parse(line) for line in lines if line)
"""
CALLING = (
    "from shop.{p}.step{n}_a import go\n\n\ndef run(number):\n    return go('/orders/' + str(number))\n",
    "from shop.net import fetch\n\n\n"
    "class Client{n}:\n    def __init__(self, send=fetch):\n        self.send = send\n\n"
    "    def order(self, number):\n        return self.send(f'/orders/{{number}}')\n",
    "from shop.net import fetch\n\n\ndef even(n):\n    return fetch('/even') if n == 0 else odd(n - 1)\n\n\n"
    "def odd(n):\n    return fetch('/odd') if n == 0 else even(n - 1)\n",
)


def generate(root: Path, files: int) -> None:
    """A system of so many files, fifty to a package."""
    (root / "ledger").mkdir(parents=True)
    (root / "ledger" / "api.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n", encoding="utf-8")
    (root / "quanta.yaml").write_text(QUANTA, encoding="utf-8")
    made = 0
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").write_text("", encoding="utf-8")
    (root / "shop" / "net.py").write_text(NET, encoding="utf-8")
    while made < files:
        package = f"part{made // 50}"
        folder = root / "shop" / package
        if not folder.is_dir():
            folder.mkdir()
            (folder / "__init__.py").write_text("", encoding="utf-8")
        text = PLAIN.replace("{n}", str(made))
        if made % 10 == 0:
            kind = made // 10 % 3
            text = CALLING[kind].format(n=made, p=package)
            if kind == 0:
                a = f"from shop.{package}.step{made}_b import hand\n\n\ndef go(path):\n    return hand(path)\n"
                b = "from shop.net import fetch\n\n\ndef hand(path):\n    return fetch(path)\n"
                (folder / f"step{made}_a.py").write_text(a, encoding="utf-8")
                (folder / f"step{made}_b.py").write_text(b, encoding="utf-8")
        (folder / f"module{made}.py").write_text(text, encoding="utf-8")
        made += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 3000, 10000, 30000])
    print(f"{'files':>8}{'CPU s':>9}{'ms a file':>11}{'peak MiB':>10}")
    for files in parser.parse_args().files:
        with tempfile.TemporaryDirectory(prefix="quantafit-") as name:
            root = Path(name)
            generate(root, files)
            cost = measure(python(QUANTAFIT, "observe", "--config", str(root), "--no-cache"), root)
        print(f"{files:8,}{cost.seconds:9.1f}{1000 * cost.seconds / files:11.2f}{cost.memory:10.0f}", flush=True)


if __name__ == "__main__":
    main()
