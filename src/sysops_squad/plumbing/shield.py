"""What stands before every API: bodies have a limit, answers have safe headers, a failure tells nothing."""

import json
import logging

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sysops_squad.plumbing.failures import describe

logger = logging.getLogger(__name__)

LARGEST_BODY = 131_072
"""Bytes; the longest text that we take has 10,000 characters, and JSON may write one of them as 12 bytes."""

SAFE_HEADERS = {
    # Answers are data for programs, about one caller: no page may show them, no cache keep them, no browser guess.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Shield:
    """ASGI middleware around an application.

    Starlette's own limit lets an operation that takes no body do its work before it says that the body was too large;
    here nothing has happened then.
    """

    def __init__(self, app: ASGIApp, largest_body: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # No database keeps it in a text, and PostgreSQL fails when asked for one.
            await answer.refuse(400, "an address has no character 0")
        elif _announced(scope) > self._largest:
            await answer.refuse(413, self._too_large())
        else:
            await self._serve(scope, self._limited(receive), answer)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            # Its text may quote what was sent, as a database's error does; type and place are enough to find it.
            logger.error("%s failed: %s", scope["method"], describe(error))
            if not answer.started:
                await answer.refuse(500, "this failed; the log tells where")

    def _limited(self, receive: Receive) -> Receive:
        """A body sent in chunks announces no length: it is counted while it comes."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                raise HTTPException(413, self._too_large())
            return message

        return counted

    def _too_large(self) -> str:
        return f"the body is too large: at most {self._largest} bytes"


class _Answer:
    """The answer to one request: its headers are added as it starts."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            MutableHeaders(scope=message).update(SAFE_HEADERS)
        await self._send(message)

    async def refuse(self, status: int, detail: str) -> None:
        body = json.dumps({"detail": detail}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _announced(scope: Scope) -> int:
    """The length that the request's header tells; the server has refused what is no number."""
    return max((int(value) for name, value in scope["headers"] if name == b"content-length"), default=0)
