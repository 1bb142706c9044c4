"""How the cost grows with the code: generated systems from 1,000 files up, of one quantum or of many.

    python benchmarks/growth.py [--files 1000 3000 10000 30000] [--quanta N]

Every tenth file calls another service, through a chain of wrappers three modules long, a client that is handed in, or a
cycle of calls; the rest is code that calls itself. For each size, CPU seconds of ``quantafit observe`` cold, with one
file changed, and with nothing changed, CPU milliseconds a file and the resident peak of the cold run; beside it the
same of ``lint-imports`` with one forbidden import contract over the same packages, and the ratios of the two.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from measuring import LINT_IMPORTS, QUANTAFIT, measure, python

QUANTA = """\
schema: quanta/1
system: generated
quanta:
  ledger: {source: [ledger], hosts: [ledger]}
"""
CONTRACT = """\
[importlinter]
root_packages =
{packages}
[importlinter:contract:one]
name = one
type = forbidden
source_modules = {first}.net
forbidden_modules = {first}.part0
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
    "from {top}.{p}.step{n}_a import go\n\n\ndef run(number):\n    return go('/orders/' + str(number))\n",
    "from {top}.net import fetch\n\n\n"
    "class Client{n}:\n    def __init__(self, send=fetch):\n        self.send = send\n\n"
    "    def order(self, number):\n        return self.send(f'/orders/{{number}}')\n",
    "from {top}.net import fetch\n\n\ndef even(n):\n    return fetch('/even') if n == 0 else odd(n - 1)\n\n\n"
    "def odd(n):\n    return fetch('/odd') if n == 0 else even(n - 1)\n",
)


def generate(root: Path, files: int, quanta: int = 1) -> None:
    """A system of so many files, fifty to a package, which as many quanta share alike."""
    (root / "ledger").mkdir(parents=True)
    (root / "ledger" / "api.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n", encoding="utf-8")
    shops = [f"shop{number}" for number in range(quanta)]
    declared = "".join(f"  {shop}: {{source: [{shop}]}}\n" for shop in shops)
    (root / "quanta.yaml").write_text(QUANTA + declared, encoding="utf-8")
    packages = "".join(f"    {shop}\n" for shop in shops)
    (root / "contracts.ini").write_text(CONTRACT.format(packages=packages, first=shops[0]), encoding="utf-8")
    for shop in shops:
        package(root, shop, files // quanta)


def package(root: Path, top: str, files: int) -> None:
    """The code of one quantum."""
    (root / top).mkdir()
    (root / top / "__init__.py").write_text("", encoding="utf-8")
    (root / top / "net.py").write_text(NET, encoding="utf-8")
    for made in range(files):
        inner = f"part{made // 50}"
        folder = root / top / inner
        if not folder.is_dir():
            folder.mkdir()
            (folder / "__init__.py").write_text("", encoding="utf-8")
        text = PLAIN.replace("{n}", str(made))
        if made % 10 == 0:
            kind = made // 10 % 3
            text = CALLING[kind].format(n=made, p=inner, top=top)
            if kind == 0:
                a = f"from {top}.{inner}.step{made}_b import hand\n\n\ndef go(path):\n    return hand(path)\n"
                b = f"from {top}.net import fetch\n\n\ndef hand(path):\n    return fetch(path)\n"
                (folder / f"step{made}_a.py").write_text(a, encoding="utf-8")
                (folder / f"step{made}_b.py").write_text(b, encoding="utf-8")
        (folder / f"module{made}.py").write_text(text, encoding="utf-8")


COLUMNS = (
    *("files", "cold s", "ms a file", "peak MiB", "one changed s", "warm s"),
    *("lint-imports s", "peak MiB", "its warm s", "cold/cold", "warm/warm"),
)


def row(root: Path, files: int, quanta: int) -> list[str]:
    """What one size costs, by column."""
    generate(root / "tree", files, quanta)
    tree, cache = root / "tree", root / "cache"
    ours = python(QUANTAFIT, "observe", "--config", str(tree))
    peer = python(LINT_IMPORTS, "--config", "contracts.ini", "--no-logo")
    cold = measure([*ours, "--no-cache"], tree)
    peer_cold = measure([*peer, "--no-cache"], tree)
    measure(ours, tree, cache=cache)
    measure(peer, tree)
    with (tree / "shop0" / "part0" / "module1.py").open("a", encoding="utf-8") as file:
        file.write("\nCHANGED = 1\n")
    changed = measure(ours, tree, cache=cache)
    warm = measure(ours, tree, cache=cache)
    measure(peer, tree)
    peer_warm = measure(peer, tree)
    own = (cold.seconds, 1000 * cold.seconds / files, cold.memory, changed.seconds, warm.seconds)
    other = (peer_cold.seconds, peer_cold.memory, peer_warm.seconds)
    ratios = (cold.seconds / peer_cold.seconds, warm.seconds / peer_warm.seconds)
    return [f"{files:,}", *(f"{figure:.0f}" if figure > 20 else f"{figure:.2f}" for figure in (*own, *other, *ratios))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 3000, 10000, 30000])
    parser.add_argument("--quanta", type=int, default=1, help="how many quanta the files are shared among (default: 1)")
    given = parser.parse_args()
    print("  ".join(COLUMNS))
    for files in given.files:
        with tempfile.TemporaryDirectory(prefix="quantafit-") as name:
            cells = row(Path(name), files, given.quanta)
        print("  ".join(cell.rjust(len(column)) for column, cell in zip(COLUMNS, cells, strict=True)), flush=True)


if __name__ == "__main__":
    main()
