"""How the processes of a quantum start, report and stop."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from sqlalchemy.exc import DBAPIError

from sysops_squad.plumbing.failures import unusable
from sysops_squad.plumbing.transport import TransportError

WATCH_STDIN = "STOP_WHEN_STDIN_CLOSES"
"""Set by a launcher that keeps the other end of our standard input: when it dies, we stop."""

READY = "ready"
"""The line by which a process without HTTP tells that it works."""

_CARD_NUMBER = re.compile(r"\b\d(?:[ -]?\d){11,18}\b")


def run_worker(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a worker until SIGTERM or SIGINT; ends with status 1 when it fails, in one line where its parts fail it."""
    prepare_process(name)
    try:
        asyncio.run(_until_stopped(work))
    except Exception as failure:
        told = {_told(error) for error in _leaves(failure)}
        for line in filter(None, sorted(told, key=str)):
            logging.getLogger(name).error("stopped: %s", line)
        if None in told:
            logging.getLogger(name).exception("stopped by a failure")
        raise SystemExit(1) from None


def prepare_process(name: str) -> None:
    """Logging without card numbers, and the watch on the launcher."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(CardFreeFormatter(f"%(asctime)s {name} %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for library in ("aio_pika", "aiormq"):  # what they tell of a lost broker, the transport tells once
        logging.getLogger(library).setLevel(logging.CRITICAL)
    if os.environ.get(WATCH_STDIN):
        threading.Thread(target=_stop_when_stdin_closes, daemon=True).start()


def mask_card_numbers(text: str) -> str:
    """Replace whatever looks like a card number by a mask."""
    return _CARD_NUMBER.sub("[masked]", text)


class CardFreeFormatter(logging.Formatter):
    """The last line of defence: nothing that looks like a card number is written to a log."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_card_numbers(super().format(record))


async def _until_stopped(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    task = asyncio.ensure_future(work())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    print(READY, flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _told(error: BaseException) -> str | None:
    """What is said of a broker or a database that fails us; None for a fault of our own, which needs its traceback."""
    if isinstance(error, TransportError):
        return str(error)
    if isinstance(error, DBAPIError):
        return unusable(error)
    return None


def _stop_when_stdin_closes() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at exit.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
