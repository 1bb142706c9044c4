"""``localhost`` in a container is the container; on the machine itself it is whoever publishes the port."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

ASKS = 'import requests\ndef go():\n    return requests.get("http://{host}:8000/invoices")  # SITE\n'
BILLING = "billing: {build: ./billing, ports: ['8000:8000']}"
STARTS = {
    "its code": "import uvicorn\nuvicorn.run('app:app', port=8000)\n",
    "a process": "import subprocess\nsubprocess.Popen(['uvicorn', 'app:app', '--port', '8000'])\n",
}


def run(customer: str, *units: str, **files: str) -> Seen:
    compose = "services:\n" + "".join(f"  {one}\n" for one in (BILLING, *units))
    return see({"customer/app.py": customer, "billing/app.py": "", "docker-compose.yml": compose, **files})


def asks(host: str = "localhost") -> str:
    return ASKS.format(host=host)


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS.keys())
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_in_a_container_a_port_that_it_serves_itself_is_its_own(host: str, start: str) -> None:
    seen = run(asks(host) + start, "customer: {build: ./customer}")
    assert not seen.crossings()
    assert not seen.unresolved("request")


@pytest.mark.parametrize(
    "unit",
    [
        "customer: {build: ./customer, ports: ['8001:8000']}",
        "customer: {build: ./customer, command: 'uvicorn app:app --port 8000'}",
    ],
)
def test_in_a_container_the_unit_tells_what_is_its_own(unit: str) -> None:
    assert not run(asks(), unit).crossings()


def test_in_a_container_a_port_that_another_publishes_is_a_guess() -> None:
    seen = run(asks(), "customer: {build: ./customer}")
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "low")]
    assert len(seen.unresolved("request")) == 1


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS.keys())
def test_on_the_machine_a_port_that_two_have_is_nobodys(start: str) -> None:
    seen = run(asks() + start)
    assert [one.target for one in seen.crossings()] == [None]
    assert len(seen.unresolved("request")) == 1


@pytest.mark.parametrize(
    "units",
    [
        (),
        ("customer: {build: ./customer, network_mode: host}",),
        ("customer: {build: ./customer, network_mode: 'service:billing'}",),
    ],
)
def test_on_the_machine_a_published_port_is_who_publishes_it(units: tuple[str, ...]) -> None:
    seen = run(asks(), *units)
    assert seen.sites() == seen.marked()
    assert not seen.unresolved("request")


def test_the_machine_around_a_container_is_not_the_container() -> None:
    seen = run(asks("host.docker.internal") + STARTS["its code"], "customer: {build: ./customer}")
    assert seen.sites() == seen.marked()
    assert not seen.unresolved("request")


def test_a_port_that_a_command_asks_is_not_served() -> None:
    waits = "import subprocess\nsubprocess.run(['psql', '-h', 'db', '-p', '8000'])\n"
    seen = run(asks() + waits)
    assert seen.sites() == seen.marked()


def test_a_variable_that_names_another_says_more_than_a_port_of_ones_own() -> None:
    customer = (
        "import os, requests, uvicorn\nuvicorn.run('app:app', port=8000)\n"
        "def go():\n    return requests.get(os.getenv('BILLING_URL', 'http://localhost:8000') + '/x')\n"
    )
    seen = run(customer, "customer: {build: ./customer}")
    assert [one.target for one in seen.crossings()] == ["billing"]
    assert seen.unresolved("request")


def test_the_containers_of_a_pod_share_their_localhost() -> None:
    pod = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: customer}\nspec: {template: {spec: {containers: ["
        "{name: a, image: customer}, {name: b, image: billing}]}}}\n"
    )
    seen = run(asks(), **{"deploy/customer.yaml": pod})
    assert seen.sites() == seen.marked()
    assert not seen.unresolved("request")


READS = "import os, requests\ndef go():\n    return requests.get(os.environ['JOBS_URL'] + '/x')  # SITE\n"


def test_a_file_of_variables_that_no_unit_is_given_is_for_who_runs_the_code_without() -> None:
    files = {"customer/.env.development": "JOBS_URL=http://localhost:8000\n"}
    seen = run(READS, "customer: {build: ./customer}", **files)
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "medium")]
    assert not seen.unresolved("request")


def test_what_a_unit_is_given_is_for_its_container() -> None:
    seen = run(READS, "customer: {build: ./customer, environment: {JOBS_URL: 'http://localhost:8000'}}")
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "low")]
    assert seen.unresolved("request")


def test_one_sure_way_to_a_target_is_enough() -> None:
    files = {"customer/.env.production": "JOBS_URL=http://billing:8000\n"}
    unit = "customer: {build: ./customer, environment: {JOBS_URL: 'http://localhost:8000'}}"
    seen = run(READS, unit, **files)
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "high")]
    assert not seen.unresolved("request")
