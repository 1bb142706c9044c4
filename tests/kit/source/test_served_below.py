"""The paths that a quantum serves: below the prefixes of routers, and of what these are put below."""

from __future__ import annotations

import pytest
from source_trees import see

ASKS = {
    "customer/app.py": "import requests\ndef go():\n    requests.get('http://localhost:8001/api/v1/bills/7')  # SITE\n"
}
ROUTER = "from fastapi import APIRouter\nrouter = APIRouter({own})\n@router.get('{path}')\ndef one(number): ...\n"
MAIN = (
    "from fastapi import APIRouter, FastAPI\nfrom bills import router\nVERSION = 'v1'\napp = FastAPI()\n"
    "api = APIRouter(prefix='/api')\n{mount}\n"
)
SERVED = {
    "a prefix of its own": ("prefix='/api/v1/bills'", "/{number}", "app.include_router(router)"),
    "one it is put below": ("", "/{number}", "app.include_router(router, prefix=f'/api/{VERSION}/bills')"),
    "both": ("prefix='/bills'", "/{number}", "app.include_router(router, prefix='/api/v1')"),
    "a router between": (
        "prefix='/bills'",
        "/{number}",
        "api.include_router(router, prefix='/v1')\napp.include_router(api)",
    ),
}
NOT_SERVED = {
    "another prefix": ("prefix='/api/v2/bills'", "/{number}", "app.include_router(router)"),
    "none": ("", "/bills/{number}", "app.include_router(router)"),
    "one told at run time": ("", "/{number}", "app.include_router(router, prefix=open('x').read())"),
}


def asked(own: str, path: str, mount: str) -> list[str | None]:
    router = ROUTER.replace("{own}", own).replace("{path}", path)
    files = {"billing/bills.py": router, "billing/main.py": MAIN.replace("{mount}", mount)}
    return [one.target for one in see(ASKS | files).crossings()]


@pytest.mark.parametrize(("own", "path", "mount"), SERVED.values(), ids=SERVED.keys())
def test_a_path_is_below_the_prefixes_of_its_routers(own: str, path: str, mount: str) -> None:
    assert asked(own, path, mount) == ["billing"]


@pytest.mark.parametrize(("own", "path", "mount"), NOT_SERVED.values(), ids=NOT_SERVED.keys())
def test_a_path_below_other_prefixes_is_another(own: str, path: str, mount: str) -> None:
    assert asked(own, path, mount) == [None]


@pytest.mark.parametrize(
    ("made", "put", "served"),
    [
        (", url_prefix='/api/v1/bills'", "", True),
        ("", ", url_prefix='/api/v1/bills'", True),
        (", url_prefix='/old'", ", url_prefix='/api/v1/bills'", True),
        (", url_prefix='/api/v1/bills'", ", url_prefix='/old'", False),
    ],
)
def test_what_a_blueprint_is_put_below_stands_instead_of_its_own(made: str, put: str, served: bool) -> None:
    blueprint = (
        "from flask import Blueprint, Flask\n"
        f"bills = Blueprint('bills', __name__{made})\n@bills.route('/<number>')\ndef one(number): ...\n"
        f"app = Flask(__name__)\napp.register_blueprint(bills{put})\n"
    )
    found = [one.target for one in see(ASKS | {"billing/app.py": blueprint}).crossings()]
    assert found == (["billing"] if served else [None])
