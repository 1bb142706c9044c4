"""A very small system of real processes: a consumer that takes lines from a folder of messages, and notes its effects.

``consumer.py FOLDER HOW``: each file in FOLDER/queue is a message; its effect is a line in FOLDER/effects. HOW is
``after`` (acknowledges after the work), ``before`` (forgets a message before its work), ``twice`` (no inbox: does again
what comes again).
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

CONSUMER = """
import os, sys, time
from pathlib import Path

folder, how = Path(sys.argv[1]), sys.argv[2]
queue, effects, done = folder / "queue", folder / "effects", folder / "done"
queue.mkdir(exist_ok=True); done.mkdir(exist_ok=True)
print("ready", flush=True)
while True:
    for message in sorted(queue.glob("*.message")):
        id = message.name.split(".")[1]
        if how == "before":
            message.unlink()
            time.sleep(0.3)
        if how == "twice" or not (done / id).exists():
            with effects.open("a") as file:
                file.write(id + "\\n")
            (done / id).touch()
        if how != "before":
            message.unlink()
    time.sleep(0.01)
"""


def consumer(folder: Path, how: str = "after") -> list[str]:
    """The command that runs the consumer."""
    program = folder / "consumer.py"
    program.write_text(textwrap.dedent(CONSUMER))
    return [sys.executable, str(program), str(folder), how]


def send(folder: Path, *ids: str) -> Iterator[dict[str, object]]:
    """Put messages into the queue; each is announced once it is there."""
    queue = folder / "queue"
    queue.mkdir(exist_ok=True)
    for number, id in enumerate(ids):
        place = queue / f"{len([*queue.iterdir()]) + number:06}.{id}.message"
        place.with_suffix(".new").write_text(id)
        place.with_suffix(".new").rename(place)
        yield {"id": id}


def effects(folder: Path) -> Iterator[str]:
    """The effects so far."""
    file = folder / "effects"
    yield from file.read_text().split() if file.exists() else ()
