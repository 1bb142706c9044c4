"""From bytes to text that a YAML parser may see, with the place of whatever is wrong."""

from __future__ import annotations

import codecs
import re

from quantafit.documents.errors import DocumentError
from quantafit.errors import Problem

MAX_BYTES = 5_000_000
"""Larger files are refused: no declaration, compose file or manifest written by people comes near."""

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OTHER_ENCODINGS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, path: str) -> str:
    """The text of a file, without its byte order mark. Raises DocumentError with line and column."""
    if len(data) > MAX_BYTES:
        size = f"the file has more than {MAX_BYTES:,} bytes"
        raise _error(path, "", size, "is it the right file?")
    if data.startswith(_OTHER_ENCODINGS):
        raise _error(path, "", "the file is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(data.removeprefix(codecs.BOM_UTF8), path) from error
    odd = _UNPRINTABLE.search(text)
    if odd:
        raise _error(path, text[: odd.start()], *_explain(odd.group()))
    return text


def is_printable(text: str) -> bool:
    """Whether a value holds only characters that YAML allows to be written without an escape."""
    return _UNPRINTABLE.search(text) is None


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at ``index``."""
    lines = _LINE_BREAK.split(text[:index])
    return len(lines), len(lines[-1]) + 1


def _not_utf8(data: bytes, path: str) -> DocumentError:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        return _error(path, before, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")
    raise AssertionError("only called for bytes that are not UTF-8")  # pragma: no cover


def _explain(character: str) -> tuple[str, str]:
    if character == "\0":
        return "a NUL byte; this is not a text file", "is it the right file?"
    return f"control character U+{ord(character):04X} is not allowed in YAML", "remove it"


def _error(path: str, before: str, message: str, hint: str) -> DocumentError:
    """An error at the end of ``before``."""
    return DocumentError([Problem(path, *position(before, len(before)), message, hint)])
