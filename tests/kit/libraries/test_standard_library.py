"""The modules of Python itself that reach out."""

from __future__ import annotations

import pytest
from source_trees import customer

ASKED = {
    "webbrowser": 'import webbrowser\nwebbrowser.open("http://billing/x")',
    "nntplib": 'import nntplib\nnntplib.NNTP("billing")',
    "smtplib, connected later": 'import smtplib\nsmtplib.SMTP().connect("billing")',
    "telnetlib, opened later": 'import telnetlib\ntelnetlib.Telnet().open("billing")',
    "ssl": 'import ssl\nssl.get_server_certificate(("billing", 443))',
    "URLopener": 'import urllib.request\nurllib.request.FancyURLopener().open("http://billing/x")',
    "robotparser": 'from urllib import robotparser\nrobotparser.RobotFileParser("http://billing/x").read()',
    "a datagram": 'import asyncio\nasyncio.get_event_loop().create_datagram_endpoint(X, remote_addr=("billing", 1))',
    "a socket of the loop": 'import asyncio\nasyncio.get_event_loop().sock_connect(S, ("billing", 1))',
    "multiprocessing": 'from multiprocessing.connection import Client\nClient(("billing", 80))',
    "a manager": 'from multiprocessing.managers import BaseManager\nBaseManager(address=("billing", 80)).connect()',
    "XML by its address": 'from xml.sax import parse\nparse("http://billing/x", H)',
    "syslog": 'import logging.handlers\nlogging.handlers.SysLogHandler(address=("billing", 514))',
    "mail by logging": 'import logging.handlers\nlogging.handlers.SMTPHandler("billing", "a", "b", "c")',
    "logging by a mapping": "import logging.config\nlogging.config.dictConfig({'handlers': "
    "{'far': {'class': 'logging.handlers.HTTPHandler', 'host': 'billing', 'url': '/x'}}})",
    "keys of tokens": 'import jwt\njwt.PyJWKClient("http://billing/jwks")',
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_a_request(name: str) -> None:
    seen = customer(f"{ASKED[name]}  # SITE\n")
    assert seen.sites("billing") == seen.marked()


UNRESOLVED = {
    "a socket file": 'import asyncio\nasyncio.open_unix_connection("/run/billing.sock")',
    "spawn": 'import os\nos.spawnlp(os.P_WAIT, "curl", "curl", "http://billing/x")',
    "a terminal": 'import pty\npty.spawn(["curl", "http://billing/x"])',
    "a process of the loop": 'import asyncio\nasyncio.get_event_loop().subprocess_exec(P, "psql", "-h", "billing")',
    "a library in machine code": 'import ctypes\nctypes.CDLL("libcurl.so").curl_easy_perform()',
    "a command that is given": "import subprocess\ndef go(command):\n    subprocess.run(command)",
    "a program that is given": 'import subprocess\ndef go(program):\n    subprocess.run([program, "--version"])',
    "a program that the environment names": 'import os, subprocess\nsubprocess.run([os.environ["TOOL"], "x"])',
}


@pytest.mark.parametrize("name", UNRESOLVED)
def test_what_reaches_out_unseen_is_unresolved(name: str) -> None:
    seen = customer(f"{UNRESOLVED[name]}  # SITE\n")
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


SILENT = """
    import logging.config, logging.handlers, os, shutil, smtplib, subprocess, sys
    from xml.sax import parse

    logging.config.dictConfig({"handlers": {"near": {"class": "logging.StreamHandler"}}})
    logging.handlers.SysLogHandler()
    logging.handlers.RotatingFileHandler("x.log")

    def go(name, path):
        subprocess.run(["ls", name])
        subprocess.run(f"convert {name} x.png", shell=True)
        subprocess.run([sys.executable, "-m", "customer.app"])
        subprocess.run([shutil.which("git"), "status"])
        subprocess.run([os.path.join(path, "tool"), "status"])
        os.spawnlp(os.P_WAIT, "ls", "ls")
        parse("x.xml", object())
"""


def test_what_stays_within_the_machine_is_silent() -> None:
    seen = customer(SILENT)
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]
