"""Code beside the Python: what is imported from it is unknown, and what is not read is shown as not read."""

from __future__ import annotations

import pytest
from source_trees import BILLING_CONSUMES_JOBS, see

from quantafit.evidence.source import other_code

IMPORTED = {
    "from the package": "from customer import fast\n\ndef go():\n    fast.charge(1)  # SITE\n",
    "from the package, relatively": "from . import fast\n\ndef go():\n    fast.charge(1)  # SITE\n",
    "a name of it": "from customer.fast import charge\n\ndef go():\n    charge(1)  # SITE\n",
    "a name of it, relatively": "from .fast import charge\n\ndef go():\n    charge(1)  # SITE\n",
    "under another name": "import customer.fast as quick\n\ndef go():\n    quick.charge(1)  # SITE\n",
    "a class of it": "from . import fast\n\nclass Api(fast.Base):\n    pass\n\ndef go():\n    Api().send()  # SITE\n",
    "a name that is half known": "from customer import fast\n\ndef go(n):\n    getattr(fast, n)()  # SITE\n",
}
NATIVE = ("customer/fast.cpython-313-x86_64-linux-gnu.so", "customer/fast.pyd", "customer/fast.abi3.so")


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize("name", IMPORTED)
def test_what_is_called_of_a_compiled_module_is_unresolved(name: str, native: str) -> None:
    seen = see({"customer/__init__.py": "", "customer/app.py": IMPORTED[name], native: "\x7fELF"})
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


def test_cython_is_unresolved_whether_it_is_imported_or_not() -> None:
    seen = see({"customer/app.py": "x = 1\n", "customer/fast.pyx": "import requests\n"})
    assert [(one.what, str(one.place)) for one in seen.unresolved("request")] == [
        ("customer/fast.pyx", "customer/fast.pyx:1")
    ]
    assert seen.unresolved("import")
    assert seen.unresolved("store")


SILENT = {
    "Cython in a test": {"customer/tests/fast.pyx": "x"},
    "a compiled file that nobody imports": {"customer/fast.so": "x"},
    "a Python file that is compiled besides": {
        "customer/fast.py": "def charge(x):\n    return x\n",
        "customer/fast.cpython-313-x86_64-linux-gnu.so": "x",
        "customer/fast.pyx": "x",
        "customer/go.py": "from customer import fast\nfast.charge(1)\n",
    },
    "another quantum's": {"elsewhere/fast.pyx": "x"},
}


@pytest.mark.parametrize("name", SILENT)
def test_what_does_not_run_here_is_silent(name: str) -> None:
    seen = see({"customer/__init__.py": "", "customer/app.py": "x = 1\n", **SILENT[name]})
    assert seen.silent(), seen.unresolved()


def test_files_in_other_languages_are_counted_by_quantum() -> None:
    seen = see(
        {
            "customer/app.py": "x = 1\n",
            "customer/agent/main.go": "package main",
            "customer/agent/rest.go": "package main",
            "customer/lib/hot.rs": "fn main() {}",
            "customer/static/app.js": "x",
            "customer/templates/x.ts": "x",
            "customer/app.min.js": "x",
            "customer/README.md": "x",
            "billing/worker.py": BILLING_CONSUMES_JOBS,
            "sysops/main.go": "package main",
        }
    )
    assert seen.map.coverage.other_code == {"customer": (("Go", 2), ("Rust", 1)), "sysops": (("Go", 1),)}
    assert seen.silent()


@pytest.mark.parametrize(
    ("path", "module"),
    [("a/b.cpython-311-x86_64-linux-gnu.so", ("a", "b")), ("b.pyd", ("b",)), ("a/b.pyx", ("a", "b"))],
)
def test_a_compiled_file_is_the_module_of_its_name(path: str, module: tuple[str, ...]) -> None:
    assert other_code.is_native(path)
    assert other_code.module_of(path) == module
