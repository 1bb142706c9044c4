"""How tables of clients that ask and wait describe their calls: shared by the files of this folder, no table itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, NameOf, Slot

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_BODY = {name: Arg(None, name) for name in ("json", "data", "params", "body", "fields")}


def ask(url: Slot, method: Slot, returns: str | Slot | None = None, mechanism: str = "http") -> Call:
    """A call that waits for the answer of the host that ``url`` names."""
    return Call(returns=returns, effects=(Effect("request", mechanism, {"url": url, "method": method, **_BODY}),))


def verbs(owner: str, url: Slot, returns: str | Slot | None = None, names: Iterable[str] = VERBS) -> dict[str, Call]:
    """The methods of a client that are called as HTTP's own."""
    return {f"{owner}.{verb}": ask(url, Fixed(verb), returns) for verb in names}


def plain(owner: str, names: Iterable[str], returns: str | Slot | None = None) -> dict[str, Call]:
    """Methods that reach nothing and store nothing."""
    return {f"{owner}.{name}": Call(returns=returns) for name in names}


def does(effect: str, mechanism: str = "", slots: Mapping[str, Slot] | None = None, **more: Slot) -> Effect:
    """An effect with its slots as keywords; names that no keyword can have come in ``slots``."""
    return Effect(effect, mechanism, {**(slots or {}), **more})


def listens(port: Slot, app: Slot | None = None) -> Call:
    """A call that serves at a port; what it is given as ``app`` is called with each request."""
    return Call(effects=(Effect("listen", "http", {"port": port}),), roots=(app,) if app is not None else ())


def named(thing: Slot) -> Slot:
    """The name of something that may be given as an object or by its name."""
    return NameOf(thing)
