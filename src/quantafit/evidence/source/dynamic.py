"""Code that is reached by a text: modules named by one, code written in one, and files run by their path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from quantafit.evidence.source.acts import opaque
from quantafit.evidence.source.extract import ModuleFacts, UnreadableError, extract
from quantafit.evidence.source.routes import INCLUDE
from quantafit.evidence.source.values import (
    NONE,
    Const,
    Dict,
    Foreign,
    Invoke,
    Lib,
    Made,
    Many,
    Module,
    Text,
    Unknown,
    Value,
    choice,
    closed,
    options,
)

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.state import Frame

Args = tuple[Value, ...]
Named = Mapping[str, Value]
Special = Callable[[Any, "Frame", Args, Named], Value]

_MOST_HANDLERS = 1_000
"""So many entries of a configuration of logging are looked at."""
_MOST_MODULES = 24
"""So many modules a name that is known in part may stand for; past that it is unresolved."""
_MADE_AT_RUN_TIME = "the module's name is made at run time"


def import_module(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``importlib.import_module`` and all that take a dotted name, with ``:attribute`` or without."""
    name = _argument(args, named, 0, "name")
    package = _argument(args, named, 1, "package")
    if not closed(name):
        return _wait(machine, frame, "importlib.import_module", (name, package))
    found = []
    for option in options(name):
        if isinstance(option, Const) and isinstance(option.value, str):
            found.append(_named(machine, frame, option.value, package))
        else:
            found.extend(_named_in_part(machine, frame, option))
    return choice(found) if found else Unknown("a module named at run time")


def _included(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """Django's ``include("orders.urls")``: the routes of a module; or of a router, or of a module itself."""
    given = _argument(args, named, 0, "arg")
    routes = []
    for one in options(given):
        first = one.items[0] if isinstance(one, Many) and one.ordered and one.items else one
        named_so = isinstance(first, Const) and isinstance(first.value, str)
        routes.append(import_module(machine, frame, (first,), {}) if named_so else first)
    return Made(INCLUDE, (("of", choice(routes)),), frame.site)


def _dunder_import(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``__import__(name, globals, locals, fromlist, level)``: without ``fromlist`` it gives the outermost package."""
    name = _argument(args, named, 0, "name")
    if not closed(name):
        return _wait(machine, frame, "builtins.__import__", args, named)
    level = _argument(args, named, 4, "level")
    up = level.value if isinstance(level, Const) and isinstance(level.value, int) else 0
    if up > 0:
        name = choice(
            Const("." * up + option.value) if isinstance(option, Const) and isinstance(option.value, str) else option
            for option in options(name)
        )
    found = import_module(machine, frame, (name,), {})
    whole = _argument(args, named, 3, "fromlist") not in (NONE, Const(())) or up > 0
    if whole or not isinstance(name, Const) or not isinstance(name.value, str) or "." not in name.value:
        return found
    return machine.import_module(frame, name.value.partition(".")[0], 0, seen=False)


def _wait(machine: Machine, frame: Frame, function: str, args: Args, named: Named | None = None) -> Value:
    """The text is a caller's to give: the call waits for it, and so does what it gives."""
    machine.call_later(frame, Lib(function), args, named or {})
    return Invoke(Lib(function), args, tuple((named or {}).items()), frame.site)


def _argument(args: Args, named: Named, position: int, name: str) -> Value:
    return args[position] if position < len(args) else named.get(name, NONE)


def _named(machine: Machine, frame: Frame, dotted: str, package: Value) -> Value:
    """The module, or the attribute of one, that a whole name means."""
    dotted, _, name = dotted.partition(":")
    if dotted.startswith(".") and isinstance(package, Const) and isinstance(package.value, str):
        up = len(dotted) - len(dotted.lstrip(".")) - 1
        anchor = package.value.split(".")
        dotted = ".".join([*anchor[: len(anchor) - up], dotted.lstrip(".")])
    level = len(dotted) - len(dotted.lstrip("."))
    value = machine.import_module(frame, dotted.lstrip("."), level, seen=False)
    if isinstance(value, Foreign):
        machine.import_seen(frame, value.quantum, dotted, "importlib")
    if isinstance(value, Lib) and level == 0 and "." in dotted:
        holder, _, last = dotted.rpartition(".")
        parent = machine.import_module(frame, holder, 0, seen=False)
        if isinstance(parent, Module | Foreign):
            value = machine.attribute(frame, parent, last)
            if isinstance(parent, Foreign):
                machine.import_seen(frame, parent.quantum, dotted, "importlib")
    return machine.attribute(frame, value, name) if name else value


def _named_in_part(machine: Machine, frame: Frame, name: Value) -> Iterator[Value]:
    """The modules that a name with a known beginning may mean, of which no other quantum's is entered.

    Where some are the quantum's own, it is those and shared ones: a value that the deployment gives chooses among them,
    for each quantum its own. What is left out is a doubt.
    """
    known = _beginning(name)
    if known and machine.tables.standing(known) in ("inert", "standard", "modelled"):
        return
    modules = _matching(machine, frame, known, name) if known else None
    ownership = machine.program.ownership
    here = [path for path in modules or () if ownership.owner(path) is None]
    if any(map(ownership.is_own, here)):
        here = [path for path in here if ownership.is_own(path) or path in ownership.shared]
    if modules is None or len(here) < len(modules):
        machine.doubt("import_module(…)", _MADE_AT_RUN_TIME, frame.site, ("import",))
    for path in here:
        machine.module(path)
        yield Module(path)


def _beginning(name: Value) -> str:
    """The packages that a name made of parts certainly begins with."""
    first = name.parts[0] if isinstance(name, Text) else None
    if not isinstance(first, Const) or not isinstance(first.value, str):
        return ""
    return first.value.rpartition(".")[0].partition(":")[0].lstrip(".")


def _matching(machine: Machine, frame: Frame, package: str, name: Value) -> list[str] | None:
    """The files a name may mean, or None where nobody can tell."""
    base = machine.program.absolute(package, frame.id.path)
    if base is None or not isinstance(name, Text):
        return None
    folder = base.removesuffix("__init__.py").rstrip("/")
    rest = "".join(
        re.escape(str(part.value)).replace(r"\.", "/") if isinstance(part, Const) else "[^.]*" for part in name.parts
    ).partition("[^.]*")
    last = re.escape(str(name.parts[0].value).rpartition(".")[2]) if isinstance(name.parts[0], Const) else ""
    pattern = re.compile(f"{re.escape(folder)}/{last}[^.]*{rest[2]}(?:/__init__)?\\.py")
    fits = (path for path in machine.program.sources.paths if path.startswith(folder) and pattern.fullmatch(path))
    found = [path for path in fits if path != f"{folder}/__init__.py"]
    return found if len(found) <= _MOST_MODULES else None


def _logging(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``logging.config.dictConfig``: handlers are made of the classes that their ``class`` names."""
    waiting = list(options(_argument(args, named, 0, "config")))
    for entry in waiting:
        if isinstance(entry, Dict) and len(waiting) < _MOST_HANDLERS:
            pairs = {key.value: value for key, value in machine.pairs(entry) if isinstance(key, Const)}
            waiting.extend(option for value in pairs.values() for option in options(value))
            for made in options(pairs.pop("class", NONE)):
                if isinstance(made, Const) and str(made.value).startswith("logging.handlers."):
                    machine.call_library(frame, str(made.value), None, (), {str(k): v for k, v in pairs.items()})
    return NONE


# Files ----------------------------------------------------------------------------------------------------------------


def _by_path(position: int, name: str) -> Special:
    """A call that loads or runs the file whose path is an argument."""

    def load(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        path = _argument(args, named, position, name)
        if not closed(path):
            return opaque("a file run by its path", *args)
        found = [_file(machine, frame, option) for option in options(path)]
        if any(one is None for one in found):
            machine.doubt("a module by its path", "which file it is was not found", frame.site, ("import",))
        return choice(one for one in found if one is not None)

    return load


def _file(machine: Machine, frame: Frame, path: Value) -> Value | None:
    """The module in the file that a path means, from the root or from the folder of the code that says so."""
    if not isinstance(path, Const) or not isinstance(path.value, str):
        return None
    wanted = path.value.removeprefix("./")
    here = frame.id.path.rpartition("/")[0]
    for candidate in (f"{here}/{wanted}".lstrip("/"), wanted):
        if candidate in machine.program.sources.paths:
            value = machine.program.value(candidate)
            if isinstance(value, Foreign):
                machine.import_seen(frame, value.quantum, candidate, "path")
            if isinstance(value, Module):
                machine.module(candidate)
            return value
    return None


def _package_data(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A file inside a package: the package is imported for it."""
    package = _argument(args, named, 0, "package")
    if any(isinstance(option, Const) and isinstance(option.value, str) for option in options(package)):
        import_module(machine, frame, (package,), {})
    return opaque("a file of a package", *args)


def _process(name: str) -> Special:
    """A process: one that runs a module or a file of Python runs that code."""

    def start(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        command = _argument(args, named, 0, "args")
        for option in options(command):
            words = _words(option)
            for before, word in zip(["", *words], words, strict=False):
                if before == "-m":
                    value = machine.program.imported(word, frame.id.path)
                elif word.endswith(".py") and (path := _in_tree(machine, word)) is not None:
                    value = machine.program.value(path)
                else:
                    continue
                if isinstance(value, Foreign):
                    machine.import_seen(frame, value.quantum, word, "process")
        return machine.call_library(frame, name, None, args, named)

    return start


def _in_tree(machine: Machine, path: str) -> str | None:
    wanted = path.removeprefix("./")
    return wanted if wanted in machine.program.sources.paths else None


def _words(command: Value) -> list[str]:
    """The words of a command; what is not known of them is left empty."""
    if isinstance(command, Many):
        return [str(item.value) if isinstance(item, Const) else "" for item in command.items]
    parts = command.parts if isinstance(command, Text) else (command,)
    return "".join(str(part.value) if isinstance(part, Const) else " " for part in parts).split()


# Code in texts --------------------------------------------------------------------------------------------------------


def _execute(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    code = args[0] if args else NONE
    if not closed(code):
        return _wait(machine, frame, "builtins.exec", args[:1])
    for option in options(code):
        facts = _parsed(frame, option)
        if facts is None:
            why = "the code is made at run time or cannot be parsed"
            machine.doubt("exec(…)", why, frame.site, ("request", "publish", "import"))
            continue
        pinned, frame.pinned = frame.pinned, True
        machine.block(frame, facts.body)
        frame.pinned = pinned
    return Unknown("the result of code in a text")


def _evaluate(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``eval`` of a text gives the expression's value."""
    code = args[0] if args else NONE
    text = code.value.strip() if isinstance(code, Const) and isinstance(code.value, str) else None
    facts = _parsed(frame, Const(f"_ = ({text}\n)")) if text is not None else None
    if facts is None:
        return _execute(machine, frame, args, named)
    pinned, frame.pinned = frame.pinned, True
    body = facts.body
    value = machine.evaluate(frame, body[0][3]) if body and body[0][0] == "set" else Unknown("eval")
    frame.pinned = pinned
    return value


def _parsed(frame: Frame, code: Value) -> ModuleFacts | None:
    if not isinstance(code, Const) or not isinstance(code.value, str | bytes):
        return None
    data = code.value.encode() if isinstance(code.value, str) else code.value
    try:
        return extract(data, frame.id.path)
    except UnreadableError:
        return None


def _compiled(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return _argument(args, named, 0, "source")


def _plugged_in(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``entry_point.load()``"""
    why = "which code a plug-in brings is decided where it is installed"
    machine.doubt("EntryPoint.load(…)", why, frame.site, ("request", "publish", "store", "import"))
    return Unknown("what a plug-in brings")


_POINT = Made("importlib.metadata.EntryPoint", (), None)


def _entry_points(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Many((_POINT,), False, None)


def _loaded(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``sys.modules[name]``; by its own name a module finds itself."""
    if args and args[0] == machine.read(frame, "__name__"):
        return Module(frame.id.path)
    return import_module(machine, frame, args[:1], {})


def _globals(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return machine.namespace(frame.id.path)


DYNAMIC: dict[str, Special] = {
    "logging.config.dictConfig": _logging,
    "builtins.exec": _execute,
    "builtins.eval": _evaluate,
    "builtins.compile": _compiled,
    "builtins.globals": _globals,
    "builtins.__import__": _dunder_import,
    "importlib.__import__": _dunder_import,
    "sys.modules.__getitem__": _loaded,
    "sys.modules.get": _loaded,
    **dict.fromkeys(
        (
            "importlib.import_module",
            "importlib.util.find_spec",
            "importlib.find_loader",
            "pkgutil.resolve_name",
            "pkgutil.find_loader",
            "pkgutil.get_loader",
            "runpy.run_module",
            "pydoc.locate",
            "django.utils.module_loading.import_string",
            "werkzeug.utils.import_string",
        ),
        import_module,
    ),
    **dict.fromkeys(
        (
            "importlib.resources.files",
            "importlib.resources.path",
            "importlib.resources.read_text",
            "importlib.resources.read_binary",
            "importlib.resources.open_text",
            "importlib.resources.open_binary",
            "pkgutil.get_data",
        ),
        _package_data,
    ),
    **dict.fromkeys(("django.urls.include", "django.conf.urls.include"), _included),
    "importlib.metadata.entry_points": _entry_points,
    "importlib_metadata.entry_points": _entry_points,
    "pkg_resources.iter_entry_points": _entry_points,
    "importlib.metadata.EntryPoint": lambda machine, frame, args, named: _POINT,
    "importlib.metadata.EntryPoint.load": _plugged_in,
    "runpy.run_path": _by_path(0, "path_name"),
    "importlib.util.spec_from_file_location": _by_path(1, "location"),
    "importlib.util.module_from_spec": lambda machine, frame, args, named: _argument(args, named, 0, "spec"),
    "importlib.machinery.SourceFileLoader": _by_path(1, "path"),
    "imp.load_source": _by_path(1, "pathname"),
    **{
        f"subprocess.{name}": _process(f"subprocess.{name}")
        for name in ("run", "call", "check_call", "check_output", "Popen")
    },
    "os.system": _process("os.system"),
}
"""By the dotted name of the function. The first argument of each is the machine, which calls these about itself."""
