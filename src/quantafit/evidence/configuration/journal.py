"""Reading configuration files so that nothing is lost: what was read, and what could not be."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from quantafit.documents import DocumentError, Node, load_all_yaml
from quantafit.model import ExaminationError, Place
from quantafit.workspace import TooLargeError, Workspace


@dataclass(slots=True)
class Journal:
    """The files that turned out to be configuration, and the errors met in them, while one tree is collected."""

    workspace: Workspace
    files: set[str] = field(default_factory=set)
    errors: list[ExaminationError] = field(default_factory=list)

    def error(self, place: Place, message: str) -> None:
        """Record that what stands at ``place`` could not be examined."""
        self.errors.append(ExaminationError(None, message, place))

    def read(self, path: str) -> bytes | None:
        """The bytes of a file that must be read; None, with an error recorded, where that fails."""
        self.files.add(path)
        try:
            return self.workspace.read(path)
        except OSError as error:
            self.error(Place(path, 1), f"cannot be read: {error.strerror or error}")
            return None

    def glance(self, path: str) -> bytes:
        """The bytes of a file that may or may not be configuration. Data too large to be configuration is empty."""
        try:
            return self.workspace.read(path)
        except TooLargeError:
            return b""
        except OSError as error:
            self.error(Place(path, 1), f"cannot be read: {error.strerror or error}")
            return b""

    def text(self, path: str) -> str | None:
        """The UTF-8 text of a file that must be read, with plain line ends; None, with an error, where it is not."""
        data = self.read(path)
        if data is None:
            return None
        try:
            return plain_line_ends(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.error(Place(path, line), f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8")
            return None

    def documents(self, path: str, data: bytes) -> tuple[Node, ...]:
        """The YAML documents in ``data``; none, with the errors recorded, where it cannot be parsed."""
        self.files.add(path)
        try:
            return load_all_yaml(data, path)
        except DocumentError as error:
            for problem in error.problems:
                message = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
                self.error(Place(path, problem.line, problem.column), message)
            return ()


def plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Positions:
    """The places of offsets in a text."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]

    def at(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset)
        return Place(self._path, line, offset - self._starts[line - 1] + 1)
