"""Ways to depend on another quantum's code, each held against the whole gate: told at its place, and never silent.

One system (``shop/customer`` must not depend on ``shop/payment``), and one file of customer for each way. A line that
is to be named carries ``# HERE`` (``# ERROR`` where it is to be named as unreadable).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from quantafit.app import check
from quantafit.model import Evaluation, Judgement, Mode, Verdict

RULE = "quantum/import"
PAIR = "customer → payment"

SHOP: Mapping[str, str] = {
    "quanta.yaml": """\
        schema: quanta/1
        system: shop
        quanta:
          customer: {source: shop/customer}
          payment: {source: shop/payment, hosts: [payment], datastores: {cards: {hosts: [db], database: shop}}}
        shared_code: [shop/__init__.py, shop/common]
        """,
    "shop/__init__.py": "",
    "shop/common/__init__.py": "",
    "shop/customer/__init__.py": "",
    "shop/customer/own.py": "def total(prices):\n    return sum(prices)\n",
    "shop/payment/__init__.py": "",
    "shop/payment/api.py": "def charge(amount):\n    return amount\n",
    "shop/payment/tasks.py": "from shop.payment.api import charge\n",
}
CARDS = "shop/customer/cards.py"


@dataclass(frozen=True)
class Case:
    """A file of customer (or several), the function that must speak of it, and what that says.

    ``subject`` is the subject of the judgement; empty for any. ``verdict`` is what the function comes to.
    """

    code: str | bytes
    path: str = CARDS
    verdict: Verdict = Verdict.FAIL
    rule: str = RULE
    subject: str = PAIR
    more: Mapping[str, str] = field(default_factory=dict)


def unsure(code: str | bytes, **more: object) -> Case:
    """A dependency that nobody can tell from the text: the pair cannot pass, and the line is listed."""
    return Case(code, verdict=Verdict.NOT_EVALUATED, **more)  # type: ignore[arg-type]


def unreadable(code: str | bytes, **more: object) -> Case:
    """A file that cannot be read: an error with its place, and no pass for the quantum."""
    return Case(code, verdict=Verdict.ERROR, **more)  # type: ignore[arg-type]


CASES: dict[str, Case] = {
    # Statements
    "import": Case("import shop.payment.api  # HERE\n"),
    "from … import": Case("from shop.payment import api  # HERE\n"),
    "relative": Case("from ..payment import api  # HERE\n"),
    "in a function": Case("def go():\n    import shop.payment.api  # HERE\n"),
    "in a try": Case("try:\n    import shop.payment.api  # HERE\nexcept ImportError:\n    pass\n"),
    "in an else": Case("try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import shop.payment.api  # HERE\n"),
    "two at once, under another name": Case("import json, shop.payment.api as c  # HERE\n"),
    "from the root package": Case("from shop import payment  # HERE\n"),
    "from the parent": Case("from .. import payment  # HERE\n"),
    "star": Case("from shop.payment.api import *  # HERE\n"),
    "star, relative": Case("from ..payment.api import *  # HERE\n"),
    "in a class body": Case("class Desk:\n    from shop.payment.api import charge  # HERE\n"),
    "in a match": Case("match 1:\n    case 1:\n        import shop.payment.api  # HERE\n"),
    "in a with": Case("import threading\nwith threading.Lock():\n    import shop.payment.api  # HERE\n"),
    "in a finally": Case("try:\n    pass\nfinally:\n    import shop.payment.api  # HERE\n"),
    "in an except": Case("try:\n    pass\nexcept ImportError:\n    import shop.payment.api  # HERE\n"),
    "in a while": Case("while True:\n    import shop.payment.api  # HERE\n    break\n"),
    "after a return": Case("def go():\n    return 1\n    import shop.payment.api  # HERE\n"),
    "in a lambda's module": Case("go = lambda: __import__('shop.payment.api')  # HERE\n"),
    "after a semicolon": Case("import json; import shop.payment.api  # HERE\n"),
    "with a continued line": Case("from shop.payment import (  # HERE\n    api,\n)\n"),
    "of the package's own file": Case("import shop.payment  # HERE\n", path="shop/customer/__init__.py"),
    # For type checking
    "under TYPE_CHECKING": Case(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.payment.api  # HERE\n",
        subject=f"{PAIR} (type checking)",
    ),
    "under t.TYPE_CHECKING": Case(
        "import typing as t\nif t.TYPE_CHECKING:\n    import shop.payment.api  # HERE\n",
        subject=f"{PAIR} (type checking)",
    ),
    "in the else of TYPE_CHECKING": Case(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import shop.payment.api  # HERE\n"
    ),
    "under not TYPE_CHECKING": Case(
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import shop.payment.api  # HERE\n"
    ),
    # By a name in a text
    "import_module": Case("import importlib\nimportlib.import_module('shop.payment.api')  # HERE\n"),
    "from importlib import import_module": Case(
        "from importlib import import_module\nimport_module('shop.payment.api')  # HERE\n"
    ),
    "import_module, relative": Case(
        "import importlib\nimportlib.import_module('..payment.api', package='shop.customer')  # HERE\n"
    ),
    "import_module, relative to __package__": Case(
        "import importlib\nimportlib.import_module('..payment.api', __package__)  # HERE\n"
    ),
    "import_module, relative to __name__": Case(
        "import importlib\nimportlib.import_module('..payment.api', __name__.rpartition('.')[0])  # HERE\n"
    ),
    "import_module by keyword": Case("import importlib\nimportlib.import_module(name='shop.payment.api')  # HERE\n"),
    "__import__": Case("__import__('shop.payment.api')  # HERE\n"),
    "__import__ with fromlist": Case("__import__('shop.payment', fromlist=['api'])  # HERE\n"),
    "__import__ with level": Case("__import__('payment.api', globals(), locals(), ['charge'], 2)  # HERE\n"),
    "builtins.__import__": Case("import builtins\nbuiltins.__import__('shop.payment.api')  # HERE\n"),
    "importlib.__import__": Case("import importlib\nimportlib.__import__('shop.payment.api')  # HERE\n"),
    "in a module's __getattr__": Case(
        "import importlib\ndef __getattr__(name):\n    return importlib.import_module('shop.payment.api')  # HERE\n"
    ),
    "of a constant": Case("import importlib\nNAME = 'shop.payment.api'\nimportlib.import_module(NAME)  # HERE\n"),
    "of an alias of importlib": Case("import importlib as il\nil.import_module('shop.payment.api')  # HERE\n"),
    "of an alias of the function": Case(
        "import importlib\nload = importlib.import_module\nload('shop.payment.api')  # HERE\n"
    ),
    "of a joined text": Case("import importlib\nimportlib.import_module('shop.' + 'payment' + '.api')  # HERE\n"),
    "of a formatted text": Case(
        "import importlib\nTARGET = 'payment'\nimportlib.import_module(f'shop.{TARGET}.api')  # HERE\n"
    ),
    "of a table": Case(
        "import importlib\nPLUGINS = {'pay': 'shop.payment.api'}\n"
        "def go(kind):\n    return importlib.import_module(PLUGINS[kind])  # HERE\n"
    ),
    "of a list": Case(
        "import importlib\nfor name in ['shop.payment.api', 'json']:\n    importlib.import_module(name)  # HERE\n"
    ),
    "of a parameter that is given": Case(
        "import importlib\ndef load(name):\n    return importlib.import_module(name)  # HERE\n\n"
        "load('shop.payment.api')\n"
    ),
    "of a name made at run time": unsure(
        "import importlib, os\nimportlib.import_module(os.environ['PLUGIN'])  # HERE\n"
    ),
    "of a name that is half known": unsure(
        "import importlib\ndef go(kind):\n    return importlib.import_module(f'shop.{kind}.api')  # HERE\n"
    ),
    "__import__ of a name made at run time": unsure("import sys\n__import__(sys.argv[1])  # HERE\n"),
    "pkgutil.resolve_name": Case("import pkgutil\npkgutil.resolve_name('shop.payment.api:charge')  # HERE\n"),
    "pkgutil.resolve_name without a colon": Case(
        "import pkgutil\npkgutil.resolve_name('shop.payment.api.charge')  # HERE\n"
    ),
    "exec": Case("exec('import shop.payment.api')  # HERE\n"),
    "exec of several lines": Case("exec('import json\\nfrom shop.payment import api')  # HERE\n"),
    "exec of a compiled text": Case("exec(compile('import shop.payment.api', 'x', 'exec'))  # HERE\n"),
    "exec of a text made at run time": unsure("import sys\nexec(sys.stdin.read())  # HERE\n"),
    "eval": Case("eval('__import__(\"shop.payment.api\")')  # HERE\n"),
    "sys.modules": Case("import sys\nsys.modules['shop.payment.api'].charge(1)  # HERE\n"),
    "sys.modules.get": Case("import sys\nsys.modules.get('shop.payment.api')  # HERE\n"),
    "from sys import modules": Case("from sys import modules\nmodules['shop.payment.api']  # HERE\n"),
    "runpy.run_module": Case("import runpy\nrunpy.run_module('shop.payment.api')  # HERE\n"),
    "runpy.run_path": Case("import runpy\nrunpy.run_path('shop/payment/api.py')  # HERE\n"),
    "find_spec": Case("import importlib.util\nimportlib.util.find_spec('shop.payment.api')  # HERE\n"),
    "spec_from_file_location": Case(
        "import importlib.util\nimportlib.util.spec_from_file_location('x', 'shop/payment/api.py')  # HERE\n"
    ),
    "SourceFileLoader": Case(
        "from importlib.machinery import SourceFileLoader\n"
        "SourceFileLoader('x', 'shop/payment/api.py').load_module()  # HERE\n"
    ),
    "a lazy loader": Case("import importlib.util\nimportlib.util.LazyLoader.factory\n"
                          "importlib.import_module('shop.payment.api')  # HERE\n"),
    "importlib.resources": Case("import importlib.resources\nimportlib.resources.files('shop.payment')  # HERE\n"),
    "django's import_string": Case(
        "from django.utils.module_loading import import_string\nimport_string('shop.payment.api.charge')  # HERE\n"
    ),
    "a process that runs a module": Case(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'shop.payment.api'])  # HERE\n"
    ),
    # By way of another file
    "through a helper in a shared package": Case(
        "from shop.common.pay import charge\n\ncharge(1)\n",
        more={"shop/common/pay.py": "from shop.payment.api import charge  # HERE\n"},
    ),
    "through a helper that nobody declared": Case(
        "from shop.helpers.pay import charge\n\ncharge(1)\n",
        more={"shop/helpers/__init__.py": "", "shop/helpers/pay.py": "from shop.payment.api import charge  # HERE\n"},
    ),
    "through a re-export of the root package": Case(
        "from shop import charge\n\ncharge(1)\n",
        more={"shop/__init__.py": "from shop.payment.api import charge  # HERE\n"},
    ),
    "through two helpers": Case(
        "from shop.common import charge\n\ncharge(1)\n",
        more={"shop/common/__init__.py": "from .pay import charge\n",
              "shop/common/pay.py": "from ..payment.api import charge  # HERE\n"},
    ),
    # Files
    "a folder without __init__": Case("import shop.payment.api  # HERE\n", path="shop/customer/desk/cards.py"),
    "a file that ends in .pyw": Case("import shop.payment.api  # HERE\n", path="shop/customer/desk.pyw"),
    "a stub": Case("from shop.payment.api import charge  # HERE\n", path="shop/customer/cards.pyi",
                   subject=f"{PAIR} (type checking)"),
    "a script without an ending": Case(
        "#!/usr/bin/env python3\nimport shop.payment.api  # HERE\n", path="shop/customer/charge"
    ),
    "a script for uv": Case(
        "#!/usr/bin/env -S uv run --script\nimport shop.payment.api  # HERE\n", path="shop/customer/charge"
    ),
    "a byte order mark": Case(b"\xef\xbb\xbfimport shop.payment.api  # HERE\n"),
    "latin-1 with its cookie": Case(
        "# -*- coding: latin-1 -*-\n# caf\xe9\nimport shop.payment.api  # HERE\n".encode("latin-1")
    ),
    "carriage returns": Case(b"import json\rimport shop.payment.api  # HERE\r"),
    "form feeds": Case(b"\x0cimport shop.payment.api  # HERE\n"),
    "a name in another script": Case("größe = 1\nimport shop.payment.api  # HERE\n"),
    "a syntax error": unreadable("import shop.payment.api\ndef go(:  # ERROR\n    pass\n"),
    "an indentation error": unreadable("def go():\nimport shop.payment.api  # ERROR\n"),
    "latin-1 without a cookie": unreadable("import shop.payment.api\nNAME = 'caf\xe9' # ERROR\n".encode("latin-1")),
    "an unknown encoding": unreadable(b"# coding: klingon # ERROR\nimport shop.payment.api\n"),
    "a null byte": unreadable(b"import shop.payment.api # ERROR\x00\n"),
    "Python 2": unreadable("print 'hello' # ERROR\nimport shop.payment.api\n"),
    # Without any import
    "celery's send_task": Case(
        "from celery import Celery\n\napp = Celery('customer', broker='amqp://mq')\n\n"
        "def go():\n    app.send_task('shop.payment.tasks.charge', args=[1])  # HERE\n",
        rule="quantum/undeclared-interaction",
        more={"shop/payment/tasks.py": "from celery import Celery\n\napp = Celery('payment', broker='amqp://mq')\n\n"
                                       "@app.task\ndef charge(amount):\n    return amount\n"},
    ),
    "httpx": Case(
        "import httpx\n\ndef go():\n    httpx.get('http://payment:8080/cards')  # HERE\n",
        rule="quantum/synchronous-call",
    ),
    "SQL": Case(
        "from sqlalchemy import create_engine, text\n\ndef go():\n"
        "    with create_engine('postgresql://db/shop').connect() as connection:  # HERE\n"
        "        connection.execute(text('SELECT pan FROM payment.cards'))  # HERE\n",
        rule="quantum/shared-datastore",
        more={"shop/payment/store.py": "from sqlalchemy import create_engine, text\n\ndef keep(pan):\n"
              "    with create_engine('postgresql://db/shop').begin() as connection:\n"
              "        connection.execute(text('INSERT INTO payment.cards (pan) VALUES (:pan)'), {'pan': pan})\n"},
    ),
    "producer.send": Case(
        "from kafka import KafkaProducer\n\nproducer = KafkaProducer(bootstrap_servers='kafka')\n\n"
        "def go():\n    producer.send('payment.commands', b'x')  # HERE\n",
        rule="quantum/undeclared-interaction",
        more={"shop/payment/listen.py": "from kafka import KafkaConsumer\n\n"
                                        "for message in KafkaConsumer('payment.commands', bootstrap_servers='kafka'):\n"
                                        "    print(message)\n"},
    ),
}  # fmt: skip


def system(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """The shop with further files, written under a root."""
    for path, content in {**SHOP, **files}.items():
        data = content if isinstance(content, bytes) else dedent(content).encode()
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def marked(files: Mapping[str, str | bytes], word: str) -> set[str]:
    """The places whose lines carry a word."""
    texts = {path: text.decode("latin-1") if isinstance(text, bytes) else text for path, text in files.items()}
    return {
        f"{path}:{number}"
        for path, text in texts.items()
        for number, line in enumerate(re.split("\r\n?|\n", text), 1)
        if f"# {word}" in line
    }


def of_rule(evaluation: Evaluation, rule: str, subject: str = "") -> list[Judgement]:
    return [one for one in evaluation.judgements if one.rule == rule and subject in ("", one.subject.name)]


def told(evaluation: Evaluation) -> str:
    """Everything that is no pass, for the reader of a failed test."""
    others = (one for one in evaluation.judgements if one.verdict is not Verdict.PASS)
    return "\n".join(f"{one.verdict} {one.rule} {one.subject.name}: {one.reason or one.findings}" for one in others)


@pytest.mark.parametrize("name", CASES)
def test_a_dependency_on_another_quantum_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    files = {**case.more, case.path: case.code}
    evaluation = check(system(tmp_path, files) / "quanta.yaml")
    judgements = of_rule(evaluation, case.rule, case.subject)
    assert case.verdict in {one.verdict for one in judgements}, told(evaluation)
    if case.verdict is Verdict.FAIL:
        places = {str(finding.place) for one in judgements for finding in one.findings}
        assert places == marked(files, "HERE"), told(evaluation)
    elif case.verdict is Verdict.ERROR:
        errors = {str(error.place) for error in evaluation.coupling.coverage.errors}
        assert errors == marked(files, "ERROR"), told(evaluation)
    else:
        unresolved = {str(one.place) for one in evaluation.coupling.unresolved}
        assert unresolved == marked(files, "HERE"), told(evaluation)
    only_warns = all(one.mode is Mode.WARN for one in judgements if one.verdict is not Verdict.PASS)
    assert evaluation.passed is only_warns


# Syntax that this interpreter may be too old for: it is read all the same.
NEWER: dict[str, str] = {
    "3.10: match": "match 1:\n    case int(x) if x:\n        import shop.payment.api  # HERE\n",
    "3.11: except*": "try:\n    import shop.payment.api  # HERE\nexcept* ImportError:\n    pass\n",
    "3.12: type parameters": "def first[T](a: list[T]) -> T:\n    import shop.payment.api  # HERE\n    return a[0]\n",
    "3.12: type statement": "type Money = int\nimport shop.payment.api  # HERE\n",
    "3.12: quotes in a formatted text": "import shop.payment.api  # HERE\nA = {'a': 1}\nprint(f'{A['a']}')\n",
    "3.13: defaults of type parameters": "class Box[T = int]:\n    pass\nimport shop.payment.api  # HERE\n",
    "3.14: except without brackets": "try:\n    import shop.payment.api  # HERE\nexcept OSError, KeyError:\n    pass\n",
    "3.14: template strings": "import shop.payment.api  # HERE\nNAME = t'{1}'\n",
    "3.15: lazy import": "lazy import shop.payment.api  # HERE\n",
    "3.15: lazy from import": "lazy from shop.payment import api  # HERE\n",
    "3.15: unpacking in a comprehension": "import shop.payment.api  # HERE\nALL = [*x for x in [[1]]]\n",
}  # fmt: skip


@pytest.mark.parametrize("name", NEWER)
def test_a_dependency_in_newer_syntax_is_told(name: str, tmp_path: Path) -> None:
    files = {CARDS: NEWER[name]}
    evaluation = check(system(tmp_path, files) / "quanta.yaml")
    judgements = of_rule(evaluation, RULE, PAIR)
    assert {one.verdict for one in judgements} == {Verdict.FAIL}, told(evaluation)
    assert {str(finding.place) for one in judgements for finding in one.findings} == marked(files, "HERE")
    assert not evaluation.coupling.coverage.errors


# What is no dependency on payment: the whole gate is passed, and nothing is left open.
CLEAN: dict[str, Mapping[str, str]] = {
    "its own code": {CARDS: "from shop.customer.own import total\nfrom .own import total as again\n\ntotal([1])\n"},
    "its own module of the same name": {
        CARDS: "from . import payment\nfrom .payment import pay\nimport shop.customer.payment\n\npay()\n",
        "shop/customer/payment.py": "def pay():\n    return 1\n",
    },
    "a package with a similar name": {
        CARDS: "import shop.payments\n\nshop.payments.go()\n",
        "shop/payments/__init__.py": "def go():\n    return 1\n",
    },
    "code that both share": {CARDS: "from shop.common.money import euros\n\neuros(1)\n",
                             "shop/common/money.py": "def euros(cents):\n    return cents / 100\n"},
    "Python's own modules by name": {
        CARDS: "import importlib\nimportlib.import_module('json').dumps({})\n__import__('os')\n",
    },
    "its own modules by name": {CARDS: "import importlib\nimportlib.import_module('.own', __package__).total([1])\n"},
    "its own modules by a name that is half known": {
        CARDS: "import importlib\ndef go(kind):\n    return importlib.import_module(f'shop.customer.{kind}')\n",
    },
    "the other's name in a comment, a text and a log": {
        CARDS: '"""Like shop.payment.api."""\nimport logging\n# import shop.payment.api\n'
               "NAME = 'shop.payment.api'\nlogging.getLogger('shop.payment.api').info('import shop.payment.api')\n",
    },
    "code in a text that imports nothing of it": {CARDS: "exec('import json')\nassert eval('1 + 1') == 2\n"},
    "a process of its own": {
        CARDS: "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'shop.customer.own'])\n",
    },
    "a test": {"shop/customer/tests/test_cards.py": "import shop.payment.api\n"},
    "a library with the name of the other's module": {CARDS: "import api\nfrom json import tool\n"},
    "a file of another language": {CARDS: "", "shop/customer/cards.txt": "import shop.payment.api\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_no_dependency_is_silent(name: str, tmp_path: Path) -> None:
    evaluation = check(system(tmp_path, CLEAN[name]) / "quanta.yaml")
    assert evaluation.passed, told(evaluation)
    assert [one.verdict for one in of_rule(evaluation, RULE, PAIR)] == [Verdict.PASS]
    assert evaluation.coupling.unresolved == ()
