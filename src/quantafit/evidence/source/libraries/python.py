"""Python's own library: the environment, threads and event loops, and the modules that reach out."""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Element,
    Kept,
    Keywords,
    Library,
    New,
    Rest,
    Type,
    Url,
    Variable,
)

_TARGET = Callback(Arg(1, "target"), star=Arg(3, "args"), keywords=Arg(4, "kwargs"))
_FIRST_WITH_REST = Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords(), result=True)
_INITIALISER = Callback(Arg(1, "initializer"), star=Arg(2, "initargs"))
_SAME = Call(returns=Arg(0, "coro"))
_SPAWNED = Call(returns=Arg(0, "coro"), spawns=True)
_POOL = "concurrent.futures.Executor"

ENVIRONMENT = Library(
    distribution="python",
    modules=("os",),
    aliases={"os.environb": "os.environ"},
    calls={
        "os.environ.__getitem__": Call(returns=Variable(Arg(0, "key"))),
        "os.system": Call(effects=(Effect("request", "shell", {"command": Arg(0, "command")}),)),
    },
)

ASYNCIO = Library(
    distribution="python",
    modules=("asyncio", "threading", "concurrent", "multiprocessing", "anyio", "sched", "atexit", "signal"),
    calls={
        "asyncio.run": Call(returns=Arg(0, "main")),
        "asyncio.create_task": _SPAWNED,
        "asyncio.ensure_future": _SPAWNED,
        "asyncio.wait_for": Call(returns=Arg(0, "fut")),
        "asyncio.shield": _SAME,
        "asyncio.timeout": Call(returns="asyncio.Timeout"),
        "asyncio.gather": Call(returns=Rest(0)),
        "asyncio.to_thread": Call(calls=(_FIRST_WITH_REST,)),
        "asyncio.sleep": Call(),
        "asyncio.get_event_loop": Call(returns="asyncio.Loop"),
        "asyncio.TaskGroup": Call(returns="asyncio.TaskGroup"),
        "asyncio.TaskGroup.create_task": _SPAWNED,
        "asyncio.Future": Call(returns="asyncio.Future"),
        "asyncio.Loop.create_future": Call(returns="asyncio.Future"),
        "asyncio.Loop.run_until_complete": _SAME,
        "asyncio.Loop.create_task": _SPAWNED,
        "asyncio.Loop.run_in_executor": Call(
            calls=(Callback(Arg(1, "func"), star=Rest(2), keywords=Keywords(), result=True),)
        ),
        **{
            f"asyncio.Loop.{name}": Call(calls=(Callback(Arg(at, "callback"), star=Rest(at + 1)),))
            for name, at in (
                ("call_soon", 0),
                ("call_soon_threadsafe", 0),
                ("call_later", 1),
                ("call_at", 1),
                ("add_signal_handler", 1),
            )
        },
        "threading.Thread": Call(returns="threading.Thread", calls=(_TARGET,), spawns=True),
        "atexit.register": Call(calls=(Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords()),)),
        "signal.signal": Call(calls=(Callback(Arg(1, "handler")),)),
        "threading.local": Call(returns="threading.local"),
        "threading.Timer": Call(
            returns="threading.Thread",
            calls=(Callback(Arg(1, "function"), star=Arg(2, "args"), keywords=Arg(3, "kwargs")),),
        ),
        "multiprocessing.Process": Call(returns="threading.Thread", calls=(_TARGET,)),
        "concurrent.futures.ThreadPoolExecutor": Call(returns=_POOL),
        "concurrent.futures.ProcessPoolExecutor": Call(returns=_POOL),
        f"{_POOL}.submit": Call(
            calls=(Callback(Arg(0, "fn"), star=Rest(1), keywords=Keywords(), result=True),), spawns=True
        ),
        f"{_POOL}.map": Call(calls=(Callback(Arg(0, "fn"), (Element(Arg(1, "iterable")),)),)),
        "multiprocessing.Pool": Call(returns="multiprocessing.Pool", calls=(_INITIALISER,)),
        **{
            f"multiprocessing.Pool.{name}": Call(
                calls=(Callback(Arg(0, "func"), star=Arg(1, "args"), keywords=Arg(2, "kwds"), result=True),)
            )
            for name in ("apply", "apply_async")
        },
        **{
            f"multiprocessing.Pool.{name}": Call(calls=(Callback(Arg(0, "func"), (Element(Arg(1, "iterable")),)),))
            for name in ("map", "map_async", "imap", "imap_unordered")
        },
        **{
            f"multiprocessing.Pool.{name}": Call(calls=(Callback(Arg(0, "func"), star=Element(Arg(1, "iterable"))),))
            for name in ("starmap", "starmap_async")
        },
    },
    types={
        "asyncio.Future": Type(),
        "asyncio.Loop": Type(),
        "asyncio.TaskGroup": Type(),
        "asyncio.Timeout": Type(),
        "threading.Thread": Type(),
        "threading.local": Type(open=True),
        "multiprocessing.Pool": Type(),
        _POOL: Type(),
    },
    aliases={
        "asyncio.get_running_loop": "asyncio.get_event_loop",
        "asyncio.new_event_loop": "asyncio.get_event_loop",
        "asyncio.AbstractEventLoop": "asyncio.Loop",
        "asyncio.as_completed": "asyncio.gather",
        "multiprocessing.pool.Pool": "multiprocessing.Pool",
        "multiprocessing.pool.ThreadPool": "multiprocessing.Pool",
        "multiprocessing.dummy.Pool": "multiprocessing.Pool",
        "multiprocessing.context.Process": "multiprocessing.Process",
        "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    },
)

_HOST = {"host": Arg(0, "host")}

REACHING = Library(
    distribution="python",
    modules=("urllib", "http", "socket", "subprocess", "xmlrpc", "smtplib", "ftplib", "telnetlib"),
    calls={
        "urllib.request.urlopen": Call(effects=(Effect("request", "http", {"url": Arg(0, "url")}),)),
        "urllib.request.urlretrieve": Call(effects=(Effect("request", "http", {"url": Arg(0, "url")}),)),
        "urllib.request.Request": Call(returns=Arg(0, "url")),
        "urllib.parse.urljoin": Call(returns=Url(Arg(0, "base"), Arg(1, "url"))),
        "urllib.parse.urlsplit": Call(returns=Arg(0, "url")),
        "urllib.parse.urlparse": Call(returns=Arg(0, "url")),
        "http.client.HTTPConnection": Call(returns="http.client.HTTPConnection", keeps=_HOST),
        "http.client.HTTPConnection.request": Call(
            effects=(Effect("request", "http", {"host": Kept("host"), "path": Arg(1, "url")}),)
        ),
        "http.client.HTTPConnection.getresponse": Call(),
        "socket.create_connection": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "address")}),)),
        "smtplib.SMTP": Call(returns="smtplib.SMTP", effects=(Effect("request", "smtp", {"host": Arg(0, "host")}),)),
        "xmlrpc.client.ServerProxy": Call(returns="xmlrpc.client.ServerProxy", keeps={"url": Arg(0, "uri")}),
        **{
            f"subprocess.{name}": Call(effects=(Effect("request", "shell", {"command": Arg(0, "args")}),))
            for name in ("run", "call", "check_call", "check_output", "Popen")
        },
    },
    types={
        "http.client.HTTPConnection": Type(),
        "xmlrpc.client.ServerProxy": Type(client=True),
        "smtplib.SMTP": Type(),
    },
    aliases={"http.client.HTTPSConnection": "http.client.HTTPConnection", "smtplib.SMTP_SSL": "smtplib.SMTP"},
)

TYPES = Library(
    distribution="python",
    modules=("typing", "typing_extensions", "enum", "abc", "dataclasses", "collections"),
    kinds={
        "enum.Enum": "enum",
        "enum.StrEnum": "enum",
        "enum.IntEnum": "enum",
        "typing.Protocol": "protocol",
        "typing.NamedTuple": "record",
        "typing.TypedDict": "record",
        "dataclasses.dataclass": "record",
    },
    calls={
        "dataclasses.dataclass": Call(returns="dataclasses.dataclass"),
        "dataclasses.field": Call(
            returns="dataclasses.Field",
            keeps={"default": Arg(None, "default"), "factory": Arg(None, "default_factory")},
        ),
        "dataclasses.asdict": Call(returns=Arg(0, "obj")),
        "dataclasses.replace": Call(returns=Arg(0, "obj")),
    },
    types={"dataclasses.Field": Type(), "dataclasses.dataclass": Type()},
    aliases={"typing_extensions": "typing", "collections.abc": "typing"},
)

CONTEXTS = Library(
    distribution="python",
    modules=("contextlib",),
    calls={
        "contextlib.ExitStack": Call(returns="contextlib.ExitStack"),
        "contextlib.ExitStack.enter_context": Call(returns=Arg(0, "cm")),
        "contextlib.ExitStack.enter_async_context": Call(returns=Arg(0, "cm")),
        "contextlib.ExitStack.callback": Call(calls=(Callback(Arg(0, "callback"), star=Rest(1), keywords=Keywords()),)),
        "contextlib.ExitStack.push_async_callback": Call(
            calls=(Callback(Arg(0, "callback"), star=Rest(1), keywords=Keywords()),)
        ),
    },
    types={"contextlib.ExitStack": Type()},
    aliases={"contextlib.AsyncExitStack": "contextlib.ExitStack"},
)

QUEUES = Library(distribution="python", modules=("queue",), inert=True)
"""A queue within the process is a list: what is put into it comes out of it."""

_SUBSTITUTED = New("re.Substituted", {"pattern": Arg(0, "pattern"), "text": Arg(2, "string")})

EXPRESSIONS = Library(
    distribution="python",
    modules=("re",),
    calls={
        "re.sub": Call(returns=_SUBSTITUTED),
        "re.subn": Call(returns=_SUBSTITUTED),
        "re.compile": Call(returns="re.Pattern", keeps={"pattern": Arg(0, "pattern")}),
        "re.Pattern.sub": Call(
            returns=New("re.Substituted", {"pattern": Kept("pattern"), "text": Arg(1, "string")}),
        ),
    },
    types={"re.Substituted": Type(fluent=True), "re.Pattern": Type()},
    inert=True,
)

_FIELD = Call(returns="attrs.Field", keeps={"default": Arg(None, "default"), "factory": Arg(None, "factory")})
_RECORDS = ("attr.s", "attr.attrs", "attr.dataclass", "attr.define", "attr.frozen", "attr.mutable",
            "attrs.define", "attrs.frozen", "attrs.mutable")  # fmt: skip

ATTRS = Library(
    distribution="attrs",
    modules=("attr", "attrs"),
    kinds=dict.fromkeys(_RECORDS, "record"),
    calls={
        **{name: Call(returns=name) for name in _RECORDS},
        **dict.fromkeys(("attr.ib", "attr.attrib", "attr.field", "attrs.field"), _FIELD),
        "attr.Factory": Call(returns="attrs.Field", keeps={"factory": Arg(0, "factory")}),
        "attr.evolve": Call(returns=Arg(0, "inst")),
        "attr.asdict": Call(returns=Arg(0, "inst")),
    },
    types={**{name: Type() for name in _RECORDS}, "attrs.Field": Type()},
    aliases={f"attrs.{name}": f"attr.{name}" for name in ("Factory", "evolve", "asdict")},
)

TEXTS = Library(
    distribution="python",
    modules=("string",),
    calls={"string.Template": Call(returns="string.Template", keeps={"template": Arg(0, "template")})},
    types={"string.Template": Type()},
    inert=True,
)

LIBRARIES = (TEXTS, ATTRS, ENVIRONMENT, ASYNCIO, REACHING, TYPES, CONTEXTS, QUEUES, EXPRESSIONS)
