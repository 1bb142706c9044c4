"""Code beside the Python: Cython and compiled modules, which Python imports, and other languages.

What a quantum's Cython does is unresolved, each file at its first line. Modules in machine code are known to be there,
so that what is imported from one is something unknown. Files in other languages are counted, so that nobody takes them
for examined. What browsers are sent, and what lies in folders of other people's code, is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from quantafit.model import Place, Unresolved

CYTHON = ".pyx"
_COMPILED = (".so", ".pyd")
_LANGUAGES = {
    "c": "C", "cc": "C++", "clj": "Clojure", "cpp": "C++", "cs": "C#", "dart": "Dart", "erl": "Erlang", "ex": "Elixir",
    "exs": "Elixir", "fs": "F#", "go": "Go", "groovy": "Groovy", "hs": "Haskell", "java": "Java", "jl": "Julia",
    "js": "JavaScript", "jsx": "JavaScript", "kt": "Kotlin", "lua": "Lua", "mjs": "JavaScript", "cjs": "JavaScript",
    "ml": "OCaml", "mts": "TypeScript", "php": "PHP", "pl": "Perl", "r": "R", "rb": "Ruby", "rs": "Rust",
    "scala": "Scala", "swift": "Swift", "ts": "TypeScript", "tsx": "TypeScript", "vb": "Visual Basic",
}  # fmt: skip
_FOR_BROWSERS = frozenset(
    {"assets", "bower_components", "dist", "docs", "frontend", "public", "static", "staticfiles", "templates",
     "third_party", "vendor", "www"}
)  # fmt: skip
_COULD_BE = ("request", "publish", "store", "import")


def is_native(path: str) -> bool:
    """Whether a file is a module that Python imports and nothing here reads."""
    return path.endswith((CYTHON, *_COMPILED))


def module_of(path: str) -> tuple[str, ...]:
    """The module that a compiled file is, by the folders and the name it has: ``a/b.cpython-311-x86_64.so`` is a.b."""
    *folders, name = path.split("/")
    return (*folders, name.partition(".")[0])


def cython(quantum: str, paths: Iterable[str]) -> list[Unresolved]:
    """The Cython of a quantum, but for what is compiled from a Python file beside it, which is read."""
    known = set(paths)
    return [
        Unresolved(quantum, path, "it is Cython, of which nothing is read", Place(path, 1, 1), _COULD_BE)
        for path in sorted(known)
        if path.endswith(CYTHON) and path.removesuffix(CYTHON) + ".py" not in known
    ]


def languages(paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How many files there are in each language that is not read, by the language's name."""
    found: Counter[str] = Counter()
    for path in paths:
        *folders, name = path.split("/")
        language = _LANGUAGES.get(name.rpartition(".")[2].lower()) if "." in name[1:] else None
        if language is not None and not _FOR_BROWSERS & set(folders) and not name.endswith((".min.js", ".d.ts")):
            found[language] += 1
    return tuple(sorted(found.items()))
