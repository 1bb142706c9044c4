"""Modules of the standard library under the names that gevent has for them."""

from __future__ import annotations

import pytest
from source_trees import customer

REACHING = {
    "a connection": "gevent.socket.create_connection(('billing', 80))",
    "a socket": "gevent.socket.socket().connect(('billing', 80))",
}


@pytest.mark.parametrize("how", REACHING)
def test_what_they_reach_is_seen(how: str) -> None:
    seen = customer(f"import gevent.socket\nimport gevent.subprocess\n\ndef pay():\n    {REACHING[how]}  # SITE\n")
    assert seen.sites("billing") == seen.marked()


def test_a_command_that_reaches_out_is_unresolved() -> None:
    seen = customer(
        "import gevent.subprocess\n\ndef pay():\n    gevent.subprocess.run(['curl', 'http://billing/pay'])\n"
    )
    assert seen.unresolved("request")


def test_an_address_that_nobody_tells_is_unresolved() -> None:
    seen = customer("""
        from gevent import socket

        class Remote:
            def __init__(self, address):
                self.address = address
            def connect(self):
                found = socket.getaddrinfo(self.address.ip, self.address.port)
                for family, kind, protocol, name, address in found:
                    remote = socket.socket(family, kind, protocol)
                    remote.connect(address)
        """)
    assert seen.unresolved("request")


def test_what_does_not_connect_says_nothing() -> None:
    assert customer("import gevent.socket\n\ndef pay():\n    return gevent.socket.gethostname()\n").silent()
