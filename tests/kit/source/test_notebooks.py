"""Notebooks are read lexically: what in them could reach out is unresolved at its line, nothing is silent."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from source_trees import Seen, architecture, see

PATH = "customer/report.ipynb"


def notebook(*cells: str, language: str = "python", version: int = 4, markdown: Iterable[str] = ()) -> str:
    """A notebook as Jupyter writes it, one line of code a line of the file."""

    def lines(text: str) -> list[str]:
        return text.splitlines(keepends=True)

    code = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source" if version == 4 else "input": lines(cell)}
        for cell in cells
    ]
    told = [{"cell_type": "markdown", "metadata": {}, "source": lines(text)} for text in markdown]
    held = {"cells": told + code} if version == 4 else {"worksheets": [{"cells": told + code}]}
    about = {"kernelspec": {"language": language, "name": "any"}}
    return json.dumps({"metadata": about, "nbformat": version, "nbformat_minor": 5, **held}, indent=1) + "\n"


def look(book: str, **files: str) -> Seen:
    """What is seen where the customer has this notebook."""
    more = {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
    return see({"customer/app.py": "", "billing/app.py": "", PATH: book, **more})


def places(seen: Seen) -> list[tuple[str, str]]:
    return [(str(one.place), one.what) for one in seen.unresolved()]


def line_of(book: str, text: str) -> int:
    """The last line of the file that holds a text."""
    return max(number for number, line in enumerate(book.splitlines(), 1) if text in line)


FOUND = {
    "a client library": ("import requests\nrequests.get('http://billing/x')", "import requests"),
    "under another name": ("import httpx as h", "import httpx", "httpx as h"),
    "from it": ("from kafka import KafkaProducer", "import kafka", "from kafka"),
    "in a function": ("def go():\n    import pika", "import pika"),
    "an unknown library": ("import mysteryclient", "import mysteryclient"),
    "another quantum's code": ("import billing.app", "import billing.app"),
    "another quantum's code, from": ("from billing import app", "import billing.app", "from billing"),
    "Python's own": (
        "from urllib.request import urlopen\nurlopen('http://billing')",
        "urllib.request.urlopen(…)",
        "urlopen('",
    ),
    "a process": ("import subprocess\nsubprocess.run(['curl', 'http://billing'])", "subprocess.run(…)", "run(["),
    "a shell command": ("!curl http://billing/x", "!curl http://billing/x"),
    "a shell command whose result is kept": ("x = !curl http://billing/x", "x = !curl http://billing/x"),
    "a cell of the shell": ("%%bash\ncurl http://billing/x", "%%bash"),
    "a cell of SQL": ("%%sql postgresql://db\nSELECT 1", "%%sql postgresql://db"),
    "after a magic": ("%matplotlib inline\nimport requests", "import requests"),
    "in a timed cell": ("%%time\nimport requests", "import requests"),
    "beside an operator": ("x = (7\n% 2)\nimport requests", "import requests"),
    "beside await": ("await thing()\nimport httpx", "import httpx"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_could_reach_out_is_unresolved_at_its_line(name: str) -> None:
    code, what, *shown = FOUND[name]
    book = notebook("x = 1", code, markdown=["import requests"])
    seen = look(book)
    assert places(seen) == [(f"{PATH}:{line_of(book, *(shown or [what]))}", what)]
    assert "cell 3 of a notebook" in seen.unresolved()[0].why
    assert seen.evidence.errors == ()


SILENT = {
    "what reaches nothing": "import json, math\nimport pandas as pd\nfrom pathlib import Path\nprint(json.dumps(1))",
    "its own code": "from customer import app\nimport customer.app",
    "magics": "%load_ext autoreload\n%autoreload 2\nx?\nprint?",
    "harmless commands": "!pip install requests\n!ls -l",
    "a cell of a page": "%%html\n<a href='http://billing'>x</a>",
    "names in texts and comments": "# import requests\nx = 'import requests'\nprint('http://billing')",
}


@pytest.mark.parametrize("name", SILENT)
def test_what_reaches_nothing_is_silent(name: str) -> None:
    seen = look(notebook(SILENT[name], markdown=["`import requests`"]))
    assert places(seen) == []
    assert seen.evidence.errors == ()


def test_what_one_cell_imports_another_one_calls() -> None:
    book = notebook("import subprocess", "subprocess.run('ls')")
    assert places(look(book)) == [(f"{PATH}:{line_of(book, 'subprocess.run')}", "subprocess.run(…)")]


def test_the_older_format_is_read() -> None:
    book = notebook("import requests", version=3)
    assert [what for _, what in places(look(book))] == ["import requests"]


def test_source_as_one_text_and_letters_that_are_not_ascii_are_found_at_their_line() -> None:
    book = json.dumps({"cells": [{"cell_type": "code", "source": "größe = 1\nimport requests"}]}, ensure_ascii=False)
    assert places(look(book)) == [(f"{PATH}:1", "import requests")]


def test_a_notebook_of_another_language_is_no_python() -> None:
    assert places(look(notebook("library(httr)", language="R"))) == []


BROKEN = {
    "no JSON": ('{"cells": [\n  oops\n]}', 2),
    "no notebook": ("[]", 1),
    "no cells": ('{"metadata": {}}', 1),
    "nothing": ("", 1),
    "nested without end": ("[" * 100_000, 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_notebook_that_cannot_be_read_is_an_error_with_its_place(name: str) -> None:
    text, line = BROKEN[name]
    (error,) = look(text).evidence.errors
    assert (error.quantum, str(error.place)) == ("customer", f"{PATH}:{line}")


def test_a_cell_that_cannot_be_parsed_is_an_error_at_its_line() -> None:
    book = notebook("x = 1", "y = 2\ndef go(:\n    pass")
    (error,) = look(book).evidence.errors
    assert str(error.place) == f"{PATH}:{line_of(book, 'def go')}"
    assert "cell 2" in error.message


@pytest.mark.parametrize("path", ["customer/tests/x.ipynb", "docs/x.ipynb"])
def test_a_notebook_of_the_tests_or_of_nobody_is_no_evidence(path: str) -> None:
    assert see({"customer/app.py": "", "billing/app.py": "", path: notebook("import requests")}).silent()


def test_a_notebook_belongs_to_the_quantum_with_the_longest_path() -> None:
    from quantafit.model import Quantum

    declared = architecture((Quantum("shop", ("shop",)), Quantum("desk", ("shop/desk",))))
    seen = see({"shop/app.py": "", "shop/desk/app.py": "", "shop/desk/x.ipynb": notebook("import requests")}, declared)
    assert [one.quantum for one in seen.map.unresolved] == ["desk"]
