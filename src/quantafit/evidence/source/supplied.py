"""What containers and frameworks give by a key, and texts of addresses that are built by functions of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from quantafit.evidence.source.values import (
    NONE,
    NOWHERE,
    Bound,
    Class,
    Const,
    Dict,
    Env,
    Func,
    Invoke,
    Lib,
    Made,
    Many,
    Partial,
    Site,
    Text,
    Unknown,
    Value,
    choice,
    options,
    symbolic,
    text,
)

if TYPE_CHECKING:
    from quantafit.evidence.source.machine import Machine
    from quantafit.evidence.source.state import Frame

Args = tuple[Value, ...]
Named = Mapping[str, Value]
Special = Callable[[Any, "Frame", Args, Named], Value]

_PROVIDED = Lib("quantafit.provided")
_DEEPEST = 5
"""So many containers deep what an object asks for is made in turn."""


# Containers -----------------------------------------------------------------------------------------------------------


def _resolved(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``container.get(Class)``: what was registered for the class, else an object of it or of what implements it."""
    found = [
        _one_resolved(machine, frame, container, key, 0)
        for container in options(args[0])
        for key in options(args[1] if len(args) > 1 else NONE)
    ]
    return choice(found) if found else Unknown("what a container gives")


def _one_resolved(machine: Machine, frame: Frame, container: Value, key: Value, depth: int) -> Value:
    kind = container.type if isinstance(container, Made) else ""
    registered = machine.open_attributes.get((kind, machine.key_name(key) or ""))
    machine.account.reads.add((f"<{kind}>/", machine.key_name(key) or ""))
    found: list[Value] = []
    for option in options(registered if registered is not None else key):
        if isinstance(option, Func) and machine.functions[option.id].cls is not None:
            found.append(machine.given_by_container(option))
        elif isinstance(option, Func | Bound) and depth < _DEEPEST:
            wanted = machine.functions[option.id].names if isinstance(option, Func) else ()
            found.append(machine.call(frame, option, (container,) if wanted else (), {}))
        elif isinstance(option, Class) and depth < _DEEPEST:
            init = machine.initialiser(option.id)
            info = machine.functions.get(init.id) if init is not None else None
            asked = {
                name: _one_resolved(machine, frame, container, declared, depth + 1)
                for name, declared in (info.annotations if info is not None else {}).items()
                if name != "return" and machine.key_name(declared) is not None
            }
            machine.call(frame, option, (), asked)
            found.append(machine.somebody(option.id))
        elif isinstance(option, Lib):
            found.append(machine.instance_of(option))
        elif registered is not None:
            found.append(option)
    return choice(found) if found else Unknown("what a container gives")


def _bound(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``container.register(Port, Adapter)``: what is registered stands for the port from then on."""
    container, *given = args
    held = [*given[1:], *(value for name, value in named.items() if name in ("factory", "instance", "to"))]
    key = machine.key_name(given[0]) if given else None
    if key is not None and held and isinstance(container, Made):
        machine.set_open(container.type, key, held[0])
    machine.hand_over(frame, (*given, *named.values()))
    return container


def _provider(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A provider of dependency-injector: calling it calls what it is for, with what other providers give."""
    return Partial(_PROVIDED, args, tuple(named.items()))


def _provider_of_object(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return Partial(_PROVIDED, (Lib("quantafit.same"), *args), ())


def _provided(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    if not args:
        return Unknown("a provider of nothing")
    given = [_given(machine, frame, arg) for arg in args[1:]]
    by_name = {name: _given(machine, frame, value) for name, value in named.items()}
    made = machine.call(frame, args[0], tuple(given), by_name)
    return choice(choice(machine.elements(one)) if isinstance(one, Many) else one for one in options(made))


def _given(machine: Machine, frame: Frame, value: Value) -> Value:
    return choice(
        machine.call(frame, option, (), {}) if isinstance(option, Partial) and option.callee == _PROVIDED else option
        for option in options(value)
    )


def _provide(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``provide(Adapter, provides=Port)`` in the body of a class of dishka's; without a class it is a decorator."""
    source = args[0] if args else named.get("source", NONE)
    if all(isinstance(option, Class) for option in options(source)):
        declared = named.get("provides", NONE)
        machine.provide({"container": Const("dishka.Container"), "by": source, "for": declared})
        machine.hand_over(frame, (source,))
        return source
    return machine.call_library(frame, "dishka.provide", None, args, named)


def _injected(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``Provide[Container.service]``"""
    return _given(machine, frame, args[0]) if args else NONE


def _first(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    return args[0] if args else NONE


# Registries of services -----------------------------------------------------------------------------------------------


def _nodes(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``consul.health.service("billing")``: an index, and entries that hold the addresses of who is called so."""
    service = args[1] if len(args) > 1 else named.get("service", Unknown("a service without a name"))
    port = Unknown("the port of a node")
    node = _entries(Address=service, Port=port)
    entry = _entries(Service=node, Node=node, Address=service, ServiceAddress=service, ServicePort=port)
    return Many((Unknown("an index"), Many((entry,), False, None)), True, None)


def _entries(**held: Value) -> Dict:
    return Dict(tuple((Const(name), value) for name, value in held.items()), None)


# Signals --------------------------------------------------------------------------------------------------------------


def _connect(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``signal.connect(receiver)``: the signal keeps it, and calls it with what is sent."""
    signal, receiver = args[0], args[1] if len(args) > 1 else named.get("receiver", NONE)
    sites = _sites(signal)
    if not sites:
        machine.hand_over(frame, (receiver,))  # a signal of the framework, which sends it
    for site in sites:
        machine.put_item(site, None, receiver)
    return receiver


def _send(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    receivers = [item for site in _sites(args[0]) for item in machine.elements(Many((), False, site))]
    sender = args[1] if len(args) > 1 else named.get("sender", NONE)
    rest = {name: value for name, value in named.items() if name != "sender"}
    for receiver in receivers:
        machine.call(frame, receiver, (sender,), rest)
    return NONE


def _sites(signal: Value) -> list[Site]:
    return [option.site for option in options(signal) if isinstance(option, Made) and option.site is not None]


# Texts ----------------------------------------------------------------------------------------------------------------


def _template(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``string.Template(…).substitute(…)``"""
    from string import Template

    base, *rest = args
    held = base.slot("template") if isinstance(base, Made) else None
    if not isinstance(held, Const) or not isinstance(held.value, str):
        return Unknown("a template made at run time")
    given = {str(key.value): value for arg in rest for key, value in machine.pairs(arg) if isinstance(key, Const)}
    given |= named
    parts: list[Value] = []
    last = 0
    for match in Template.pattern.finditer(held.value):
        parts.append(Const(held.value[last : match.start()]))
        name = match["named"] or match["braced"]
        parts.append(Const("$") if match["escaped"] else given.get(name or "", Unknown("a missing part of a template")))
        last = match.end()
    return text([*parts, Const(held.value[last:])])


def _joined_paths(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    parts = [part for arg in args for part in (Const("/"), arg)][1:]
    return text(parts) if parts else Const("")


def _unparsed(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``urlunparse((scheme, netloc, path, …))``"""
    given = args[0] if args else NONE
    parts = given.items if isinstance(given, Many) and given.ordered else ()
    if isinstance(given, Made) and given.type == _SPLIT:
        parts = tuple(given.slot(name) or NONE for name in ("scheme", "netloc", "path"))
    elif isinstance(given, Const | Text | Env):
        return given  # an address that was taken apart, and is followed as its text
    if len(parts) < 3:
        return Unknown("an address put together of unknown parts")
    scheme, host, path = parts[:3]
    return text([scheme, Const("://"), host, Const("/"), _stripped(path)])


_SPLIT = "urllib.parse.SplitResult"


def _split_result(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    slots = dict(zip(("scheme", "netloc", "path"), args, strict=False)) | dict(named)
    return Made(_SPLIT, tuple(slots.items()), frame.site)


def _built_of_parts(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``httpx.URL("http://…")``, or put together of ``scheme=…, host=…, path=…``."""
    if not args:
        return _built(machine, frame, args, named)
    return changed_address(args[0], "copy_with", (), named) or args[0]


def _built(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """``yarl.URL.build(scheme=…, host=…, path=…)``"""
    host = named.get("host", named.get("authority", Unknown("no host")))
    scheme, path = named.get("scheme", Const("http")), _stripped(named.get("path", Const("")))
    return text([scheme, Const("://"), host, Const("/"), path])


_HOSTS = ("netloc", "host", "hostname", "authority", "raw_host")


def changed_address(base: Value, name: str, args: Args, named: Named) -> Value | None:
    """An address with another host or path: ``url._replace(netloc=…)``, ``url.copy_with(host=…)``, ``with_host(…)``."""
    if name == "with_host" and args:
        return _at_host(base, args[0], None)
    if name not in ("_replace", "copy_with", "replace", "set") or args:
        return None
    host = next((named[key] for key in _HOSTS if key in named), None)
    if host is not None:
        return _at_host(base, host, named.get("path"))
    return Unknown("an address that is changed at run time") if "**" in named else None


def _at_host(base: Value, host: Value, path: Value | None) -> Value:
    """The address with another host. The port of the old one stays, where the new one does not say one itself."""
    from urllib.parse import urlsplit

    known = base.value if isinstance(base, Const) and isinstance(base.value, str) else ""
    first = base.parts[0] if isinstance(base, Text) else None
    begins = known or (str(first.value) if isinstance(first, Const) else "")
    scheme = begins.partition("://")[0] if "://" in begins else "http"
    where = path if path is not None else Const(urlsplit(known).path)
    return text([Const(scheme + "://"), host, Const("/"), _stripped(where)])


def _stripped(path: Value) -> Value:
    """A path without the slash that it begins with, which is written after the host already."""
    if isinstance(path, Text):
        return text([_stripped(path.parts[0]), *path.parts[1:]])
    return Const(path.value.lstrip("/")) if isinstance(path, Const) and isinstance(path.value, str) else path


def url_on(base: Value, path: Value, site: Site | None) -> Value:
    """Base and path, joined once it is known whether the client was made with a base at all."""
    if symbolic(base) and not _is_absolute(path):
        return Invoke(Lib("quantafit.join_url"), (base, path), (), site or NOWHERE)
    return joined_url(base, path)


def _is_absolute(path: Value) -> bool:
    """Whether an address is known to begin with its scheme."""
    first = path.parts[0] if isinstance(path, Text) else path
    return isinstance(first, Const) and "://" in str(first.value)


def joined_url(base: Value, path: Value) -> Value:
    """Base and path as HTTP clients join them: an absolute path stands alone."""
    if (isinstance(base, Const) and base.value in (None, "")) or _is_absolute(path):
        return path
    if isinstance(base, Unknown) and isinstance(path, Text | Env):
        return path
    base = Const(str(base.value).rstrip("/") + "/") if isinstance(base, Const) else text([base, Const("/")])
    return text([base, _stripped(path)])


def _joined_url(machine: Machine, frame: Frame, args: Args, named: Named) -> Value:
    """A client's base and a path, once it is known what base the client was made with."""
    return choice(url_on(base, path, frame.site) for base in options(args[0]) for path in options(args[1]))


SUPPLIED: dict[str, Special] = {
    "quantafit.join_url": _joined_url,
    **dict.fromkeys(
        (
            "injector.Injector.get",
            "injector.Injector.create_object",
            "punq.Container.resolve",
            "punq.Container.instantiate",
            "lagom.Container.resolve",
            "lagom.Container.__getitem__",
            "dishka.Container.get",
        ),
        _resolved,
    ),
    "dishka.provide": _provide,
    "consul.Services.service": _nodes,
    "punq.Container.register": _bound,
    "lagom.Container.define": _bound,
    **{
        f"dependency_injector.providers.{name}": _provider
        for name in (
            "Factory",
            "Singleton",
            "ThreadSafeSingleton",
            "ThreadLocalSingleton",
            "ContextLocalSingleton",
            "Callable",
            "Coroutine",
            "Resource",
        )
    },
    **{
        f"that_depends.providers.{name}": _provider
        for name in ("Factory", "AsyncFactory", "Singleton", "AsyncSingleton", "Resource", "ContextResource")
    },
    **dict.fromkeys(("dependency_injector.providers.Object", "that_depends.providers.Object"), _provider_of_object),
    "that_depends.Provide.__getitem__": _injected,
    "quantafit.provided": _provided,
    "dependency_injector.wiring.Provide.__getitem__": _injected,
    "dependency_injector.wiring.Closing.__getitem__": _first,
    "django.dispatch.Signal.connect": _connect,
    **{f"django.dispatch.Signal.{name}": _send for name in ("send", "send_robust", "asend", "asend_robust")},
    "string.Template.substitute": _template,
    "string.Template.safe_substitute": _template,
    "os.path.join": _joined_paths,
    "posixpath.join": _joined_paths,
    "urllib.parse.urlunparse": _unparsed,
    "urllib.parse.urlunsplit": _unparsed,
    "yarl.URL.build": _built,
    "httpx.URL": _built_of_parts,
    **dict.fromkeys(
        (f"urllib.parse.{name}" for name in ("SplitResult", "ParseResult", "SplitResultBytes", "ParseResultBytes")),
        _split_result,
    ),
    f"{_SPLIT}.geturl": lambda machine, frame, args, named: _unparsed(machine, frame, args, named),
}
"""By the dotted name of the function; a method's receiver comes first among its arguments."""
