"""Containers that make objects and give them what they ask for.

dependency-injector 4.48, injector 0.22, punq 0.7, lagom 2.7, dishka 1.6. What a container gives for a class is what was
registered for it, else an object of that class or of what extends or implements it: ``supplied.py`` says so.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Library, Receiver, Type

_PROVIDERS = "dependency_injector.providers"

DEPENDENCY_INJECTOR = Library(
    distribution="dependency-injector",
    modules=("dependency_injector",),
    calls={
        "dependency_injector.wiring.inject": Call(decorates=True),
        f"{_PROVIDERS}.Configuration": Call(returns=f"{_PROVIDERS}.Configuration"),
        "dependency_injector.containers.WiringConfiguration": Call(),
        "dependency_injector.containers.DeclarativeContainer": Call(
            returns="dependency_injector.containers.DeclarativeContainer"
        ),
    },
    types={
        f"{_PROVIDERS}.Configuration": Type(open=True),
        "dependency_injector.containers.DeclarativeContainer": Type(),
    },
)

INJECTOR = Library(
    distribution="injector",
    modules=("injector", "flask_injector", "fastapi_injector"),
    calls={
        "injector.Injector": Call(returns="injector.Injector"),
        **{f"injector.{name}": Call(decorates=True) for name in ("inject", "provider", "multiprovider", "singleton")},
    },
    types={"injector.Injector": Type(), "injector.Module": Type()},
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
        "dishka.provide": Call(decorates=True),
        "dishka.provide_all": Call(),
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

LIBRARIES = (DEPENDENCY_INJECTOR, INJECTOR, PUNQ, LAGOM, DISHKA)
