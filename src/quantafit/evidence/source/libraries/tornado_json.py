"""Tornado-JSON: handlers and an application over Tornado's own, as its repository has them.

What an application is given as ``db_conn`` its handlers have under that name; which object that is, is not followed:
what is called on it is unresolved.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Call, Library, New, Type

_HANDLERS = tuple(f"tornado_json.requesthandlers.{name}" for name in ("BaseHandler", "ViewHandler", "APIHandler"))

_CONNECTION = "tornado_json.Connection"

TORNADO_JSON = Library(
    distribution="tornado_json",
    modules=("tornado_json",),
    calls={
        "tornado_json.schema.validate": Call(decorates=True),
        "tornado_json.gen.coroutine": Call(decorates=True),
        **plain("tornado_json.routes", ("get_routes", "get_module_routes", "gen_submodule_names")),
        **plain("tornado_json.exceptions", ("APIError", "api_assert")),
        **plain("tornado_json.utils", ("APIError", "api_assert", "container", "extract_method")),
        **{f"{handler}.{name}": Call() for handler in _HANDLERS for name in ("success", "fail", "error", "initialize")},
    },
    types={
        _CONNECTION: Type(client=True),
        **{handler: Type(extends="tornado.web.RequestHandler") for handler in _HANDLERS},
    },
    attributes={f"{handler}.db_conn": New(_CONNECTION) for handler in _HANDLERS},
    aliases={"tornado_json.application.Application": "tornado.web.Application"},
)

LIBRARIES = (TORNADO_JSON,)
