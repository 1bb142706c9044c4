"""Containers that make objects and give them what they ask for.

dependency-injector 4.48, injector 0.22, punq 0.7, lagom 2.7, dishka 1.6, that-depends 3.4. What a container gives for a
class is what was registered for it, else an object of that class or of what extends or implements it: ``supplied.py``
says so.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Decorated,
    Effect,
    Element,
    Fixed,
    Library,
    New,
    Receiver,
    Rest,
    Slot,
    Type,
)

_PROVIDERS = "dependency_injector.providers"


def _provides(container: str, by: Slot, type_: Slot | None = None) -> tuple[Effect, ...]:
    asked = {} if type_ is None else {"for": type_}
    return (Effect("provide", "", {"container": Fixed(container), "by": by, **asked}),)


DEPENDENCY_INJECTOR = Library(
    distribution="dependency-injector",
    modules=("dependency_injector",),
    calls={
        "dependency_injector.wiring.inject": Call(decorates=True),
        f"{_PROVIDERS}.Configuration": Call(returns=f"{_PROVIDERS}.Configuration"),
        **{
            f"{_PROVIDERS}.Configuration.{name}": Call(returns=Receiver())
            for name in ("__call__", "as_", "as_int", "as_float", "required", "provider")
        },
        "dependency_injector.containers.WiringConfiguration": Call(),
        "dependency_injector.containers.DeclarativeContainer": Call(
            returns="dependency_injector.containers.DeclarativeContainer"
        ),
    },
    types={
        f"{_PROVIDERS}.Configuration": Type(),
        "dependency_injector.containers.DeclarativeContainer": Type(),
    },
)

INJECTOR = Library(
    distribution="injector",
    modules=("injector", "flask_injector", "fastapi_injector"),
    calls={
        "injector.Injector": Call(
            returns="injector.Injector", roots=(Element(Arg(0, "modules")),), supplies=(New("injector.Binder"),)
        ),
        **{
            f"injector.{name}": Call(decorates=True) for name in ("inject", "multiprovider", "singleton", "threadlocal")
        },
        "injector.provider": Call(decorates=True, effects=_provides("injector.Injector", Decorated())),
        "injector.Binder.bind": Call(effects=_provides("injector.Injector", Arg(1, "to"), Arg(0, "interface"))),
        "injector.Binder.install": Call(roots=(Arg(0, "module"),), supplies=(New("injector.Binder"),)),
        **{f"injector.{name}": Call(returns=Arg(0, "instance")) for name in ("InstanceProvider", "CallableProvider")},
    },
    types={
        "injector.Injector": Type(),
        "injector.Module": Type(hooks={"configure": (New("injector.Binder"),)}),
        "injector.Binder": Type(),
    },
)

PUNQ = Library(
    distribution="punq",
    modules=("punq",),
    calls={"punq.Container": Call(returns="punq.Container"), "punq.Container.register": Call()},
    types={"punq.Container": Type()},
)

LAGOM = Library(
    distribution="lagom",
    modules=("lagom",),
    calls={
        "lagom.Container": Call(returns="lagom.Container"),
        "lagom.Singleton": Call(returns=Arg(0, "class_type")),
        "lagom.dependency_definition": Call(decorates=True),
        "lagom.magic_bind_to_container": Call(decorates=True),
        "lagom.bind_to_container": Call(decorates=True),
    },
    types={"lagom.Container": Type(keyed=True)},
)

DISHKA = Library(
    distribution="dishka",
    modules=("dishka",),
    calls={
        "dishka.make_container": Call(returns="dishka.Container"),
        "dishka.Container.__call__": Call(returns=Receiver()),
        "dishka.Container.close": Call(),
        "dishka.provide": Call(
            decorates=True, effects=_provides("dishka.Container", Decorated(), Arg(None, "provides"))
        ),
        "dishka.provide_all": Call(effects=_provides("dishka.Container", Rest(0))),
        "dishka.Provider": Call(returns="dishka.Provider"),
        "dishka.Provider.provide": Call(effects=_provides("dishka.Container", Arg(0, "source"), Arg(None, "provides"))),
        "dishka.inject": Call(decorates=True),
        "dishka.from_context": Call(),
    },
    types={"dishka.Container": Type(), "dishka.Provider": Type()},
    aliases={
        "dishka.make_async_container": "dishka.make_container",
        "dishka.AsyncContainer": "dishka.Container",
        "dishka.integrations.fastapi.inject": "dishka.inject",
        "dishka.integrations.flask.inject": "dishka.inject",
    },
)

THAT_DEPENDS = Library(
    distribution="that-depends",
    modules=("that_depends",),
    calls={"that_depends.inject": Call(decorates=True)},
    types={"that_depends.BaseContainer": Type()},
)
"""Its providers are like those of dependency-injector (``supplied.py``)."""

LIBRARIES = (DEPENDENCY_INJECTOR, INJECTOR, PUNQ, LAGOM, DISHKA, THAT_DEPENDS)
