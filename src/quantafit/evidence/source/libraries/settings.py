"""Libraries that read settings: from the environment, from files, from the command line.

Read in environs 14.1, django-environ 0.12, python-decouple 3.8, Dynaconf 3.2, click 8.2 and typer 0.16. What a
table cannot say of them is in ``evidence/source/settings.py``.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Configured,
    Library,
    New,
    Type,
    Variable,
)

# fmt: off
_CASTS = (
    "__call__", "str", "url", "bool", "int", "float", "decimal", "bytes", "path", "uuid", "log_level", "enum", "date",
    "datetime", "time", "timedelta",
)
_REST = ("read_env", "seal", "list", "dict", "json", "dj_db_url", "dj_email_url", "dj_cache_url", "parser_for")
_DJANGO = (
    "db", "db_url", "cache", "cache_url", "email", "email_url", "search_url", "channels", "channels_url", "list",
    "dict", "json", "tuple", "read_env",
)
# fmt: on

ENVIRONS = Library(
    distribution="environs",
    modules=("environs",),
    calls={
        "environs.Env": Call(returns="environs.Env"),
        **{
            f"environs.Env.{cast}": Call(returns=Variable(Arg(0, "name"), Arg(1, "default"), prefixed=True))
            for cast in _CASTS
        },
        "environs.Env.prefixed": Call(returns="environs.Prefix", keeps={"prefix": Arg(0, "prefix")}),
        **plain("environs.Env", _REST),
        "environs.env": Call(returns="environs.Env"),
    },
    types={"environs.Env": Type(), "environs.Prefix": Type()},
    inert=True,
)

DJANGO_ENVIRON = Library(
    distribution="django-environ",
    modules=("environ",),
    calls={
        "environ.Env": Call(returns="environ.Env"),
        "environ.Env.__call__": Call(returns=Variable(Arg(0, "var"), Arg(2, "default"))),
        **{
            f"environ.Env.{cast}": Call(returns=Variable(Arg(0, "var"), Arg(None, "default")))
            for cast in ("str", "url", "bool", "int", "float", "bytes", "unicode", "path")
        },
        **plain("environ.Env", _DJANGO),
        "environ.Path": Call(),
    },
    types={"environ.Env": Type()},
    aliases={"environ.FileAwareEnv": "environ.Env"},
    inert=True,
)

_DECOUPLED = Call(returns=Variable(Arg(0, "option"), Arg(1, "default")))
DECOUPLE = Library(
    distribution="python-decouple",
    modules=("decouple", "prettyconf"),
    calls={
        "decouple.config": _DECOUPLED,
        "decouple.Config": Call(returns="decouple.Config"),
        "decouple.Config.__call__": _DECOUPLED,
        "decouple.Config.get": _DECOUPLED,
        **{
            f"decouple.{name}": Call()
            for name in ("RepositoryEnv", "RepositoryIni", "RepositorySecret", "Csv", "Choices")
        },
    },
    types={"decouple.Config": Type()},
    aliases={"decouple.AutoConfig": "decouple.Config", "prettyconf.config": "decouple.config"},
    inert=True,
)

DYNACONF = Library(
    distribution="dynaconf",
    modules=("dynaconf",),
    calls={
        "dynaconf.Dynaconf": Call(
            returns="dynaconf.Dynaconf",
            keeps={"prefix": Arg(None, "envvar_prefix"), "files": Arg(None, "settings_files")},
        ),
        **plain("dynaconf.Dynaconf", ("validators", "reload", "validate")),
        "dynaconf.Validator": Call(),
    },
    types={"dynaconf.Dynaconf": Type()},
    attributes={"dynaconf.settings": New("dynaconf.Dynaconf")},
    aliases={"dynaconf.LazySettings": "dynaconf.Dynaconf"},
    inert=True,
)

COMMAND_LINES = Library(
    distribution="python",
    modules=("argparse", "configparser"),
    calls={
        "argparse.ArgumentParser": Call(returns="argparse.ArgumentParser"),
        **plain(
            "argparse.ArgumentParser",
            ("add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser"),
            "argparse.ArgumentParser",
        ),
        **plain(
            "argparse.ArgumentParser", ("set_defaults", "print_help", "error", "exit", "print_usage", "format_help")
        ),
        "configparser.ConfigParser": Call(returns="configparser.ConfigParser"),
        **plain("configparser.ConfigParser", ("sections", "items", "has_section")),
        "quantafit.File.read": Call(),
    },
    types={
        "argparse.ArgumentParser": Type(),
        "argparse.Namespace": Type(open=True),
        "configparser.ConfigParser": Type(),
        "quantafit.File": Type(fluent=True),
    },
    aliases={
        "configparser.RawConfigParser": "configparser.ConfigParser",
        "configparser.SafeConfigParser": "configparser.ConfigParser",
    },
    inert=True,
)

_CONTEXT = "click.Context"
_OBJECT = Configured(_CONTEXT, ("obj",))
_OF_CLICK = ("option", "argument", "pass_context", "pass_obj", "get_current_context", "Context")

CLICK = Library(
    distribution="click",
    modules=("click", "typer", "asyncclick", "rich_click"),
    calls={
        **{f"click.{name}": Call(decorates=True) for name in ("option", "argument")},
        "click.pass_context": Call(decorates=True, supplies=(New(_CONTEXT),)),
        "click.pass_obj": Call(decorates=True, supplies=(_OBJECT,)),
        "click.get_current_context": Call(returns=_CONTEXT),
        f"{_CONTEXT}.ensure_object": Call(
            calls=(Callback(Arg(0, "object_type"), becomes=f"{_CONTEXT}.obj", result=True),)
        ),
        f"{_CONTEXT}.find_object": Call(returns=_OBJECT),
    },
    types={_CONTEXT: Type(), "click.Meta": Type(open=True), "click.Object": Type(open=True)},
    attributes={f"{_CONTEXT}.meta": New("click.Meta"), f"{_CONTEXT}.obj": New("click.Object")},
    aliases={
        "typer.Context": _CONTEXT,
        **{f"{module}.{name}": f"click.{name}" for module in ("asyncclick", "rich_click") for name in _OF_CLICK},
    },
    inert=True,
)
"""What a command puts on its context is there for the commands below it."""

LIBRARIES = (ENVIRONS, DJANGO_ENVIRON, DECOUPLE, DYNACONF, COMMAND_LINES, CLICK)
