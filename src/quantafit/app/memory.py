"""What single quanta showed, remembered: a change in one quantum does not make the others be examined again.

What a quantum shows rests on the content of the files that were read for it, its own and the shared ones, on the names
of all files under the root, on what is declared, on which programs its units start, and on the code of quantafit and of
the libraries it runs with. All of that is compared before a quantum is taken from memory.
"""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Any

from quantafit.app.surroundings import surroundings
from quantafit.model import Architecture, Program
from quantafit.model.observations import SourceEvidence
from quantafit.store import Store, folder_for
from quantafit.workspace import Workspace, digest_of

_MODEL = "quantafit.model."
_OTHERS = frozenset({("builtins", "frozenset"), (__name__, "_mapping")})


class QuantumMemory:
    """The memory of :func:`quantafit.evidence.source.collect`, in the store of a tree."""

    def __init__(self, workspace: Workspace, architecture: Architecture) -> None:
        self.workspace = workspace
        self.store = Store(folder_for(workspace.root))
        basis = [surroundings(), digest_of(_dumped(architecture)), workspace.files, workspace.unfollowed]
        self.basis = digest_of(json.dumps(basis, default=str).encode(errors="surrogateescape"))

    def recall(self, quantum: str, programs: Sequence[Program] = ()) -> SourceEvidence | None:
        """What a quantum showed, if everything that it rests on is as it was."""
        entry = self.store.get(_key(quantum))
        if entry is None:
            return None
        head, _, body = entry.partition(b"\n")
        held = json.loads(head)
        changed = (path for path, known in held["files"].items() if self._digest(path) != known)
        if held["basis"] != self._basis(programs) or any(changed):
            return None
        try:
            evidence = _Loading(io.BytesIO(body)).load()
        except Exception:  # whatever it holds, it is none of ours
            return None
        return evidence if isinstance(evidence, SourceEvidence) else None

    def keep(
        self, quantum: str, evidence: SourceEvidence, files: Iterable[str], programs: Sequence[Program] = ()
    ) -> None:
        """Keep what a quantum showed; not where a file could not be read, since the reason may go away by itself, nor
        where one was written to since it was examined.
        """
        digests = {path: self._digest(path) for path in sorted(files) if not path.endswith("/")}
        if self.workspace.errors or None in digests.values() or not self.workspace.unsteady.isdisjoint(digests):
            return
        head = json.dumps({"basis": self._basis(programs), "files": digests})
        self.store.put(_key(quantum), head.encode() + b"\n" + _dumped(evidence))

    def _basis(self, programs: Sequence[Program]) -> str:
        return f"{self.basis} {digest_of(_dumped(tuple(programs)))}" if programs else self.basis

    def _digest(self, path: str) -> str | None:
        try:
            return self.workspace.digest(path)
        except OSError:
            return None


def _key(quantum: str) -> str:
    return f"quantum {quantum}"


def _mapping(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


class _Dumping(pickle.Pickler):
    def reducer_override(self, held: Any) -> Any:
        if isinstance(held, MappingProxyType):
            return _mapping, (dict(held),)
        if isinstance(held, frozenset):
            return frozenset, (sorted(held, key=repr),)  # the same bytes in every process
        return NotImplemented


class _Loading(pickle.Unpickler):
    """Makes values of the model and nothing else: what lies in a cache folder must not be able to run anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _OTHERS:
            return super().find_class(module, name)
        if module.startswith(_MODEL) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of the model")


def _dumped(value: object) -> bytes:
    buffer = io.BytesIO()
    _Dumping(buffer, protocol=5).dump(value)
    return buffer.getvalue()
