"""Programs changed without changing their shape: around what reaches nothing, and with addresses made at run time."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LIBRARY = r"(?:requests|httpx|pika|aiohttp)"
_IMPORT = re.compile(rf"^( *)import {_LIBRARY}(?: as (\w+))?$", re.MULTILINE)
_ELSEWHERE = rf"import {_LIBRARY}\b|from {_LIBRARY}\b|[\"']{_LIBRARY}[\"']|getenv|entry_points"
_FROM = re.compile(r"^( *)from tornado\.httpclient import", re.MULTILINE)

QUIET = """
class Answer:
    content = b""

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    def json(self):
        return {}

    def raise_for_status(self):
        return self


class Session:
    def __init__(self, *args, **kwargs):
        self.headers = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    def request(self, method, url, **kwargs):
        return Answer()

    def get(self, url, **kwargs):
        return Answer()

    def post(self, url, **kwargs):
        return Answer()

    async def fetch(self, url, **kwargs):
        return Answer()

    async def aclose(self):
        return None

    async def close(self):
        return None


Client = AsyncClient = ClientSession = AsyncHTTPClient = Session


class URL:
    def __init__(self, text):
        self.text = text

    def join(self, part):
        return URL(self.text + part)


def request(method, url, **kwargs):
    return Answer()


def get(url, **kwargs):
    return Answer()


def post(url, **kwargs):
    return Answer()


class Channel:
    def basic_publish(self, exchange, routing_key, body):
        return None


class BlockingConnection:
    def channel(self):
        return Channel()

    def close(self):
        return None
"""


_ADDRESS = re.compile(r"""(f?)(["'])http://(?:billing|sysops)([^"']*)\2""")
_QUEUE = re.compile(r"""(["'])jobs\1""")
_READ = 'open("where").read()'


def at_run_time(files: Mapping[str, str]) -> dict[str, str]:
    """The program with each address and the name of the queue read from a file when it runs."""
    return {
        path: _QUEUE.sub(_READ, _ADDRESS.sub(lambda match: f'({_READ} + {match[1]}"{match[3]}")', text))
        for path, text in files.items()
    }


def quieted(files: Mapping[str, str]) -> dict[str, str]:
    """The program with a module of its own in the place of each client library."""
    changed = {path: _FROM.sub(r"\1from shared.quiet import", _IMPORT.sub(_own, text)) for path, text in files.items()}
    return {"shared/__init__.py": "", **changed, "shared/quiet.py": QUIET}


def replaceable(files: Mapping[str, str]) -> bool:
    """Whether the program reaches out through the client libraries alone that :func:`quieted` replaces."""
    text = "\n".join(quieted(files).values())
    return text.count("shared import quiet") > 0 and re.search(_ELSEWHERE, text) is None


def _own(match: re.Match[str]) -> str:
    name = match[2] or match[0].split()[-1]
    return f"{match[1]}from shared import quiet as {name}"
