"""Flask, Django and what is commonly installed beside them: what they serve, and which functions they call.

Flask 3.1 and Django 5.2. What Django's models store is said where object mappers are.
"""

from __future__ import annotations

from dataclasses import replace

from quantafit.evidence.source.libraries.asking import VERBS, listens, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Configured,
    Effect,
    Element,
    Fixed,
    Keywords,
    Library,
    New,
    Own,
    Receiver,
    Rest,
    Slot,
    Type,
)

_FLASK = "flask.Flask"
# fmt: off
_HOOKS = (
    "before_request", "after_request", "teardown_request", "teardown_appcontext", "errorhandler",
    "context_processor", "app_errorhandler", "before_first_request", "before_app_request", "template_filter",
    "shell_context_processor", "url_value_preprocessor", "app_template_filter",
)
# fmt: on


def _blueprint(blueprint: Slot, prefix: Slot) -> Effect:
    """A part of an application: the prefix that is said here stands instead of the part's own."""
    return Effect("mount", slots={"of": blueprint, "prefix": prefix, "on": Receiver(), "instead": Fixed(True)})


FLASK = Library(
    distribution="flask",
    modules=(
        "flask",
        "quart",
        "werkzeug",
        "flask_cors",
        "flask_restful",
        "flask_restx",
        "flasgger",
        "flask_wtf",
        "flask_login",
        "gunicorn",
        "waitress",
        "flask_jwt_extended",
        "flask_bcrypt",
        "flask_limiter",
    ),
    calls={
        _FLASK: Call(returns=_FLASK, keeps={"prefix": Arg(None, "url_prefix")}),
        **{
            f"{_FLASK}.{verb}": Call(
                decorates=True,
                effects=(Effect("serve", "http", {"name": Arg(0, "rule"), "method": Fixed(verb), "on": Receiver()}),),
            )
            for verb in ("route", "get", "post", "put", "patch", "delete", "websocket")
        },
        f"{_FLASK}.add_url_rule": Call(
            roots=(Arg(2, "view_func"),),
            effects=(Effect("serve", "http", {"name": Arg(0, "rule"), "on": Receiver()}),),
        ),
        f"{_FLASK}.register_blueprint": Call(effects=(_blueprint(Arg(0, "blueprint"), Arg(None, "url_prefix")),)),
        **{f"{_FLASK}.{hook}": Call(decorates=True) for hook in _HOOKS},
        f"{_FLASK}.cli.command": Call(decorates=True),
        **plain(
            _FLASK,
            (
                "app_context",
                "test_request_context",
                "make_response",
                "test_client",
                "send_static_file",
            ),
        ),
        f"{_FLASK}.run": listens(Arg(1, "port", 5000)),
        "waitress.serve": listens(Arg(None, "port", 8080), Arg(0, "app")),
        "werkzeug.serving.run_simple": listens(Arg(1, "port"), Arg(2, "application")),
        "flask.Config": Call(returns="flask.Config"),
        "flask.views.View.as_view": Call(calls=(Callback(Receiver(), star=Rest(1), keywords=Keywords()),)),
    },
    types={
        _FLASK: Type(),
        "flask.Config": Type(open=True),
        "flask.Globals": Type(open=True),
        "flask.Extensions": Type(open=True),
        "flask.views.View": Type(),
        "flask.views.MethodView": Type(extends="flask.views.View"),
    },
    attributes={
        f"{_FLASK}.config": New("flask.Config"),
        f"{_FLASK}.extensions": New("flask.Extensions"),
        "flask.current_app": New(_FLASK),
        "flask.g": New("flask.Globals"),
    },
    aliases={
        "flask.Blueprint": _FLASK,
        "quart.Quart": _FLASK,
        "quart.g": "flask.g",
        "quart.current_app": "flask.current_app",
        "quart.views": "flask.views",
        "quart.Blueprint": _FLASK,
        "flask.app.Flask": _FLASK,
        "flask.blueprints.Blueprint": _FLASK,
    },
)

_VIEW = Call(
    roots=(Arg(1, "view"),), effects=(Effect("serve", "http", {"name": Arg(0, "route"), "view": Arg(1, "view")}),)
)
_ROUTER = "rest_framework.routers.Router"
_ITEMS = Effect("serve", "http", {"name": Arg(0, "prefix"), "on": Receiver(), "items": Fixed(True)})

DJANGO = Library(
    distribution="django",
    modules=(
        "django",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_nested",
        "corsheaders",
        "crispy_forms",
        "debug_toolbar",
        "django_filters",
        "drf_yasg",
        "drf_spectacular",
        "phonenumber_field",
        "whitenoise",
        "blinker",
    ),
    calls={
        "django.urls.path": _VIEW,
        "django.urls.re_path": _VIEW,
        _ROUTER: Call(returns=_ROUTER),
        f"{_ROUTER}.register": Call(roots=(Arg(1, "viewset"),), effects=(_ITEMS,)),
        "django.dispatch.receiver": Call(decorates=True),
        "rest_framework.decorators.api_view": Call(decorates=True),
        "rest_framework.decorators.action": Call(decorates=True),
        "django.dispatch.Signal": Call(returns="django.dispatch.Signal"),
        "django.dispatch.Signal.connect": Call(roots=(Arg(0, "receiver"),)),
        "blinker.signal": Call(returns="django.dispatch.Signal"),
    },
    attributes={
        "django.db.connection": New("sql.Connection"),
        "django.db.connections": New("django.Connections"),
        f"{_ROUTER}.urls": Receiver(),
    },
    types={
        _ROUTER: Type(),
        "django.Connections": Type(iterates=New("sql.Connection")),
        "django.dispatch.Signal": Type(),
        **{f"django.db.models.{kind}Choices": Type(extends="django.db.models.Choices") for kind in ("Text", "Integer")},
        "django.db.models.Choices": Type(),
    },
    kinds={f"django.db.models.{kind}Choices": "enum" for kind in ("Text", "Integer", "")},
    aliases={
        "django.conf.urls.url": "django.urls.re_path",
        **{f"rest_framework.routers.{name}Router": _ROUTER for name in ("Simple", "Default")},
        "django.dispatch.dispatcher": "django.dispatch",
        **{
            f"django.db.models.enums.{kind}Choices": f"django.db.models.{kind}Choices"
            for kind in ("Text", "Integer", "")
        },
        "blinker.Signal": "django.dispatch.Signal",
        "blinker.NamedSignal": "django.dispatch.Signal",
    },
)

_VERBS = ("route", "get", "post", "put", "patch", "delete")


def _served(owner: str, path: str) -> dict[str, Call]:
    """Decorators that put a function behind a path."""
    return {
        f"{owner}.{verb}": Call(
            decorates=True, effects=(Effect("serve", "http", {"name": Arg(0, path), "on": Receiver()}),)
        )
        for verb in _VERBS
    }


_SANIC = "sanic.Sanic"
_SANIC_REQUEST = New("sanic.Request")
_SANIC_LISTENERS = (
    *(f"{when}_server_{what}" for when in ("before", "after") for what in ("start", "stop")),
    *(f"{process}_{what}" for process in ("main_process", "reload_process") for what in ("start", "stop", "ready")),
)
_SANIC_CALLS = {
    _SANIC: Call(returns=_SANIC, keeps={"prefix": Arg(None, "url_prefix")}),
    f"{_SANIC}.blueprint": Call(effects=(_blueprint(Arg(0, "blueprint"), Arg(None, "url_prefix")),)),
    **{name: replace(call, supplies=(_SANIC_REQUEST,)) for name, call in _served(_SANIC, "uri").items()},
    f"{_SANIC}.add_route": Call(
        roots=(Arg(0, "handler"),),
        supplies=(_SANIC_REQUEST,),
        effects=(Effect("serve", "http", {"name": Arg(1, "uri"), "on": Receiver()}),),
    ),
    f"{_SANIC}.run": listens(Arg(1, "port", 8000)),
    **{f"{_SANIC}.{name}": Call(decorates=True, supplies=(New(_SANIC),)) for name in ("listener", *_SANIC_LISTENERS)},
    f"{_SANIC}.register_listener": Call(roots=(Arg(0, "listener"),), supplies=(New(_SANIC),)),
    **{
        f"{_SANIC}.{name}": Call(decorates=True, supplies=(_SANIC_REQUEST,))
        for name in ("middleware", "on_request", "on_response")
    },
    f"{_SANIC}.register_middleware": Call(roots=(Arg(0, "middleware"),), supplies=(_SANIC_REQUEST,)),
    f"{_SANIC}.get_app": Call(returns=_SANIC),
    "sanic.views.HTTPMethodView.as_view": Call(calls=(Callback(Receiver(), star=Rest(0), keywords=Keywords()),)),
}

OTHERS = Library(
    distribution="sanic",
    modules=(
        "sanic",
        "bottle",
        "falcon",
        "hug",
        "cherrypy",
        "robyn",
        "blacksheep",
        "connexion",
        "flask_socketio",
        "uvloop",
        "hypercorn",
        "daphne",
        "graphene",
        "graphene_django",
        "flask_graphql",
        "starlette_graphene3",
        "wsgiref",
        "cheroot",
        "eventlet",
        "spyne",
    ),
    calls={
        "wsgiref.simple_server.make_server": listens(Arg(1, "port"), Arg(2, "app")),
        **{
            f"{module}.{name}": listens(Element(Arg(0, argument)))
            for module, argument, names in (
                ("http.server", "server_address", ("HTTPServer", "ThreadingHTTPServer")),
                ("socketserver", "server_address", ("TCPServer", "ThreadingTCPServer")),
                ("xmlrpc.server", "addr", ("SimpleXMLRPCServer", "DocXMLRPCServer")),
            )
            for name in names
        },
        **{
            name: Call(effects=(Effect("listen", "http", {"port": Element(Arg(0, "listener"))}),), roots=(app,))
            for name, app in (
                ("gevent.pywsgi.WSGIServer", Arg(1, "application")),
                ("cheroot.wsgi.Server", Arg(1, "app")),
            )
        },
        # The addresses stand in its configuration, one text or a list of them (hypercorn.config.Config.bind).
        "hypercorn.config.Config": Call(returns="hypercorn.config.Config"),
        **{
            f"hypercorn.{loop}.serve": listens(
                Configured("hypercorn.config.Config", ("bind",), "127.0.0.1:8000"), Arg(0, "app")
            )
            for loop in ("asyncio", "trio")
        },
        "eventlet.listen": listens(Element(Arg(0, "addr"))),
        "eventlet.wsgi.server": Call(roots=(Arg(1, "site"),)),
        **{
            f"eventlet.{name}": Call(
                calls=(Callback(Arg(at, "func"), star=Rest(at + 1), keywords=Keywords()),), spawns=True
            )
            for name, at in (
                ("spawn", 0),
                ("spawn_n", 0),
                ("spawn_after", 1),
                ("GreenPool.spawn", 0),
                ("GreenPool.spawn_n", 0),
            )
        },
        "eventlet.GreenPool": Call(returns="eventlet.GreenPool"),
        "eventlet.GreenPool.imap": Call(calls=(Callback(Arg(0, "function"), (Element(Arg(1, "iterable")),)),)),
        "eventlet.connect": Call(effects=(Effect("request", "tcp", {"host": Element(Arg(0, "addr"))}),)),
        "spyne.client.http.HttpClient": Call(returns="zeep.Client", keeps={"host": Arg(0, "url")}),
        "flask_socketio.SocketIO": Call(returns="flask_socketio.SocketIO"),
        "flask_socketio.SocketIO.run": listens(Arg(2, "port", 5000), Arg(0, "app")),
        **{f"flask_socketio.SocketIO.{name}": Call(decorates=True) for name in ("on", "event", "on_error")},
        **{name: Call(returns=name) for name in ("tornado.web.Application", "tornado.httpserver.HTTPServer")},
        "tornado.web.Application.listen": listens(Arg(0, "port")),
        "tornado.httpserver.HTTPServer.listen": listens(Arg(0, "port")),
        "granian.Granian": listens(Arg(2, "port", 8000)),
        "asyncio.start_server": Call(
            effects=(Effect("listen", "tcp", {"port": Arg(2, "port")}),), roots=(Arg(0, "cb"),)
        ),
        **{f"spyne.{name}": Call(decorates=True) for name in ("rpc", "srpc", "mrpc")},
        **_SANIC_CALLS,
        "bottle.Bottle": Call(returns="bottle.Bottle"),
        "bottle.Bottle.run": listens(Arg(None, "port", 8080)),
        "bottle.run": listens(Arg(None, "port", 8080), Arg(0, "app")),
        **_served("bottle.Bottle", "path"),
        **_served("bottle", "path"),
        "robyn.Robyn": Call(returns="robyn.Robyn"),
        **_served("robyn.Robyn", "endpoint"),
    },
    attributes={
        **{
            f"tornado.{handler}.application": New("tornado.web.Application")
            for handler in ("web.RequestHandler", "websocket.WebSocketHandler")
        },
        f"{_SANIC}.ctx": New("sanic.Ctx"),
        "sanic.Request.app": New(_SANIC),
        "sanic.Request.ctx": New("sanic.RequestCtx"),
    },
    types={
        name: Type()
        for name in (
            _SANIC,
            "bottle.Bottle",
            "robyn.Robyn",
            "flask_socketio.SocketIO",
            "tornado.web.Application",
            "tornado.web.RequestHandler",
            "tornado.websocket.WebSocketHandler",
            "tornado.httpserver.HTTPServer",
        )
    }
    | {
        "eventlet.GreenPool": Type(client=True),
        "hypercorn.config.Config": Type(open=True),
        "sanic.Request": Type(),
        "sanic.Ctx": Type(open=True),
        "sanic.RequestCtx": Type(open=True),
        "sanic.views.HTTPMethodView": Type(hooks=dict.fromkeys(VERBS, (_SANIC_REQUEST,))),
    },
    aliases={
        "sanic.Blueprint": _SANIC,
        "sanic.app.Sanic": _SANIC,
        "sanic.blueprints.Blueprint": _SANIC,
        "sanic.request.Request": "sanic.Request",
        "robyn.SubRouter": "robyn.Robyn",
        "hypercorn.Config": "hypercorn.config.Config",
        "eventlet.greenpool.GreenPool": "eventlet.GreenPool",
        **{
            f"eventlet.green.{name}": name
            for name in ("urllib.request", "http.client", "socket", "subprocess", "ftplib")
        },
    },
)

_LITESTAR, _BY_NAME = "litestar.Litestar", "litestar.Dependencies"


def _named(of: Slot) -> Effect:
    """What is given as ``dependencies``, by the names of the parameters that it is passed to."""
    return Effect("configure", "", {"type": Fixed(_BY_NAME), "of": of})


_GIVEN = Arg(None, "dependencies")

LITESTAR = Library(
    distribution="litestar",
    modules=("litestar",),
    calls={
        _LITESTAR: Call(
            returns=_LITESTAR,
            roots=(Arg(0, "route_handlers"),),
            effects=(_named(_GIVEN),),
            calls=tuple(
                Callback(Element(Arg(None, name)), (New(_LITESTAR),))
                for name in ("on_startup", "on_shutdown", "lifespan")
            ),
        ),
        "litestar.Router": Call(roots=(Arg(None, "route_handlers"),), effects=(_named(_GIVEN),)),
        **{
            name: replace(call, effects=(*call.effects, _named(_GIVEN)), by_name=_BY_NAME)
            for name, call in _served("litestar", "path").items()
        },
        "litestar.di.Provide": Call(
            returns="litestar.di.Provide",
            keeps={"dependency": Arg(0, "dependency")},
            roots=(Arg(0, "dependency"),),
            by_name=_BY_NAME,
        ),
    },
    types={
        _LITESTAR: Type(),
        "litestar.di.Provide": Type(),
        "litestar.Controller": Type(defines=(_named(Own("dependencies")),)),
        "litestar.Request": Type(),
        "litestar.State": Type(open=True),
    },
    attributes={
        f"{_LITESTAR}.state": New("litestar.State"),
        "litestar.Request.app": New(_LITESTAR),
        "litestar.Request.state": New("litestar.State"),
    },
    aliases={
        "litestar.Provide": "litestar.di.Provide",
        "litestar.datastructures.State": "litestar.State",
        "litestar.connection.Request": "litestar.Request",
        "litestar.controller.Controller": "litestar.Controller",
        "litestar.app.Litestar": _LITESTAR,
        **{f"litestar.handlers.{verb}": f"litestar.{verb}" for verb in _VERBS},
    },
)

_INFO = "strawberry.Info"
_RESOLVERS = tuple(f"ariadne.{name}" for name in ("QueryType", "MutationType", "ObjectType", "SubscriptionType"))
_RESOLVES = Call(decorates=True, supplies=(Fixed(None), New(_INFO)))

GRAPHQL = Library(
    distribution="strawberry-graphql",
    modules=("strawberry", "ariadne"),
    calls={
        **{
            f"strawberry.{name}.GraphQLRouter": Call(
                calls=(Callback(Arg(None, "context_getter"), becomes=f"{_INFO}.context"),)
            )
            for name in ("fastapi", "litestar")
        },
        **{name: Call(returns=name) for name in _RESOLVERS},
        **{f"{name}.{method}": _RESOLVES for name in _RESOLVERS for method in ("field", "source")},
        f"{_RESOLVERS[0]}.set_field": Call(roots=(Arg(1, "resolver"),), supplies=(Fixed(None), New(_INFO))),
        "ariadne.asgi.GraphQL": Call(
            calls=(Callback(Arg(None, "context_value"), (New("fastapi.Request"),), becomes=f"{_INFO}.context"),)
        ),
    },
    types={_INFO: Type(), **{name: Type() for name in _RESOLVERS}},
    aliases={
        "strawberry.types.Info": _INFO,
        "strawberry.types.info.Info": _INFO,
        "ariadne.asgi.handlers.GraphQL": "ariadne.asgi.GraphQL",
    },
)
"""What resolvers are given as their context is what the application's context getter makes."""

LIBRARIES = (FLASK, DJANGO, OTHERS, LITESTAR, GRAPHQL)
