"""Service folders: what stands for quanta where no compose file, manifest or Dockerfile says what is deployed."""

from __future__ import annotations

from collections.abc import Sequence

from quantafit.app.proposing.grounds import Grounds

MANIFESTS = frozenset({"Pipfile", "environment.yml", "pyproject.toml", "requirements.txt", "setup.cfg", "setup.py"})
ENTRIES = frozenset(
    f"{name}.py"
    for name in ("__main__", "app", "asgi", "consumer", "main", "manage", "run", "server", "service", "worker", "wsgi")
)
_OTHER = "benchmarks common core docs examples lib libs migrations notebooks scripts shared tools utils venv"
NO_SERVICES = frozenset(_OTHER.split())


def service_folders(grounds: Grounds) -> tuple[str, ...]:
    """The folders that look like services: several with dependencies of their own, else with an entry point.

    Where nothing tells folders apart, the topmost folders with Python code. Empty where there is none.
    """
    with_code = _with_code(grounds.python)
    for signs in (MANIFESTS, ENTRIES):
        found = _outermost(_holding(signs, grounds) & with_code)
        if len(found) > 1:
            return found
    tops = sorted({path.partition("/")[0] for path in grounds.python if "/" in path} - NO_SERVICES)
    return tuple(tops) or ((".",) if grounds.python else ())


def _with_code(python: Sequence[str]) -> set[str]:
    """Every folder that has Python code in or below it, except the root."""
    folders: set[str] = set()
    for path in python:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _holding(signs: frozenset[str], grounds: Grounds) -> set[str]:
    found = (path.rpartition("/") for path in grounds.files)
    return {
        folder for folder, _, name in found if name in signs and folder and not NO_SERVICES & set(folder.split("/"))
    }


def _outermost(folders: set[str]) -> tuple[str, ...]:
    """The folders that lie in no other of them."""
    return tuple(sorted(folder for folder in folders if not any(folder.startswith(f"{other}/") for other in folders)))
