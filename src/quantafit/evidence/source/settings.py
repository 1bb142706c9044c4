"""Settings: where a program's own configuration comes from, beyond the environment itself.

Command lines (argparse, click, typer), configuration objects (Flask, Django, Dynaconf), nested pydantic settings and
files that code loads. What is decided outside of the code becomes a variable, so that configuration can be put in:

=================================  =================================================================
``NAME``                           an environment variable
``--name``                         an option of the command line
``argv[1] of jobs/main.py``        a word of the command line that starts a file
``config.yaml#pay.url``            an entry of a file, by the end of the file's path and the keys
=================================  =================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from quantafit.evidence.source.values import (
    NONE,
    Class,
    Const,
    Dict,
    Env,
    Instance,
    Invoke,
    Item,
    Lib,
    Made,
    Many,
    Module,
    Opaque,
    Param,
    Site,
    Text,
    Unknown,
    Value,
    choice,
    closed,
    options,
)

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.program import Program
    from quantafit.evidence.source.state import Frame, FunctionInfo

Args = tuple[Value, ...]
Named = Mapping[str, Value]
Special = Callable[[Any, "Frame", Args, Named], Value]
Objects = Any
"""The machine, where it calls these about its own objects."""
MadeMethod = Callable[[Any, "Frame", Made, Args, Named], Value]

ENVIRONMENT = "os.environ"
FILE = "quantafit.File"
PARSER = "argparse.ArgumentParser"
ARGUMENTS = "argparse.Namespace"
INI = "configparser.ConfigParser"
INI_ENTRY = "quantafit.ini_entry"
OSLO = "oslo_config.ConfigOpts"
OSLO_GROUP = "oslo_config.GroupAttr"
FLASK = "flask.Config"
DYNACONF = "dynaconf.Dynaconf"
_DEFAULT = "DEFAULT"
NESTED = "pydantic.Nested"
CONTAINER = "dependency_injector.providers.Configuration"

_FILE_NAME = re.compile(r"(?:[A-Za-z]:[\w ./-]*|[\w./-]*)[\w-]\.(?:cfg|conf|ini|json|toml|ya?ml)")
_SETTINGS_MODULE = re.compile(r"(?:^|/)(?:settings|\w+_settings)(?:/\w+)?\.py$")
_FOR_TESTS = re.compile(r"(?:^|[/_])tests?(?:[/_.]|$)")


def _constant(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def held(machine: Objects, type_: str, name: str) -> Value | None:
    """What the program has put under a name of objects of a type; who asks is asked again when that changes."""
    machine.account.reads.add((f"<{type_}>/", name))
    value: Value | None = machine.open_attributes.get((type_, name))
    return value


def _given(args: Args, named: Named, position: int, name: str) -> Value | None:
    return named.get(name, args[position] if position < len(args) else None)


# The environment itself -----------------------------------------------------------------------------------------------


def read(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``os.getenv(name, default)``; what the program itself puts into the environment is among the values."""
    name = args[0] if args else named.get("key", NONE)
    default = _given(args, named, 1, "default")
    key = _constant(name)
    by_program = held(machine, ENVIRONMENT, f"default {key}")
    if by_program is not None and (default is None or default == NONE):
        default = by_program
    value = machine.variable(name, default, frame.site)
    written = held(machine, ENVIRONMENT, str(key))
    return value if written is None else choice([value, written])


def set_default(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    key, default = _constant(args[0] if args else None), _given(args, named, 1, "value")
    if key is not None and default is not None:
        machine.set_open(ENVIRONMENT, f"default {key}", default)
    return read(machine, frame, args, named)


def environment(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A copy of the environment, or one read from a file that is loaded for it."""
    return Lib(ENVIRONMENT)


def database_of_address(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``dj_database_url.parse(url)``: Django's mapping for a database, with the whole address for its host."""
    return _database(_given(args, named, 0, "url") or NONE)


def database_of_variable(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``dj_database_url.config(env, default)``."""
    name = _given(args, named, 0, "env") or Const("DATABASE_URL")
    return _database(read(machine, frame, (name,), {"default": _given(args, named, 1, "default") or NONE}))


def _database(address: Value) -> Value:
    return Dict(((Const("HOST"), address), (Const("NAME"), Const(""))), None)


def prefixes(known: tuple[Value, ...], entered: Iterable[Value]) -> tuple[Value, ...]:
    """``with env.prefixed("SHOP_"):`` what names begin with inside the block."""
    found = [value for value in entered if isinstance(value, Made) and value.type == "environs.Prefix"]
    return (*known, *(value.slot("prefix") or Unknown("a prefix that is not known") for value in found))


# Command lines --------------------------------------------------------------------------------------------------------


def add_argument(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``parser.add_argument("--pay-url", default=…)``: an attribute of what is parsed."""
    names = [name for name in map(_constant, args) if name is not None]
    optional = [name for name in names if name.startswith("-")]
    long = next((name for name in optional if name.startswith("--")), optional[0] if optional else None)
    dest = _constant(named.get("dest")) or (long or (names[0] if names else "")).lstrip("-").replace("-", "_")
    if not dest:
        return NONE
    default = named.get("default")
    value: Value = Unknown(f"the argument {dest} of the command line")
    if long is not None:
        value = _given_by_option(machine, Env(long, None if default in (None, NONE) else default, frame.site), named)
    machine.set_open(ARGUMENTS, dest, value)
    return NONE


def _given_by_option(machine: Machine, value: Env, named: Named) -> Value:
    """One value; a list where the option may be given again and again, beside its default, or with several words."""
    if _constant(named.get("action")) in ("append", "extend"):
        ready = machine.elements(value.default) if value.default is not None else ()
        return Many((Env(value.name, None, value.site), *ready), False, value.site)
    if named.get("nargs", NONE) not in (NONE, Const("?")):
        return Many(machine.elements(value), False, value.site)
    return value


def parse_arguments(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    return Made(ARGUMENTS, (), None)


def parse_known_arguments(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    return Many((Made(ARGUMENTS, (), None), Unknown("arguments that are not known")), True, None)


def option_of(machine: Objects, info: FunctionInfo, name: str) -> Value | None:
    """What click gives a parameter of a command: an option's variable or default."""
    for decorator in info.decorators:
        if not isinstance(decorator, Made) or _constant(decorator.slot("of")) not in ("click.option", "click.argument"):
            continue
        given = decorator.slot("args")
        named = {str(key.value): value for key, value in machine.pairs(decorator.slot("named") or NONE)
                 if isinstance(key, Const)}  # fmt: skip
        words = [word for one in (given.items if isinstance(given, Many) else ()) if (word := _constant(one))]
        if name in _parameters(words):
            return _option(words, named, info, machine)
    return None


def _parameters(words: Iterable[str]) -> set[str]:
    """The parameter that an option gives: the name without hyphens, else the longest one. Source: click's own rule."""
    words = list(words)
    plain = [word for word in words if not word.startswith("-")]
    options_ = sorted((word.lstrip("-") for word in words), key=len, reverse=True)
    chosen = plain[:1] or [option.split("/")[0] for option in options_[:1]]
    return {word.replace("-", "_").lower() for word in chosen}


def _option(words: list[str], named: Mapping[str, Value], info: FunctionInfo, machine: Objects) -> Value:
    site = Site(info.id.path, info.facts.line, info.facts.column, info.id.name)
    default = named.get("default")
    value = None if default is None or default == NONE else default
    for variable in reversed(_variables(machine, named.get("envvar"))):
        value = Env(variable, value, site)
    long = next((word for word in words if word.startswith("--")), None)
    if long is not None:
        return Env(long.split("/")[0], value, site)
    return value if value is not None else Unknown("an argument of the command line")


def _variables(machine: Objects, value: Value | None) -> list[str]:
    """The names of variables: one, or a list of them, the first that is bound counts."""
    if value is None:
        return []
    found = [value] if isinstance(value, Const) else list(machine.elements(value))
    return [name for name in map(_constant, found) if name is not None]


def typer_option(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``url: str = typer.Option("http://…", envvar="URL")``"""
    default = _given(args, named, 0, "default")
    value = (
        default if default is not None and not (isinstance(default, Const) and default.value in (None, ...)) else None
    )
    for variable in reversed(_variables(machine, named.get("envvar"))):
        value = Env(variable, value, frame.site)
    return value if value is not None else Unknown("an option of the command line")


# Files ----------------------------------------------------------------------------------------------------------------


def opened(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A file that is opened to be read, by its path; what is written to others is not followed here."""
    mode = _constant(_given(args, named, 1, "mode")) or "r"
    path = file_name(args[0]) if args else None
    if path is None or set(mode) & set("wax+"):
        return machine.call_library(frame, "builtins.open", None, args, named)
    return Made(FILE, (("path", Const(path)),), None)


def path_of(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``Path("config.yaml")``"""
    if len(args) == 1 and isinstance(args[0], Const):
        return args[0]
    return machine.call_library(frame, "pathlib.Path", None, args, named)


def file_name(value: Value) -> str | None:
    """The end of a path that names a file of settings, as far as it is written in the code."""
    match value:
        case Const(str(path)):
            found = path
        case Text(parts):
            known = []
            for part in reversed(parts):
                if not isinstance(part, Const):
                    break
                known.append(str(part.value))
            found = "".join(reversed(known)).lstrip("/")
        case Made():
            return _constant(value.slot("path")) if value.type == FILE else None
        case Opaque(_, operands) if len(operands) == 1:
            return file_name(operands[0])
        case _:
            return None
    found = found.removeprefix("./")
    while found.startswith("../"):
        found = found.removeprefix("../")
    return found if _FILE_NAME.fullmatch(found) else None


def _loader(name: str) -> Special:
    """``yaml.safe_load(file)``, ``json.load(file)``: the entries of a file whose path is known."""

    def loaded(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
        paths = [None if isinstance(one, Const) else file_name(one) for one in options(args[0] if args else NONE)]
        if not paths or None in paths:
            return machine.call_library(frame, name, None, args, named)
        return choice([Env(f"{path}#", None, frame.site) for path in paths])

    return loaded


def entry(base: Env, key: Value) -> Value | None:
    """``config["pay"]`` of a file's content; None where the variable is no file."""
    if "#" not in base.name:
        return None
    if not closed(key):
        return Item(base, key)  # a caller tells which
    if not isinstance(key, Const) or not isinstance(key.value, str | int):
        return Unknown(f"an entry of {base.name.partition('#')[0]} that is chosen at run time")
    path, _, keys = base.name.partition("#")
    return Env(f"{path}#{keys}.{key.value}" if keys else f"{path}#{key.value}", None, base.site)


def entry_method(base: Env, name: str, args: Args) -> Value | None:
    """``config.get("pay", default)`` of a file's content."""
    if "#" not in base.name or name not in ("get", "pop", "__getitem__", "setdefault") or not args:
        return None
    found = entry(base, args[0])
    if len(args) > 1 and isinstance(found, Env) and not isinstance(args[1], Dict):
        return Env(found.name, None if args[1] == NONE else args[1], found.site)
    return found


def read_ini(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``parser.read(path)``, of one path or several; one that only a caller can tell is taken when it is known."""
    for arg in args[:1]:
        given = [one for option in options(arg) for one in (option.items if isinstance(option, Many) else (option,))]
        for path in (path for one in given for path in options(one) if path != NONE):
            machine.set_attribute(frame, base, "file", path)
    return NONE


def ini_get(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``parser.get(section, option)``; where a caller tells which, as soon as it is known."""
    if not all(map(closed, (*args, *named.values()))):
        return Invoke(Lib(INI_ENTRY), (base, *args), tuple(sorted(named.items())), frame.site)
    value: Value = ini_section(machine, args[0]) if args else NONE
    fallback = named.get("fallback")
    found = [one for option in options(value) if isinstance(option, Env)
             for one in [entry(option, args[1] if len(args) > 1 else NONE)] if one is not None]  # fmt: skip
    if fallback is not None and fallback != NONE:
        found = [Env(one.name, fallback, one.site) if isinstance(one, Env) else one for one in found]
    return choice(found) if found else Unknown("an entry of a file that is named at run time")


def told_ini_entry(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """An entry that had waited for a caller to tell which; the parser comes first."""
    parser = args[0]
    return ini_get(machine, frame, parser, args[1:], named) if isinstance(parser, Made) else NONE


def ini_section(machine: Objects, key: Value) -> Value:
    """``parser["section"]``"""
    found: list[Value] = []
    for path in options(held(machine, INI, "file") or Unknown("no file is read here")):
        name = file_name(path)
        content = Env(f"{name}#", None, None) if name is not None else Unknown("a file that is named at run time")
        found.append((entry(content, key) if isinstance(content, Env) else None) or content)
    return choice(found)


# Options that are registered (oslo.config) ----------------------------------------------------------------------------


def register_options(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``CONF.register_opts([cfg.StrOpt("topic", default="jobs")], group="engine")``, or of one option."""
    given = _given(args, named, 0, "opts") or named.get("opt") or NONE
    group = _given(args, named, 1, "group") or NONE
    sections = [_constant(one.slot("name") if isinstance(one, Made) else one) or _DEFAULT for one in options(group)]
    found = [one for option in options(given) for one in _registered(machine, option)]
    for option in found:
        name = _constant(option.slot("name"))
        for section in sections if name is not None else ():
            machine.set_open(OSLO, f"{section}.{str(name).replace('-', '_')}", option.slot("default") or NONE)
    return NONE


def _registered(machine: Machine, option: Value) -> list[Made]:
    given = (option,) if isinstance(option, Made) else machine.elements(option)
    return [one for one in given if isinstance(one, Made)]


def registered(machine: Objects, base: Made, name: str) -> Value:
    """``CONF.engine.topic``: an option of a section, by the variable that may bind it, or the section itself.

    Source: oslo.config, sources/_environment.py: ``OS_SECTION__OPTION``.
    """
    section = _constant(base.slot("group")) or _DEFAULT
    default = held(machine, OSLO, f"{section}.{name}")
    if default is not None:
        variable = f"OS_{section.upper()}__{name.upper()}"
        return choice(Env(variable, None if one == NONE else one, None) for one in options(default))
    if base.type == OSLO:
        return Made(OSLO_GROUP, (("group", Const(name)),), None)
    return Unknown(f"an option {name} of section {section} is registered nowhere here")


# Objects that keep settings -------------------------------------------------------------------------------------------


def from_object(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``app.config.from_object("shop.config.Config")``: the names in capitals of a module or a class."""
    for option in options(args[0] if args else NONE):
        source = machine.fallback(option) if isinstance(option, Param) else option
        for one in options(source):
            dotted = _constant(one)
            take_names(machine, base.type, _imported(machine, frame, dotted) if dotted else one)
    return NONE


def _imported(machine: Machine, frame: Frame, dotted: str) -> Value:
    """What a dotted path names: a module, or a name in one."""
    return machine.call(frame, Lib("pkgutil.resolve_name"), (Const(dotted),), {})


def from_python_file(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    path = _constant(args[0] if args else None)
    if path is not None and path.endswith(".py"):
        take_names(machine, base.type, _imported(machine, frame, path[:-3].replace("/", ".")))
    return NONE


def take_names(machine: Objects, type_: str, source: Value) -> None:
    for option in options(source):
        names: list[str] = []
        if isinstance(option, Module):
            names = list(machine.names_of(option.path))
        elif isinstance(option, Class | Instance):
            names = [name for cls in machine.lineage(option.id)
                     for name in (*machine.classes[cls].names, *machine.classes[cls].annotations)]  # fmt: skip
        for name in dict.fromkeys(names):
            if name.isupper():
                machine.set_open(type_, name, machine.attribute(None, option, name))


def from_prefixed(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    prefix = _given(args, named, 0, "prefix")
    machine.set_open(base.type, "*prefix", Const("FLASK") if prefix is None else prefix)
    return NONE


def from_file(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    path = file_name(args[0]) if args else None
    if path is not None:
        machine.set_open(base.type, "*file", Const(path))
    return NONE


def unset(machine: Objects, type_: str, name: str) -> Value:
    """What an object that keeps settings holds under a name that the program never set."""
    prefix = _constant(held(machine, type_, "*prefix"))
    path = _constant(held(machine, type_, "*file"))
    value = Env(f"{path}#{name}", None, None) if path is not None else None
    if prefix is not None:
        return Env(f"{prefix}_{name}", value, None)
    return value if value is not None else Unknown(f"{name} was never set here")


def dynaconf(base: Made, name: str, default: Value | None = None) -> Value:
    """``settings.PAY_URL``: a variable with a prefix, else an entry of the files, in section ``default`` or in none."""
    value = default
    files = base.slot("files")
    listed = files.items if isinstance(files, Many) else [files] if isinstance(files, Const) else []
    for path in filter(None, map(file_name, listed)):
        for key in (name.lower(), name.upper(), f"default.{name.lower()}", f"default.{name.upper()}"):
            value = Env(f"{path}#{key}", value, base.site)
    prefix = base.slot("prefix")
    if isinstance(prefix, Const) and prefix.value is False:
        return Env(name.upper(), value, base.site)
    return Env(f"{_constant(prefix) or 'DYNACONF'}_{name.upper()}", value, base.site)


def dynaconf_get(machine: Machine, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    key = _constant(args[0] if args else None)
    if key is None:
        return Unknown("a setting that is chosen at run time")
    default = _given(args, named, 1, "default")
    return dynaconf(base, key, None if default == NONE else default)


def django_setting(machine: Objects, name: str, default: Value | None = None) -> Value:
    """``django.conf.settings.NAME``: of the module that the program names, else of every module of settings.

    ``default`` is what it is where these modules are in the tree and have no such name.
    """
    named = held(machine, ENVIRONMENT, "default DJANGO_SETTINGS_MODULE")
    dotted = [word for one in options(named) if (word := _constant(one))] if named is not None else []
    found = []
    paths = _settings_modules(machine.program, tuple(dotted))
    for path in paths:
        machine.module(path)
        machine.account.reads.add((path, name))
        value = machine.globals.get(path, {}).get(name)
        if value is not None:
            found.append(value)
    if not found and paths and default is not None:
        return default
    return choice(found) if found else Unknown(f"the setting {name} was not found in this tree")


def _settings_modules(program: Program, dotted: tuple[str, ...]) -> tuple[str, ...]:
    """The quantum's modules that a name of a settings module means; without one, those that are called so."""
    known = program.settings_modules.get(dotted)
    if known is None:
        own = [path for path in program.sources.paths if program.ownership.is_own(path)]
        fitting = (
            path
            for path in own
            if (any(_is_module(path, one) for one in dotted) if dotted else _SETTINGS_MODULE.search(path))
        )
        known = program.settings_modules[dotted] = tuple(path for path in fitting if not _FOR_TESTS.search(path))
    return known


def _is_module(path: str, dotted: str) -> bool:
    stem = path.removesuffix("/__init__.py").removesuffix(".py")
    tail = dotted.replace(".", "/")
    return stem == tail or stem.endswith(f"/{tail}")


# Nested pydantic settings ---------------------------------------------------------------------------------------------


def nested(machine: Objects, base: Made, name: str) -> Value:
    """A field of a nested model: the variable of the outer field, the delimiter and its own name."""
    of, default = base.slot("of"), base.slot("default")
    prefix, delimiter = _constant(base.slot("prefix")) or "", _constant(base.slot("delimiter")) or ""
    if not isinstance(of, Class):
        return Unknown(f"{name} of nested settings")
    value = machine.attribute(None, default, name) if isinstance(default, Instance) else None
    if value is None or isinstance(value, Unknown):
        declared = machine.find_name(of.id, name)
        value = machine.field_default(declared) if declared is not None else None
    inner = machine.annotation(of.id, name)
    variable = f"{prefix}{delimiter}{name.upper()}"
    for option in options(inner) if inner is not None else ():
        if isinstance(option, Class) and machine.kind_of(option.id) == "record":
            return nested_of(option, variable, delimiter, value)
    return Env(variable, value, base.site)


def nested_of(cls: Class, variable: str, delimiter: str, default: Value | None) -> Made:
    slots: tuple[tuple[str, Value], ...] = (
        ("of", cls),
        ("prefix", Const(variable)),
        ("delimiter", Const(delimiter)),
    )
    return Made(NESTED, slots if default is None else (*slots, ("default", default)), None)


# Configuration of containers (dependency-injector) --------------------------------------------------------------------


def container_option(machine: Objects, base: Made, name: str) -> Value:
    """``config.billing.url``: what code set, else an entry of an object or a file of settings, or a further step."""
    option = ".".join(filter(None, (_constant(base.slot("option")), name)))
    value = held(machine, CONTAINER, option)
    settings = held(machine, CONTAINER, "*settings")
    if value is None and isinstance(settings, Instance):
        value = settings
        for step in option.split("."):
            value = machine.attribute(None, value, step)
    path = _constant(held(machine, CONTAINER, "*file"))
    if value is None and path is not None:
        value = Env(f"{path}#{option}", None, base.site)
    if value is None or (isinstance(value, Env) and value.default is None and "#" in value.name):
        slots = (("option", Const(option)), *((("url", value),) if value is not None else ()))
        return Made(CONTAINER, slots, base.site)
    return value


def container_from_environment(machine: Objects, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``config.url.from_env("URL", "http://…")``"""
    default = _given(args, named, 1, "default")
    _set_option(machine, base, machine.variable(args[0] if args else named.get("name", NONE), default, frame.site))
    return NONE


def container_from_value(machine: Objects, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``config.from_dict({…})``, ``config.url.from_value(…)``, ``config.set("url", …)``"""
    if len(args) == 2:
        base = Made(CONTAINER, (("option", args[0]),), base.site)
    for value in (*args[-1:], *named.values()):
        _set_option(machine, base, value)
    return NONE


def container_from_settings(machine: Objects, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``config.from_pydantic(Settings())``"""
    machine.set_open(CONTAINER, "*settings", args[0] if args else NONE)
    return NONE


def container_from_file(machine: Objects, frame: Frame, base: Made, args: Args, named: Named) -> Value:
    """``config.from_yaml("config.yml")``"""
    path = file_name(_given(args, named, 0, "filepath") or NONE)
    machine.set_open(CONTAINER, "*file", Const(path) if path is not None else Unknown("a file of settings"))
    return NONE


def container_made(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``providers.Configuration(yaml_files=["config.yml"], default={…})``"""
    made = Made(CONTAINER, (), frame.site)
    for key in ("yaml_files", "json_files", "ini_files"):
        for path in machine.elements(named[key]) if key in named else ():
            container_from_file(machine, frame, made, (path,), {})
    for given in machine.elements(named["pydantic_settings"]) if "pydantic_settings" in named else ():
        container_from_settings(machine, frame, made, (given,), {})
    if "default" in named:
        _set_option(machine, made, named["default"])
    return made


def _set_option(machine: Objects, base: Made, value: Value) -> None:
    """Set an option, or where a mapping is given those that it has entries of."""
    option = _constant(base.slot("option"))
    for one in options(value):
        if not isinstance(one, Dict):
            if option is not None:
                machine.set_open(CONTAINER, option, one)
            continue
        for key, held_there in machine.pairs(one):
            if isinstance(key, Const):
                inner = ".".join(filter(None, (option, str(key.value))))
                _set_option(machine, Made(CONTAINER, (("option", Const(inner)),), base.site), held_there)


_LOADERS = (
    "yaml.safe_load", "yaml.load", "yaml.full_load", "json.load", "json.loads", "tomllib.load", "tomllib.loads",
    "tomli.load", "tomli.loads", "toml.load", "toml.loads",
)  # fmt: skip

SPECIALS: dict[str, Special] = {
    CONTAINER: container_made,
    "os.getenv": read,
    "os.environ.get": read,
    "os.environ.pop": read,
    "os.environ.__getitem__": read,
    "os.environ.setdefault": set_default,
    "os.environ.copy": environment,
    "dotenv.dotenv_values": environment,
    "dj_database_url.parse": database_of_address,
    "dj_database_url.config": database_of_variable,
    "builtins.open": opened,
    "io.open": opened,
    "pathlib.Path": path_of,
    "pathlib.PurePath": path_of,
    **{name: _loader(name) for name in _LOADERS},
    INI_ENTRY: told_ini_entry,
    "typer.Option": typer_option,
    "typer.Argument": typer_option,
}

MADE: dict[tuple[str, str], MadeMethod] = {
    (PARSER, "add_argument"): add_argument,
    (PARSER, "parse_args"): parse_arguments,
    (PARSER, "parse_known_args"): parse_known_arguments,
    **dict.fromkeys(((OSLO, f"register_{name}") for name in ("opt", "opts", "cli_opt", "cli_opts")), register_options),
    (INI, "read"): read_ini,
    (INI, "read_file"): read_ini,
    **dict.fromkeys(((INI, name) for name in ("get", "getint", "getfloat", "getboolean")), ini_get),
    (FLASK, "from_object"): from_object,
    (FLASK, "from_pyfile"): from_python_file,
    (FLASK, "from_prefixed_env"): from_prefixed,
    (FLASK, "from_file"): from_file,
    (FLASK, "from_json"): from_file,
    (DYNACONF, "get"): dynaconf_get,
    (CONTAINER, "from_env"): container_from_environment,
    **dict.fromkeys(
        ((CONTAINER, name) for name in ("from_dict", "from_value", "set", "override")), container_from_value
    ),
    **dict.fromkeys(((CONTAINER, name) for name in ("from_yaml", "from_json", "from_ini")), container_from_file),
    (CONTAINER, "from_pydantic"): container_from_settings,
}

_READS = frozenset({"read_text", "read_bytes", "open", "read"})


def path_method(base: Value, name: str) -> Value | None:
    """``path.read_text()`` and ``path.open()`` of a path that names a file of settings."""
    path = file_name(base) if name in _READS and isinstance(base, Const | Text) else None
    return Made(FILE, (("path", Const(path)),), None) if path is not None else None


def is_word(index: object) -> bool:
    """Whether an index of ``sys.argv`` means a word that the program is started with."""
    return isinstance(index, int) and not isinstance(index, bool) and index > 0


def word(index: object, path: str) -> str:
    """What a word of the command line goes by, in the file that looks at it."""
    return f"argv[{index}] of {path}"
