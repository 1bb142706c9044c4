"""By which steps a target is resolved, from the surest to the weakest; and that a guess proves nothing."""

from __future__ import annotations

from textwrap import dedent

import pytest
from source_trees import Seen, see

from quantafit.app.evaluation import evaluate_tree
from quantafit.model import Crossing, Step, Verdict

COMPOSE = """
    services:
      customer: {build: ../customer, environment: {PAY_URL: "http://billing:8000"}}
      billing: {image: shop/billing, ports: ["8001:8000"]}
      edge: {image: nginx, volumes: ["./nginx.conf:/etc/nginx/nginx.conf"]}
"""
NGINX = "server { location /cards { proxy_pass http://billing:8000; } }"
SERVING = """
    from fastapi import FastAPI
    app = FastAPI()

    @app.get("/invoices/{number}/lines")
    def lines(number): ...

    @app.get("/health")
    def health(): ...
"""


def seen(program: str) -> Seen:
    return see(
        {
            "customer/app.py": "import os, requests, httpx\n" + dedent(program),
            "billing/app.py": SERVING,
            "sysops/app.py": 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/health")\ndef health(): ...\n',
            "deploy/compose.yaml": COMPOSE,
            "deploy/nginx.conf": NGINX,
        }
    )


def only(program: str) -> Crossing:
    (crossing,) = seen(program).crossings()
    return crossing


STEPS = {
    "requests.get('http://billing/x')": ([Step.LITERAL, Step.DECLARATION], "high"),
    "requests.get('http://edge/cards/7')": ([Step.LITERAL, Step.GATEWAY_ROUTE, Step.DECLARATION], "high"),
    "requests.get('http://host.docker.internal:8001/x')": ([Step.LITERAL, Step.HOSTNAME], "medium"),
    "requests.get('http://localhost:8001/x')": ([Step.LITERAL, Step.HOSTNAME], "low"),
    "URL = 'http://billing'\nrequests.get(URL + '/x')": ([Step.CONSTANT, Step.DECLARATION], "high"),
    "httpx.Client(base_url='http://billing').get('/x')": ([Step.CLIENT_BASE, Step.DECLARATION], "high"),
    "requests.get(os.environ['PAY_URL'])": ([Step.ENVIRONMENT, Step.DECLARATION], "high"),
    "requests.get(os.environ.get('NONE', 'http://billing'))": ([Step.SETTINGS_DEFAULT, Step.DECLARATION], "high"),
    "requests.get(os.environ['BILLING_URL'])": ([Step.VARIABLE_NAME], "medium"),
    "def f(host): requests.get(host + '/invoices/7/lines')": ([Step.SERVED_PATH], "medium"),
    "requests.get('http://0.0.0.0:5001/invoices/7/lines')": ([Step.SERVED_PATH], "medium"),
    "class BillingClient:\n    def f(self, host): requests.get(host)": ([Step.IDENTIFIER_NAME], "low"),
}


@pytest.mark.parametrize("program", STEPS)
def test_every_step_is_named_with_its_confidence(program: str) -> None:
    crossing = only(program)
    steps, confidence = STEPS[program]
    assert (crossing.target, crossing.confidence) == ("billing", confidence)
    assert [clue.step for clue in crossing.resolution] == steps


GUESSED = [program for program, (steps, _) in STEPS.items() if steps[-1] in (
    Step.VARIABLE_NAME, Step.SERVED_PATH, Step.IDENTIFIER_NAME)]  # fmt: skip


@pytest.mark.parametrize("program", GUESSED)
def test_beside_a_guess_stands_an_unresolved_call(program: str) -> None:
    assert only(program).guessed
    assert [one.could_be for one in seen(program).unresolved()] == [("request",)]


UNKNOWN = [
    "def f(host): requests.get(host + '/health')",  # two quanta serve it
    "def f(host): requests.get(host + '/nothing/of/this')",
    "requests.get('http://localhost:5001/health')",
    "requests.get('http://localhost:5001/nothing/of/this')",
    "def f(path): requests.get('http://nobody' + path)",
    "def f(host): requests.get(host)",
    "class Billing:\n    def f(self, host): requests.get(host)",
    "class BillingReport:\n    def f(self, host): requests.get(host)",
    "class CustomerClient:\n    def f(self, host): requests.get(host)",
]


@pytest.mark.parametrize("program", UNKNOWN)
def test_what_nothing_tells_is_not_guessed(program: str) -> None:
    assert seen(program).to() == set()
    assert seen(program).unresolved("request")


ASKING = """
    import grpc
    from shop.protos import invoices_pb2_grpc

    def go(address):
        return invoices_pb2_grpc.{stub}(grpc.insecure_channel(address)).Get(1)
    """
ANSWERING = """
    import grpc
    from shop.protos import health_pb2_grpc, invoices_pb2_grpc

    def main():
        server = grpc.server(None)
        {serves}
    """
HEALTH = "health_pb2_grpc.add_HealthServicer_to_server(object(), server)"
INVOICES = "invoices_pb2_grpc.add_InvoicesServicer_to_server(object(), server)"


def rpc(stub: str, **serves: str) -> Seen:
    """What a call of a stub with an address that is not known leads to, where quanta serve this and that."""
    answering = {f"{quantum}/app.py": ANSWERING.format(serves=line) for quantum, line in serves.items()}
    return see({"customer/app.py": ASKING.format(stub=stub), **answering})


def test_a_stub_without_a_known_address_is_guessed_to_call_who_alone_serves_it() -> None:
    found = rpc("InvoicesStub", billing=INVOICES, sysops=HEALTH)
    (crossing,) = found.crossings()
    assert (crossing.target, crossing.confidence, crossing.guessed) == ("billing", "medium", True)
    assert [clue.step for clue in crossing.resolution] == [Step.SERVED_PATH]
    assert found.unresolved("request")


@pytest.mark.parametrize(("stub", "billing", "sysops"), [
    ("InvoicesStub", INVOICES, INVOICES),
    ("HealthStub", HEALTH, HEALTH),
    ("OrdersStub", INVOICES, HEALTH),
])  # fmt: skip
def test_a_stub_that_several_serve_or_nobody_is_not_guessed(stub: str, billing: str, sysops: str) -> None:
    found = rpc(stub, billing=billing, sysops=sysops)
    assert found.to() == set()
    assert found.unresolved("request")


def test_who_serves_what_it_asks_for_itself_is_not_guessed_to_call_another() -> None:
    program = ASKING.format(stub="InvoicesStub") + ANSWERING.format(serves=INVOICES)
    found = see({"customer/app.py": program, "billing/app.py": ANSWERING.format(serves=INVOICES)})
    assert found.to() == set()
    assert found.unresolved("request")


DECLARED = """schema: quanta/1
system: shop
quanta:
  customer: {source: [customer]}
  billing: {source: [billing]}
interactions:
  - {from: customer, to: billing, style: call}
"""


@pytest.mark.parametrize(("url", "passes"), [("'http://billing/x'", True), ("os.environ['BILLING_URL']", False)])
def test_no_declared_call_is_observed_by_a_guess(url: str, passes: bool) -> None:
    program = f"import os, requests\n\ndef call():\n    requests.get({url})\n"
    files = {"quanta.yaml": DECLARED, "customer/app.py": program, "billing/app.py": "def serve(): ...\n"}
    judged = {one.verdict for one in evaluate_tree(files).judgements if one.rule == "quantum/missing-interaction"}
    assert judged == ({Verdict.PASS} if passes else {Verdict.NOT_EVALUATED})


def test_consumers_without_a_publisher_and_publishes_without_a_consumer_are_kept() -> None:
    found = see(
        {
            "customer/app.py": """
                import pika
                def send():
                    pika.BlockingConnection().channel().basic_publish("", "lonely", b"")
                """,
            "billing/worker.py": """
                import pika
                def work(channel, method, properties, body): ...
                def main():
                    channel = pika.BlockingConnection().channel()
                    channel.basic_consume("waiting", work)
                """,
        }
    )
    (sent,) = found.crossings()
    assert [(clue.step, clue.says) for clue in sent.resolution] == [(Step.CHANNEL, "nobody here consumes it: lonely")]
    assert [(one.quantum, one.queue) for one in found.map.consumers] == [("billing", "waiting")]


MANIFESTS = """
    apiVersion: v1
    kind: Service
    metadata: {name: pay-api}
    spec: {selector: {app: billing}, ports: [{port: 80}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: billing, labels: {app: billing}}
    spec: {containers: [{image: billing}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: customer}
    spec: {containers: [{image: customer ENV}]}
"""


@pytest.mark.parametrize(("env", "target"), [
    ("", "billing"),
    (", env: [{name: PAY_API_SERVICE_HOST, value: sysops}]", "sysops"),
])  # fmt: skip
def test_kubernetes_tells_pods_where_a_service_is_unless_the_manifest_does(env: str, target: str) -> None:
    host, port = "os.environ['PAY_API_SERVICE_HOST']", "os.environ['PAY_API_SERVICE_PORT']"
    program = f"import os, requests\n\ndef go():\n    requests.get('http://' + {host} + ':' + {port})\n"
    found = see({"customer/app.py": program, "k8s.yaml": dedent(MANIFESTS).replace(" ENV", env)})
    assert [(one.target, one.guessed) for one in found.crossings()] == [(target, False)]
    assert not found.unresolved()


def named(*programs: str, **more: str) -> Seen:
    """What is seen where quanta call addresses of the machine itself by these names."""
    files = {f"{quantum}/app.py": f"import os, requests\n{dedent(text)}" for quantum, text in more.items()}
    return see({"customer/app.py": "import os, requests\n" + "".join(map(dedent, programs))} | files)


PORTS = {
    "a constant": "BILLING_URL = 'http://localhost:8003/x'\ndef go(): requests.get(f'{BILLING_URL}/7')  # SITE\n",
    "a class": """
        class Hosts:
            billing = "http://127.0.0.1:8003"
        def go(): requests.get(Hosts.billing + "/7")  # SITE
        """,
    "an entry": """
        HOSTS = {"billing": "http://localhost:8003", "sysops": "http://localhost:8004"}
        def go(): requests.get(HOSTS["billing"] + "/7")  # SITE
        """,
    "an entry inside": """
        SERVICES = {"billing": {"url": "http://localhost:8003"}}
        def go(): requests.get(SERVICES["billing"]["url"])  # SITE
        """,
}


@pytest.mark.parametrize("name", PORTS)
def test_the_names_of_its_addresses_tell_whose_a_port_is(name: str) -> None:
    found = named(PORTS[name])
    assert found.sites() == found.marked()
    (crossing,) = found.crossings()
    assert (crossing.resolution[-1].step, crossing.guessed) == (Step.VARIABLE_NAME, True)
    assert found.unresolved("request")


def test_what_one_quantum_calls_a_port_tells_it_to_the_others() -> None:
    found = named("def go(): requests.get('http://localhost:8003/7')  # SITE\n", sysops=PORTS["a constant"])
    assert found.sites() == found.marked() - {"sysops/app.py:3"}
    assert found.sites(source="sysops") == {"sysops/app.py:3"}


@pytest.mark.parametrize("program", [
    "OTHER_URL = 'http://localhost:8003'\ndef go(): requests.get(OTHER_URL)\n",
    PORTS["a constant"] + "SYSOPS = 'http://localhost:8003/y'\ndef come(): requests.get(SYSOPS)\n",
    "CUSTOMER_URL = 'http://localhost:8003'\ndef go(): requests.get(CUSTOMER_URL)\n",
    "HOSTS = {'billing': 'http://localhost:8003'}\ndef go(): requests.get('http://localhost:8004')\n",
])  # fmt: skip
def test_names_that_disagree_or_mean_nobody_else_tell_nothing(program: str) -> None:
    found = named(program)
    assert found.to() == set()
    assert found.unresolved("request")


def test_a_path_that_another_alone_serves_gainsays_the_name() -> None:
    serving = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/invoices/all')\ndef all(): ...\n"
    call = "BILLING_URL = 'http://localhost:8003/invoices'\ndef go(): requests.get(BILLING_URL + '/all')\n"
    assert named(call, sysops=serving).to() == set()
    assert named(call, billing=serving).to() == {"billing"}


def test_a_port_that_is_known_beats_its_name() -> None:
    call = "SYSOPS_URL = 'http://localhost:8001'\ndef go(): requests.get(SYSOPS_URL)\n"
    assert seen(call).to() == {"billing"}
