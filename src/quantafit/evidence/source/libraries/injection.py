"""Containers that put objects together: what they give is an object of the class that they are asked for.

Read in dependency-injector 4.48, dishka 1.6, punq 0.7, lagom 2.7, injector 0.22, svcs 25.1 and fastapi-injector 0.6. A
provider of dependency-injector is taken for what it makes: being called, it gives that.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Callback, Instance, Keywords, Library, Rest, Type

_PROVIDERS, _WIRING = "dependency_injector.providers", "dependency_injector.wiring"
_MAKES = Call(calls=(Callback(Arg(0, "provides"), star=Rest(1), keywords=Keywords(), result=True),), elements=True)
_OF_CLASS = Call(returns=Instance(Arg(0, "cls")))
_CONFIGURATION = "dependency_injector.Configuration"

DEPENDENCY_INJECTOR = Library(
    distribution="dependency-injector",
    modules=("dependency_injector",),
    calls={
        **{
            f"{_PROVIDERS}.{name}": _MAKES
            for name in (
                "Factory",
                "Singleton",
                "ThreadSafeSingleton",
                "ThreadLocalSingleton",
                "ContextLocalSingleton",
                "Resource",
                "Callable",
                "Coroutine",
                "Container",
            )
        },
        f"{_PROVIDERS}.Object": Call(returns=Arg(0, "provides")),
        f"{_PROVIDERS}.List": Call(returns=Rest(0)),
        f"{_PROVIDERS}.Dict": Call(returns=Keywords()),
        f"{_PROVIDERS}.Configuration": Call(returns=_CONFIGURATION),
        **plain(_PROVIDERS, ("Dependency", "DependenciesContainer", "Selector", "Aggregate", "FactoryAggregate")),
        **{
            f"{_WIRING}.{name}.__getitem__": Call(returns=Arg(0, "provider"))
            for name in ("Provide", "Provider", "Closing")
        },
        f"{_WIRING}.inject": Call(),
    },
    types={_CONFIGURATION: Type(open=True)},
)

DISHKA = Library(
    distribution="dishka",
    modules=("dishka",),
    calls={
        **{f"dishka.{name}": Call(decorates=True) for name in ("provide", "provide_all", "decorate", "alias")},
        "dishka.make_container": Call(returns="dishka.Container"),
        "dishka.make_async_container": Call(returns="dishka.Container"),
        "dishka.Container.get": _OF_CLASS,
        "dishka.Container.__call__": Call(returns="dishka.Container"),
        **plain("dishka.Container", ("close",)),
        "dishka.Provider": Call(returns="dishka.Provider"),
        **plain("dishka.Provider", ("provide", "provide_all", "from_context", "decorate", "alias", "to_component")),
    },
    types={"dishka.Container": Type(), "dishka.Provider": Type()},
    aliases={"dishka.AsyncContainer": "dishka.Container"},
)

CONTAINERS = Library(
    distribution="punq",
    modules=("punq", "lagom", "injector", "svcs", "fastapi_injector"),
    calls={
        **{
            made: Call(returns=made)
            for made in ("punq.Container", "lagom.Container", "injector.Injector", "svcs.Container")
        },
        "punq.Container.resolve": _OF_CLASS,
        "punq.Container.register": Call(returns="punq.Container"),
        "lagom.Container.resolve": _OF_CLASS,
        "lagom.Container.__getitem__": _OF_CLASS,
        "injector.Injector.get": _OF_CLASS,
        "svcs.Container.get": _OF_CLASS,
        "svcs.Container.aget": _OF_CLASS,
        "fastapi_injector.Injected": _OF_CLASS,
    },
    types={made: Type() for made in ("punq.Container", "lagom.Container", "injector.Injector", "svcs.Container")},
)

LIBRARIES = (DEPENDENCY_INJECTOR, DISHKA, CONTAINERS)
