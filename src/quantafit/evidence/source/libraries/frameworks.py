"""FastAPI, Starlette, pydantic, uvicorn and APScheduler: what they supply, and what they call."""

from __future__ import annotations

from dataclasses import replace

from quantafit.evidence.source.libraries.asking import listens
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Either,
    Fixed,
    Keywords,
    Library,
    New,
    Receiver,
    Rest,
    Slot,
    Type,
    Variable,
)

_APP = "fastapi.FastAPI"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "websocket", "api_route")


_MIDDLEWARE = Call(calls=(Callback(Arg(0, "middleware_class"), (New(_APP),), keywords=Keywords()),))
"""The application makes an object of the class, with the application and the options that are given along."""


def _route(verb: str) -> Call:
    slots: dict[str, Slot] = {"name": Arg(0, "path"), "method": Fixed(verb), "on": Receiver()}
    return Call(decorates=True, effects=(Effect("serve", "http", slots),))


def _part(router: Slot, prefix: Slot) -> Effect:
    return Effect("mount", slots={"of": router, "prefix": prefix, "on": Receiver()})


_READ = Call(returns=Variable(Arg(0, "key"), Arg(2, "default")))
_LATER = Call(calls=(Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords()),))

FASTAPI = Library(
    distribution="fastapi",
    modules=("fastapi", "starlette"),
    calls={
        _APP: Call(
            returns=_APP,
            keeps={"prefix": Arg(None, "prefix")},
            calls=(Callback(Arg(None, "lifespan"), (New(_APP),), fills="fastapi.State"),),
        ),
        **{f"{_APP}.{verb}": _route(verb) for verb in _VERBS},
        f"{_APP}.on_event": Call(decorates=True),
        f"{_APP}.middleware": Call(decorates=True),
        f"{_APP}.exception_handler": Call(decorates=True),
        f"{_APP}.add_api_route": Call(
            roots=(Arg(1, "endpoint"),),
            effects=(
                Effect("serve", "http", {"name": Arg(0, "path"), "callback": Arg(1, "endpoint"), "on": Receiver()}),
            ),
        ),
        **dict.fromkeys(
            ("fastapi.concurrency.run_in_threadpool", "starlette.concurrency.run_in_threadpool"),
            Call(calls=(Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords(), result=True),)),
        ),
        f"{_APP}.add_event_handler": Call(roots=(Arg(1, "func"),)),
        f"{_APP}.add_exception_handler": Call(roots=(Arg(1, "handler"),)),
        "starlette.config.Config": Call(returns="starlette.config.Config"),
        "starlette.config.Config.__call__": _READ,
        "starlette.config.Config.get": _READ,
        f"{_APP}.include_router": Call(
            roots=(Arg(0, "router"),), effects=(_part(Arg(0, "router"), Arg(None, "prefix")),)
        ),
        f"{_APP}.mount": Call(roots=(Arg(1, "app"),), effects=(_part(Arg(1, "app"), Arg(0, "path")),)),
        f"{_APP}.add_middleware": _MIDDLEWARE,
        "starlette.middleware.Middleware": _MIDDLEWARE,
        **{
            f"starlette.routing.{name}": Call(
                roots=(Arg(1, "endpoint"),),
                supplies=(New("fastapi.Request"),),
                effects=(Effect("serve", "http", {"name": Arg(0, "path")}),),
            )
            for name in ("Route", "WebSocketRoute")
        },
        "fastapi.Depends": Call(returns="fastapi.Depends", keeps={"dependency": Arg(0, "dependency")}),
        "fastapi.BackgroundTasks.add_task": _LATER,
        "starlette.background.BackgroundTask": _LATER,
    },
    types={
        _APP: Type(),
        "fastapi.Request": Type(),
        "fastapi.WebSocket": Type(),
        "fastapi.Depends": Type(),
        "fastapi.BackgroundTasks": Type(),
        "fastapi.State": Type(open=True),
        "fastapi.Overrides": Type(open=True),
        "fastapi.Response": Type(),
        "fastapi.HTTPException": Type(),
        "starlette.config.Config": Type(),
    },
    attributes={
        f"{_APP}.state": New("fastapi.State"),
        f"{_APP}.dependency_overrides": New("fastapi.Overrides"),
        f"{_APP}.router": Receiver(),
        **{f"fastapi.{name}.app": New(_APP) for name in ("Request", "WebSocket")},
        **{f"fastapi.{name}.state": New("fastapi.State") for name in ("Request", "WebSocket")},
    },
    aliases={
        "fastapi.APIRouter": _APP,
        "fastapi.routing.APIRouter": _APP,
        "starlette.requests.Request": "fastapi.Request",
        "fastapi.requests.Request": "fastapi.Request",
        "fastapi.requests.HTTPConnection": "fastapi.Request",
        "starlette.requests.HTTPConnection": "fastapi.Request",
        "starlette.websockets.WebSocket": "fastapi.WebSocket",
        "fastapi.Security": "fastapi.Depends",
        "starlette.applications.Starlette": _APP,
        "starlette.background.BackgroundTasks": "fastapi.BackgroundTasks",
        "fastapi.background.BackgroundTasks": "fastapi.BackgroundTasks",
        "fastapi.params.Depends": "fastapi.Depends",
    },
)

PYDANTIC = Library(
    distribution="pydantic",
    modules=("pydantic", "pydantic_settings", "pydantic_core", "pydantic_extra_types"),
    calls={
        "pydantic.Field": Call(
            returns="pydantic.Field",
            keeps={
                "default": Arg(0, "default"),
                "alias": Either((Arg(None, "validation_alias"), Arg(None, "env"), Arg(None, "alias"))),
                "factory": Arg(None, "default_factory"),
            },
        ),
        "pydantic_settings.SettingsConfigDict": Call(
            returns="pydantic_settings.SettingsConfigDict",
            keeps={
                "env_prefix": Arg(None, "env_prefix", ""),
                "env_nested_delimiter": Arg(None, "env_nested_delimiter"),
            },
        ),
        "pydantic.AliasChoices": Call(returns="pydantic.AliasChoices", keeps={"choices": Rest(0)}),
        "pydantic.AliasPath": Call(returns="pydantic.AliasPath"),
        "pydantic.ConfigDict": Call(returns="pydantic.ConfigDict"),
        "pydantic.SecretStr.get_secret_value": Call(returns=Receiver()),
    },
    types={
        "pydantic.Field": Type(),
        "pydantic.ConfigDict": Type(),
        "pydantic_settings.SettingsConfigDict": Type(),
        "pydantic.SecretStr": Type(),
        "pydantic.AliasChoices": Type(),
        "pydantic.AliasPath": Type(),
    },
    kinds={
        "pydantic.BaseModel": "record",
        "pydantic.RootModel": "record",
        "pydantic.dataclasses.dataclass": "record",
        "pydantic_settings.BaseSettings": "settings",
        "pydantic.BaseSettings": "settings",
    },
)

_LISTENS = listens(Arg(None, "port", 8000), Arg(0, "app"))

UVICORN = Library(
    distribution="uvicorn",
    modules=("uvicorn",),
    calls={
        "uvicorn.run": _LISTENS,
        "uvicorn.Config": replace(_LISTENS, returns="uvicorn.Config"),
        "uvicorn.Server": Call(returns="uvicorn.Server"),
    },
    types={"uvicorn.Config": Type(), "uvicorn.Server": Type()},
)

_SCHEDULER = "apscheduler.Scheduler"
APSCHEDULER = Library(
    distribution="apscheduler",
    modules=("apscheduler",),
    calls={
        _SCHEDULER: Call(returns=_SCHEDULER),
        f"{_SCHEDULER}.add_job": Call(
            calls=(Callback(Arg(0, "func"), star=Arg(None, "args"), keywords=Arg(None, "kwargs")),)
        ),
        f"{_SCHEDULER}.scheduled_job": Call(decorates=True),
    },
    types={_SCHEDULER: Type()},
    aliases={
        f"apscheduler.schedulers.{module}.{name}": _SCHEDULER
        for module, name in (
            ("background", "BackgroundScheduler"),
            ("blocking", "BlockingScheduler"),
            ("asyncio", "AsyncIOScheduler"),
        )
    },
)

LIBRARIES = (FASTAPI, PYDANTIC, UVICORN, APSCHEDULER)
