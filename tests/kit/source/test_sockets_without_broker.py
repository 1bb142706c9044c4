"""ZeroMQ: who binds and who connects says nothing about who sends; the addresses tell who meets whom."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

END = """
    import zmq
    socket = zmq.Context.instance().socket(zmq.{kind})
    socket.{how}("{address}")  # SITE
    socket.{does}
"""
COMPOSE = "services:\n  customer: {build: ./customer}\n  billing: {build: ./billing}\n"


def end(kind: str, how: str, address: str) -> str:
    does = "send(b'x')" if kind in ("PUB", "PUSH", "REQ", "DEALER") else "recv()"
    return END.format(kind=kind, how=how, address=address, does=does)


def meet(one: tuple[str, str, str], other: tuple[str, str, str], compose: str = "") -> Seen:
    taking = end(*other).replace("# SITE", "# TAKES")
    files = {"customer/app.py": end(*one), "billing/app.py": taking}
    return see(files | ({"docker-compose.yml": compose} if compose else {}))


SENDS = [("PUB", "SUB"), ("PUSH", "PULL"), ("XPUB", "XSUB")]
MEETING = {
    "on one machine": ("tcp://*:5555", "tcp://localhost:5555", ""),
    "by two names of it": ("tcp://127.0.0.1:5555", "tcp://localhost:5555", ""),
    "on any interface": ("tcp://0.0.0.0:5555", "tcp://127.0.0.1:5555", ""),
    "on a named interface": ("tcp://eth0:5555", "tcp://127.0.0.1:5555", ""),
    "in one file system": ("ipc:///tmp/jobs", "ipc:///tmp/jobs", ""),
}


@pytest.mark.parametrize(("sends", "takes"), SENDS)
@pytest.mark.parametrize(("bound", "called", "compose"), MEETING.values(), ids=MEETING.keys())
def test_either_end_may_bind(sends: str, takes: str, bound: str, called: str, compose: str) -> None:
    for first, second in ((("bind", bound), ("connect", called)), (("connect", called), ("bind", bound))):
        seen = meet((sends, *first), (takes, *second), compose)
        assert seen.sites() == seen.marked()
        assert not seen.unresolved("publish")


def test_a_host_is_the_one_that_binds() -> None:
    seen = meet(("PUSH", "connect", "tcp://billing:5555"), ("PULL", "bind", "tcp://*:5555"), COMPOSE)
    assert seen.sites() == seen.marked()
    seen = meet(("PUB", "bind", "tcp://*:5555"), ("SUB", "connect", "tcp://customer:5555"), COMPOSE)
    assert seen.sites() == seen.marked()


APART = {
    "both bind": (("PUB", "bind", "tcp://*:5555"), ("SUB", "bind", "tcp://*:5555")),
    "both connect": (("PUB", "connect", "tcp://localhost:5555"), ("SUB", "connect", "tcp://localhost:5555")),
    "other ports": (("PUB", "bind", "tcp://*:5555"), ("SUB", "connect", "tcp://localhost:5556")),
    "another host": (("PUSH", "connect", "tcp://sysops:5555"), ("PULL", "bind", "tcp://*:5555")),
    "a host outside": (("PUSH", "connect", "tcp://jobs.example.org:5555"), ("PULL", "bind", "tcp://*:5555")),
    "other files": (("PUB", "bind", "ipc:///tmp/a"), ("SUB", "connect", "ipc:///tmp/b")),
    "within a process": (("PUB", "bind", "inproc://jobs"), ("SUB", "connect", "inproc://jobs")),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART.keys())
def test_ends_that_cannot_meet(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    seen = meet(one, other)
    assert not seen.sites()
    assert [crossing.target for crossing in seen.crossings()] == [None]


@pytest.mark.parametrize(
    ("called", "compose"), [("tcp://localhost:5555", COMPOSE), ("tcp://10.0.0.7:5555", ""), ("tcp://nobody:5555", "")]
)
def test_ends_that_may_meet_are_a_guess(called: str, compose: str) -> None:
    seen = meet(("PUSH", "connect", called), ("PULL", "bind", "tcp://*:5555"), compose)
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "medium")]
    assert seen.unresolved("publish")


def test_a_host_that_is_told_at_run_time_is_guessed_by_the_port() -> None:
    customer = (
        "import os, zmq\nsocket = zmq.Context().socket(zmq.PUSH)\n"
        "socket.connect(f\"tcp://{os.environ['JOBS_HOST']}:5555\")\n"
    )
    seen = see({"customer/app.py": customer, "billing/app.py": end("PULL", "bind", "tcp://*:5555")})
    assert [one.target for one in seen.crossings()] == ["billing"]
    assert seen.unresolved("publish")


@pytest.mark.parametrize(("asks", "answers"), [("REQ", "REP"), ("DEALER", "ROUTER")])
def test_who_is_asked_is_who_listens(asks: str, answers: str) -> None:
    seen = meet((asks, "connect", "tcp://localhost:5557"), (answers, "bind", "tcp://*:5557"))
    assert seen.sites() == seen.marked()
    assert [one.communication.value for one in seen.crossings()] == ["synchronous"]


def test_asking_within_ones_own_process_is_no_request() -> None:
    seen = see({"customer/app.py": end("REQ", "connect", "inproc://jobs")})
    assert not seen.crossings()
    assert not seen.unresolved("request")
