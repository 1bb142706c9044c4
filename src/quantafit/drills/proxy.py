"""A small TCP proxy on the loopback interface, in front of a port: passes all on, late, or holds it back."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from quantafit.errors import DrillError

CHUNK = 65_536


class Proxy:
    """Listens on ``127.0.0.1:listen`` and passes bytes on to ``host:port``, in both directions.

    ``delay`` seconds later where that is set. While ``cut`` nothing gets through and nothing is refused either, as
    when a network is partitioned: what was sent arrives when the partition ends, as TCP would send it again.
    """

    def __init__(self, listen: int, host: str, port: int) -> None:
        self.listen = listen
        self._upstream = (host, port)
        self.delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy-{listen}", daemon=True)

    @property
    def cut(self) -> bool:
        return not self._open.is_set()

    def start(self) -> None:
        """Begin to listen. Raises DrillError where the port is taken."""
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        except OSError as error:
            self.close()
            raise DrillError(f"the proxy cannot listen on 127.0.0.1:{self.listen}: {error.strerror}") from error

    def slow(self, seconds: float) -> None:
        """Let every piece of data be that much later."""
        self.delay = seconds

    def partition(self) -> None:
        """Let nothing through."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def heal(self) -> None:
        """Let everything through at once again."""
        self.delay = 0.0
        self._loop.call_soon_threadsafe(self._open.set)

    def close(self) -> None:
        """Close the port and all connections."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
        if not self._loop.is_closed():
            self._loop.close()

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.listen)

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        try:
            await self._open.wait()
            try:
                there, back = await asyncio.open_connection(*self._upstream)
            except OSError:
                writer.transport.abort()
                return
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, back))
                    both.create_task(self._pump(there, writer))
            finally:
                back.transport.abort()
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._pumps.discard(task)
            writer.transport.abort() if not writer.transport.is_closing() else None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()
