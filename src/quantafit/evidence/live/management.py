"""GET requests to RabbitMQ's management API, bounded in time and size, and what its refusals mean."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from quantafit.evidence.live.asking import PATIENCE, NotAnsweredError

LARGEST = 32 * 1024 * 1024
"""Bytes of one answer. Ten thousand queues take some 5 MB."""

_NOT_IT = "this is not RabbitMQ's management API (its port is 15672 by default; AMQP's 5672 is another one)"


@dataclass(frozen=True, slots=True)
class Management:
    """One management API, and who asks it. ``shown`` is its address as it may be shown."""

    host: str
    port: int | None
    secure: bool
    prefix: str
    user: str
    password: str

    @property
    def shown(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"{'https' if self.secure else 'http'}://{self.host}{port}{self.prefix}"

    def __repr__(self) -> str:
        return f"Management({self.shown})"

    def get(self, path: str) -> Any:
        """The answer to GET ``path``, as JSON says. Raises NotAnsweredError where there is none that can be used."""
        try:
            status, body = self._request(path)
        except TimeoutError as error:
            raise NotAnsweredError(f"{self.shown} did not answer within {PATIENCE:g} seconds") from error
        except ssl.SSLError as error:
            raise NotAnsweredError(f"{self.shown} cannot be trusted or speaks no TLS: {error.reason}") from error
        except http.client.RemoteDisconnected as error:
            raise NotAnsweredError(f"{self.shown} closes the connection: {_NOT_IT}") from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise NotAnsweredError(
                f"{self.shown} cannot be reached: {why}. Is the server up, and its management plugin enabled?"
            ) from error
        except (http.client.HTTPException, ValueError) as error:
            raise NotAnsweredError(f"{self.shown} answers, but {_NOT_IT}") from error
        return self._meaning(path, status, body)

    def _request(self, path: str) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=PATIENCE)
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        try:
            connection.request("GET", self.prefix + path, headers={"Authorization": f"Basic {token}"})
            response = connection.getresponse()
            body = response.read(LARGEST + 1)
        finally:
            connection.close()
        if len(body) > LARGEST:
            raise NotAnsweredError(f"the answer of {self.shown} to {path} is larger than {LARGEST >> 20} MB")
        return response.status, body

    def _meaning(self, path: str, status: int, body: bytes) -> Any:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if status == 200 and isinstance(answer, dict | list):
            return answer
        reason = str(answer.get("reason", "")) if isinstance(answer, dict) else ""
        if status in (401, 403) and "virtual host" in reason:
            raise NotAnsweredError(
                f"{self.shown} does not show this virtual host to user {self.user}: give it permissions that allow "
                f"nothing, rabbitmqctl set_permissions -p VIRTUAL_HOST {self.user} '^$' '^$' '^$'"
            )
        if status in (401, 403) and "anagement user" in reason:
            raise NotAnsweredError(
                f"{self.shown} refuses user {self.user}, who has no tag for it: "
                f"rabbitmqctl set_user_tags {self.user} monitoring"
            )
        if status in (401, 403):
            raise NotAnsweredError(f"{self.shown} refuses user {self.user}: wrong user or password, or no permission")
        if status == 404 and isinstance(answer, dict):
            raise NotAnsweredError(f"{self.shown} knows no {path.partition('?')[0]}")
        if status >= 500:
            raise NotAnsweredError(f"{self.shown} answers with HTTP status {status}")
        raise NotAnsweredError(f"{self.shown} answers, but {_NOT_IT}")


def management(url: str, variable: str) -> Management:
    """What a URL such as ``http://USER:PASSWORD@rabbitmq:15672`` leads to; ``variable`` is where it stands.

    Raises NotAnsweredError where it is no such URL; the text does not repeat it.
    """
    wants = f"the value of {variable} is no URL such as http://HOST:15672, with user and password before the host"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAnsweredError(wants) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotAnsweredError(wants)
    if not parts.username or parts.password is None:
        raise NotAnsweredError(f"the URL in {variable} has no user, or no password, before its host")
    prefix = quote(unquote(parts.path.rstrip("/").removesuffix("/api")), safe="/")
    user, password = unquote(parts.username), unquote(parts.password)
    return Management(parts.hostname, port, parts.scheme == "https", prefix, user, password)
