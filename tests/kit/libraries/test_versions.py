"""Defaults by version: what an omitted argument means is read from lock and requirement files."""

from __future__ import annotations

import pytest
from source_trees import Seen, architecture, see

from quantafit.coupling.versions import admitted
from quantafit.model import Crossing, Quantum, Role
from quantafit.model.terms import ByVersion

FASTSTREAM = {
    "customer/app.py": """
        from faststream.rabbit import RabbitBroker

        broker = RabbitBroker("amqp://rabbit")

        async def go():
            await broker.publish("x", "jobs", persist=True)  # SITE
        """,
    "billing/worker.py": """
        from faststream.rabbit import RabbitBroker

        broker = RabbitBroker("amqp://rabbit")

        @broker.subscriber("jobs")
        async def work(body):
            print(body)
        """,
}
KAFKA = {
    "customer/app.py": """
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers="kafka:9092")

        def go():
            producer.send("jobs", b"x")  # SITE
        """,
    "billing/worker.py": """
        from kafka import KafkaConsumer

        def main():
            for message in KafkaConsumer("jobs", group_id="billing"):
                print(message.value)
        """,
}


def crossing(seen: Seen) -> Crossing:
    (found,) = [one for one in seen.crossings() if one.target == "billing"]
    return found


STORES = {
    "a lock file decides": (
        {"billing/pyproject.toml": '[project]\ndependencies = ["faststream>=0.5"]\n',
         "billing/uv.lock": '[[package]]\nname = "faststream"\nversion = "0.6.7"\n'},
        False, "billing/uv.lock:3"),
    "a lock file around the service": (
        {"poetry.lock": '[[package]]\nname = "faststream"\nversion = "0.7.0"\n'}, True, "poetry.lock:3"),
    "the nearest file decides": (
        {"requirements.txt": "faststream==0.7.8\n", "billing/requirements.txt": "faststream==0.6.1\n"},
        False, "billing/requirements.txt:1"),
    "a range whose versions agree": (
        {"billing/requirements.txt": "faststream[rabbit]>=0.5,<0.7\n"}, False, "billing/requirements.txt:1"),
    "a range from the change on": (
        {"billing/requirements.txt": "faststream>=0.7\n"}, True, "billing/requirements.txt:1"),
    "a range whose versions disagree": ({"billing/requirements.txt": "faststream>=0.5\n"}, "unknown", None),
    "no version at all": ({"billing/requirements.txt": "faststream\n"}, "unknown", None),
    "an exact pin beside a range": (
        {"billing/requirements.in": "faststream>=0.5\n", "billing/requirements.txt": "faststream==0.6.1\n"},
        False, "billing/requirements.txt:1"),
    "an exact pin in a group beside a range of the project": (
        {"billing/pyproject.toml": '[project]\ndependencies = ["faststream>=0.5"]\n'
                                   '[dependency-groups]\ndev = ["faststream==0.7.8"]\n'}, "unknown", None),
    "a pin for developers": (
        {"billing/requirements.txt": "faststream>=0.5\n", "billing/requirements-dev.txt": "faststream==0.7.8\n"},
        "unknown", None),
    "nothing is pinned": ({}, "unknown", None),
    "a range that admits nothing": ({"billing/requirements.txt": "faststream>=2,<1\n"}, "unknown", None),
    "files that disagree": (
        {"billing/a/requirements.txt": "faststream==0.6.1\n", "billing/b/requirements.txt": "faststream==0.7.1\n"},
        "unknown", None),
    "the publisher's version declares nothing": ({"customer/requirements.txt": "faststream==0.7.8\n"}, "unknown", None),
    "what the image installs": (
        {"requirements/billing.txt": "faststream==0.6.1\n", "requirements/other.txt": "faststream==0.7.1\n",
         "billing/Dockerfile": "FROM python\nCOPY requirements/billing.txt .\nCOPY billing billing\n"},
        False, "requirements/billing.txt:1"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORES)
def test_whether_a_queue_is_durable_by_default(name: str) -> None:
    files, durable, line = STORES[name]
    found = crossing(see(FASTSTREAM | files))
    assert found.durable == durable
    store = found.delivery["store"]
    assert [str(one.place) for one in store.evidence if one.role is Role.DEFAULT] == [line] * bool(line) or not line
    assert not line or line in store.reason


def test_the_reason_names_the_library_the_range_and_how_to_mend_it() -> None:
    reason = crossing(see(FASTSTREAM | {"billing/requirements.txt": "faststream>=0.5\n"})).delivery["store"].reason
    assert reason == (
        "whether the queue jobs is durable could not be told: the default of faststream is False, True from 0.7.0 on, "
        "and billing/requirements.txt:1 admits faststream >=0.5; write the argument out, or pin the version"
    )
    assert "no lock or requirement file says" in crossing(see(FASTSTREAM)).delivery["store"].reason


def test_what_is_written_out_needs_no_version() -> None:
    """A look-alike: nothing is left to the default."""
    files = dict(FASTSTREAM)
    files["billing/worker.py"] = files["billing/worker.py"].replace('"jobs"', 'RabbitQueue("jobs", durable=True)')
    files["billing/worker.py"] = files["billing/worker.py"].replace(
        "import RabbitBroker", "import RabbitBroker, RabbitQueue"
    )
    found = crossing(see(files | {"billing/requirements.txt": "faststream==0.6.1\n"}))
    assert (found.durable, found.delivery["store"].reason) == (True, "the queue jobs is declared durable")


def test_a_quorum_queue_is_durable_in_every_version() -> None:
    files = dict(FASTSTREAM)
    queue = 'RabbitQueue("jobs", queue_type=QueueType.QUORUM)'
    files["billing/worker.py"] = files["billing/worker.py"].replace('"jobs"', queue)
    files["billing/worker.py"] = files["billing/worker.py"].replace(
        "RabbitBroker\n", "QueueType, RabbitBroker, RabbitQueue\n", 1
    )
    files["customer/app.py"] = files["customer/app.py"].replace(", persist=True", "")
    assert crossing(see(files)).durable is True


@pytest.mark.parametrize(
    ("requirement", "confirmed"),
    [("==2.3.3", False), ("<3", False), ("==3.0.0", True), ("~=3.0", True), ("", "unknown"), (">=2", "unknown")],
)
def test_whether_kafka_waits_for_all_replicas_by_default(requirement: str, confirmed: object) -> None:
    found = crossing(see(KAFKA | {"customer/requirements.txt": f"kafka-python{requirement}\n"}))
    assert found.delivery["confirm"].value == confirmed


@pytest.mark.parametrize(("acks", "confirmed"), [('"all"', True), ("1", False), ("0", False)])
def test_what_kafka_is_told_stands_before_the_default(acks: str, confirmed: bool) -> None:
    files = dict(KAFKA)
    files["customer/app.py"] = files["customer/app.py"].replace('"kafka:9092"', f'"kafka:9092", acks={acks}')
    assert crossing(see(files)).delivery["confirm"].value is confirmed


CHANGED = ByVersion("x", (("0", "old"), ("1.2.0", "new")))


@pytest.mark.parametrize(
    ("specifier", "values"),
    [
        ("==1.1", {"old"}), ("==1.2.0", {"new"}), ("==1.2", {"new"}), ("==1.2.*", {"new"}), ("==1.*", {"old", "new"}),
        ("<1.2", {"old"}), ("<=1.2", {"old", "new"}), (">1.1.9", {"old", "new"}), (">=1.2", {"new"}), (">1.2", {"new"}),
        ("~=1.1.0", {"old"}), ("~=1.1", {"old", "new"}), ("!=1.2.0", {"old", "new"}), ("", {"old", "new"}),
        (">=1,<1.2", {"old"}), ("===1.2.1", {"new"}), (">=3,<2", set()), ("not a specifier", {"old", "new"}),
        (">=1.2.0rc1", {"old", "new"}), ("==2.0b1", {"new"}),
    ],
)  # fmt: skip
def test_the_values_that_a_range_admits(specifier: str, values: set[str]) -> None:
    assert set(admitted(CHANGED, specifier)) == values


def test_two_quanta_of_one_folder_share_its_pins() -> None:
    """The distance is that of the source, not of the quantum's name."""
    quanta = (Quantum("customer", ("shop/customer.py",)), Quantum("billing", ("shop/billing.py",)))
    files = {
        "shop/customer.py": FASTSTREAM["customer/app.py"],
        "shop/billing.py": FASTSTREAM["billing/worker.py"],
        "shop/requirements.txt": "faststream==0.7.2\n",
    }
    assert crossing(see(files, architecture(quanta))).durable is True
