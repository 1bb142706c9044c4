"""A store gives back what was put in, or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit import store as stores
from quantafit.store import MOST_ENTRIES, Store, folder_for


def test_what_is_put_in_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "down")
    assert store.get("a") is None
    store.put("a", b"one")
    store.put("b", b"two")
    store.put("a", b"three")
    assert (store.get("a"), store.get("b"), store.get("c")) == (b"three", b"two", None)


@given(st.binary(max_size=60), st.data())
def test_an_entry_that_is_not_whole_is_not_there(body: bytes, data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.put("key", body)
        (file,) = Path(folder).iterdir()
        whole = file.read_bytes()
        if data.draw(st.booleans(), "cut off"):
            hurt = whole[: data.draw(st.integers(0, len(whole) - 1), "at")]
        else:
            place = data.draw(st.integers(0, len(whole) - 1), "at")
            hurt = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255), "by")]) + whole[place + 1 :]
        file.write_bytes(hurt)
        assert store.get("key") is None


def test_an_entry_under_another_name_is_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("passed", b"GATE PASSED")
    (file,) = tmp_path.iterdir()
    store.put("failed", b"GATE FAILED")
    other = next(path for path in tmp_path.iterdir() if path != file)
    other.write_bytes(file.read_bytes())
    assert store.get("failed") is None


def test_a_full_disk_keeps_nothing_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.put("key", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores.os, "replace", full)
    store.put("key", b"new")
    assert store.get("key") == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "store")
    store.put("key", b"body")
    assert store.get("key") is None


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for index in range(MOST_ENTRIES + 5):
        store.put(str(index), b"x")
        os.utime(next(iter(sorted(tmp_path.iterdir(), key=lambda path: -path.stat().st_mtime_ns))), (index, index))
    assert len(list(tmp_path.iterdir())) == MOST_ENTRIES
    assert store.get(str(MOST_ENTRIES + 4)) == b"x"


_WRITER = """
import sys
from pathlib import Path
from quantafit.store import Store
store = Store(Path(sys.argv[1]))
print("on", flush=True)
while True:
    store.put("key", sys.argv[2].encode() * 200_000)
"""


def test_writers_that_are_killed_leave_whole_entries_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    store = Store(tmp_path)
    for _ in range(3):
        writers = [subprocess.Popen([*command, letter], stdout=subprocess.PIPE) for letter in "ab"]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        until = time.monotonic() + 0.4
        while time.monotonic() < until:
            found = store.get("key")
            assert found is None or found in (b"a" * 200_000, b"b" * 200_000)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            assert writer.stdout is not None
            writer.stdout.close()
    assert store.get("key") in (b"a" * 200_000, b"b" * 200_000)


def test_two_trees_have_two_stores(tmp_path: Path) -> None:
    assert folder_for(tmp_path / "a") != folder_for(tmp_path / "b")
    assert tmp_path not in folder_for(tmp_path).parents
