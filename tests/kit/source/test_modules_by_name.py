"""Which module a name means: in the file of its own package, and where a value of the deployment is a part of it."""

from __future__ import annotations

import pytest
from source_trees import architecture, see

from quantafit.model import Quantum

PAY = """
    import requests
    from fastapi import APIRouter
    router = APIRouter()

    @router.get("/x")
    def x():
        return requests.get("http://billing/x").json()  # SITE
"""
PACKAGES = {
    "a package inside": {
        "customer/shop/__init__.py": "",
        "customer/shop/routes/__init__.py": "from shop.routes import pay\nfrom fastapi import FastAPI\n"
        "app = FastAPI()\napp.include_router(pay.router)\n",
        "customer/shop/routes/pay.py": PAY,
    },
    "the outermost": {
        "customer/shop/__init__.py": "from fastapi import FastAPI\napp = FastAPI()\nfrom shop import pay\n"
        "app.include_router(pay.router)\n",
        "customer/shop/pay.py": PAY,
    },
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_imports_its_own_modules_by_its_name(name: str) -> None:
    seen = see(PACKAGES[name])
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


@pytest.mark.parametrize("module", ["bank", "bank.api"])
def test_a_package_named_as_a_library_still_imports_the_library(module: str) -> None:
    """Nothing in the package has the name that is imported, or the package lies inside another."""
    folder = module.replace(".", "/")
    program = f"from {module} import Client\n\ndef pay():\n    Client().pay()\n"
    files = {f"customer/clients/{folder}/__init__.py": program}
    if "." in module:
        files |= {"customer/clients/__init__.py": "", "customer/clients/bank/__init__.py": ""}
    (open_call, *_) = see(files).unresolved("request")
    assert "bank" in open_call.why


START = """
    import os
    from importlib import import_module

    messaging = import_module(f"app.services.{os.environ['SERVICE']}.messaging")

    def start():
        messaging.send()

    if __name__ == "__main__":
        start()
"""
SENDS = "import requests\n\ndef send():\n    return requests.get('http://HOST/x')  # SITE\n"


@pytest.mark.parametrize("start", ["app/run.py", "app/services/run.py"])
def test_of_the_modules_that_a_name_may_mean_a_quantum_runs_its_own(start: str) -> None:
    """One file starts each quantum; which modules it loads, the deployment says by a variable."""
    quanta = (
        Quantum("customer", ("app/services/customer", start)),
        Quantum("billing", ("app/services/billing", start), hosts=("billing",)),
        Quantum("sysops", ("app/services/sysops", start), hosts=("sysops",)),
    )
    hosts = {"customer": "billing", "billing": "sysops", "sysops": "customer"}
    files = {f"app/services/{name}/messaging.py": SENDS.replace("HOST", host) for name, host in hosts.items()}
    seen = see({start: START, **files}, architecture(quanta))
    assert {name: seen.to(name) for name in hosts} == {name: {host} for name, host in hosts.items()}
    assert all(seen.unresolved("import", name) for name in hosts)


LOGS = "from config import Config\n\ndef log(text):\n    print(Config.NAME, text)\n"


@pytest.mark.parametrize("package", [True, False])
def test_shared_code_means_the_quantum_s_own_module_before_another_s(package: bool) -> None:
    """What it is deployed with has the name as well, in a folder that is a package or is none."""
    files = {
        "shared/logs.py": LOGS,
        "customer/app/config.py": "class Config:\n    NAME = 'customer'\n",
        "billing/app/config.py": "class Config:\n    NAME = 'billing'\n",
        "customer/app/main.py": "from logs import log\nlog('x')\n",
    }
    if package:
        files["customer/app/__init__.py"] = ""
    seen = see(files)
    assert seen.crossings() == []
    assert not seen.unresolved()


def test_shared_code_that_only_another_quantum_can_mean_imports_it() -> None:
    files = {"shared/logs.py": LOGS, "customer/main.py": "from logs import log\nlog('x')\n"}
    seen = see({**files, "billing/app/config.py": "class Config:\n    NAME = 'billing'\n"})
    assert [(one.source, one.target) for one in seen.map.imports] == [("customer", "billing")]


@pytest.mark.parametrize(("folder", "own"), [("invoice", False), ("invoice", True), ("app", False)])
def test_a_file_beside_that_is_another_quantum_s_is_imported_from_it(folder: str, own: bool) -> None:
    """The folder around both may be called like the file; a module of the quantum's own stands before it."""
    paths = [f"{folder}/invoice.py", f"{folder}/consumer.py", *([f"{folder}/own"] if own else [])]
    quanta = (Quantum("billing", (paths[0],)), Quantum("worker", tuple(paths[1:])))
    files = {paths[0]: "class Invoice: ...\n", paths[1]: "from invoice import Invoice\nInvoice()\n"}
    if own:
        files[f"{folder}/own/invoice.py"] = "class Invoice: ...\n"
    seen = see(files, architecture(quanta))
    assert [(one.source, one.target) for one in seen.map.imports] == ([] if own else [("worker", "billing")])
    assert not seen.unresolved(quantum="worker")


BESIDE = {
    "customer/app.py": "from app import create_app\napp = create_app()\n",
    "customer/app/__init__.py": "from app.routes import go\n\ndef create_app():\n    return go\n",
    "customer/app/routes.py": "from app import client\n\ndef go():\n    client.pay()  # SITE\n",
    "customer/app/client.py": "import requests\n\ndef pay():\n    requests.get('http://billing/pay')\n",
}


def test_a_package_stands_before_a_file_of_its_name_beside_it() -> None:
    """``app.py`` starts what is in ``app/``; what that imports from ``app`` is in the package."""
    seen = see(BESIDE)
    assert seen.to() == {"billing"}
    assert not seen.unresolved()


ASKS = "import requests\n\ndef ask():\n    return requests.get('http://billing/')  # {}\n"
STARTS = "import conf\n\nconf.ask()\n"


@pytest.mark.parametrize("package", [True, False])
@pytest.mark.parametrize("shared", ["shared/core", "shared"])
def test_the_module_beside_stands_before_one_in_a_package_of_shared_code(package: bool, shared: str) -> None:
    """Also in a package: what lies in another one is imported by the name of that."""
    files = {f"{shared}/conf.py": ASKS.format("OTHER"), f"{shared}/__init__.py": ""}
    files |= {"customer/src/main.py": STARTS, "customer/src/conf.py": ASKS.format("BESIDE")}
    seen = see(files | ({"customer/src/__init__.py": ""} if package else {}))
    assert seen.sites() == seen.marked("BESIDE")


def test_a_module_of_shared_code_is_found_by_its_own_name_where_none_is_beside() -> None:
    files = {"shared/core/conf.py": ASKS.format("OTHER"), "shared/core/__init__.py": ""}
    files |= {"customer/src/main.py": STARTS, "customer/src/__init__.py": ""}
    seen = see(files)
    assert [one.target for one in seen.crossings()] == ["billing"]


def test_a_file_stands_before_a_folder_of_its_name_that_is_no_package() -> None:
    """The twin: without the package's own file the folder is found last (PEP 420)."""
    files = {path: text for path, text in BESIDE.items() if not path.endswith("__init__.py")}
    seen = see({**files, "customer/app.py": "client = None\n", "customer/main.py": "from app import client\n"})
    assert not seen.observed("import")
    assert seen.sites() == {"customer/app/client.py:4"}


FILLED_IN = {
    "where it is none": "if config is None:\n                config = Config()",
    "where it is nothing": "if not config:\n                config = Config()",
    "by a choice": "config = config or Config()",
    "by a condition": "config = config if config is not None else Config()",
}
FILLING = """
    import requests

    class Config:
        HOST, PORT = "billing", 80

    class Client:
        def __init__(self, config):
            self.url = f"http://{config.HOST}:{config.PORT}/x"

        def ask(self):
            return requests.get(self.url)

    class Service:
        def __init__(self, config=None):
            FILL
            self.client = Client(config)

    def view():
        return Service().client.ask()  # SITE
"""


@pytest.mark.parametrize("name", FILLED_IN)
def test_an_argument_that_is_filled_in_is_never_none(name: str) -> None:
    seen = see({"customer/app.py": FILLING.replace("FILL", FILLED_IN[name])})
    assert seen.sites() == seen.marked()
    assert not seen.unresolved()


def test_an_argument_that_nobody_fills_in_stays_open() -> None:
    seen = see({"customer/app.py": FILLING.replace("FILL", "pass")})
    assert seen.to() == set()
    assert seen.unresolved("request")


TEMPLATES = {
    "twice": "'http://{h}:{p}/{{id}}'.format(h=HOST, p=PORT).format(id=3)",
    "a part that is not known": "('http://billing/{}/' + os.environ['KIND'] + '/{}').format('x', 3)",
    "by a mapping": "('{scheme}://billing/' + os.environ['KIND']).format_map({'scheme': 'http'})",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_is_known_in_part_is_filled_in(name: str) -> None:
    top = "import os, requests\nHOST, PORT = os.environ.get('H', 'billing'), os.environ.get('P')\n"
    seen = see({"customer/app.py": f"{top}\ndef go():\n    requests.get({TEMPLATES[name]})  # SITE\n"})
    assert seen.sites() == seen.marked()


def test_a_template_whose_field_is_the_host_stays_open() -> None:
    call = "('http://{host}/' + os.environ['KIND']).format(host=os.environ['WHERE'])"
    seen = see({"customer/app.py": f"import os, requests\n\ndef go():\n    requests.get({call})\n"})
    assert seen.to() == set()
    assert seen.unresolved("request")
