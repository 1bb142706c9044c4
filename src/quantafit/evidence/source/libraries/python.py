"""Python's own library: the environment, threads and event loops, and the modules that reach out."""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Element,
    Fixed,
    Kept,
    Keywords,
    Library,
    New,
    Own,
    Receiver,
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
    attributes={"sys.executable": Fixed("python")},
    calls={
        "shutil.which": Call(returns=Arg(0, "cmd")),
        "os.environ.__getitem__": Call(returns=Variable(Arg(0, "key"))),
        **{
            f"os.{name}": Call(effects=(Effect("request", "shell", {"command": Arg(0, "command")}),))
            for name in ("system", "popen")
        },
        **{
            f"os.{name}": Call(effects=(Effect("request", "shell", {"command": Rest(0)}),))
            for name in ("execl", "execlp", "execle", "execlpe", "startfile")
        },
        **{
            f"os.{name}": Call(effects=(Effect("request", "shell", {"command": Arg(1, "args")}),))
            for name in ("execv", "execvp", "execve", "execvpe", "posix_spawn", "posix_spawnp")
        },
        **{
            f"os.{name}": Call(effects=(Effect("request", "shell", {"command": Rest(2)}),))
            for name in ("spawnl", "spawnlp", "spawnle", "spawnlpe")
        },
        **{
            f"os.{name}": Call(effects=(Effect("request", "shell", {"command": Arg(2, "args")}),))
            for name in ("spawnv", "spawnvp", "spawnve", "spawnvpe")
        },
        "pty.spawn": Call(effects=(Effect("request", "shell", {"command": Arg(0, "argv")}),)),
    },
)

ASYNCIO = Library(
    distribution="python",
    modules=(
        "asyncio",
        "threading",
        "concurrent",
        "multiprocessing",
        "anyio",
        "trio",
        "sched",
        "atexit",
        "signal",
        "weakref",
    ),
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
        "asyncio.run_coroutine_threadsafe": _SPAWNED,
        "asyncio.wait": Call(returns=Arg(0, "aws")),
        "asyncio.open_connection": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "host")}),)),
        "asyncio.Loop.create_connection": Call(effects=(Effect("request", "tcp", {"host": Arg(1, "host")}),)),
        "asyncio.open_unix_connection": Call(effects=(Effect("request", "unix", {"host": Arg(0, "path")}),)),
        **{
            f"asyncio.Loop.{name}": Call(effects=(Effect("request", mechanism, {slot: where}),))
            for name, mechanism, slot, where in (
                ("create_datagram_endpoint", "udp", "host", Arg(2, "remote_addr")),
                ("create_unix_connection", "unix", "host", Arg(1, "path")),
                ("sock_connect", "tcp", "host", Arg(1, "address")),
                ("sock_sendto", "udp", "host", Arg(2, "address")),
                ("subprocess_shell", "shell", "command", Arg(1, "cmd")),
                ("subprocess_exec", "shell", "command", Rest(1)),
            )
        },
        "multiprocessing.connection.Client": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "address")}),)),
        "multiprocessing.managers.BaseManager": Call(
            returns="multiprocessing.managers.BaseManager", keeps={"host": Arg(0, "address")}
        ),
        "multiprocessing.managers.BaseManager.connect": Call(
            effects=(Effect("request", "tcp", {"host": Kept("host")}),)
        ),
        "asyncio.create_subprocess_shell": Call(effects=(Effect("request", "shell", {"command": Arg(0, "cmd")}),)),
        "asyncio.create_subprocess_exec": Call(effects=(Effect("request", "shell", {"command": Rest(0)}),)),
        "anyio.run_process": Call(effects=(Effect("request", "shell", {"command": Arg(0, "command")}),)),
        "anyio.connect_tcp": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "remote_host")}),)),
        **dict.fromkeys(
            ("anyio.to_thread.run_sync", "anyio.from_thread.run", "anyio.from_thread.run_sync", "anyio.run"),
            Call(calls=(_FIRST_WITH_REST,)),
        ),
        "anyio.create_task_group": Call(returns="anyio.TaskGroup"),
        **dict.fromkeys(
            ("anyio.TaskGroup.start_soon", "anyio.TaskGroup.start"), Call(calls=(_FIRST_WITH_REST,), spawns=True)
        ),
        "weakref.finalize": Call(calls=(Callback(Arg(1, "func"), star=Rest(2), keywords=Keywords()),)),
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
            f"asyncio.Loop.{name}": Call(calls=(Callback(Arg(at, "callback"), star=Rest(at + 1)),), spawns=True)
            for name, at in (
                ("call_soon", 0),
                ("call_soon_threadsafe", 0),
                ("call_later", 1),
                ("call_at", 1),
                ("add_signal_handler", 1),
            )
        },
        "threading.Thread": Call(returns="threading.Thread", calls=(_TARGET,), spawns=True),
        "threading.Thread.start": Call(calls=(Callback(Own("run")),), spawns=True),
        "atexit.register": Call(calls=(Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords()),)),
        "signal.signal": Call(calls=(Callback(Arg(1, "handler")),)),
        "threading.local": Call(returns="threading.local"),
        "threading.Timer": Call(
            returns="threading.Thread",
            calls=(Callback(Arg(1, "function"), star=Arg(2, "args"), keywords=Arg(3, "kwargs")),),
            spawns=True,
        ),
        "multiprocessing.Process": Call(returns="threading.Thread", calls=(_TARGET,), spawns=True),
        "concurrent.futures.ThreadPoolExecutor": Call(returns=_POOL),
        "concurrent.futures.ProcessPoolExecutor": Call(returns=_POOL),
        f"{_POOL}.submit": Call(
            calls=(Callback(Arg(0, "fn"), star=Rest(1), keywords=Keywords(), result=True),), spawns=True
        ),
        f"{_POOL}.map": Call(calls=(Callback(Arg(0, "fn"), (Element(Arg(1, "iterable")),)),)),
        "multiprocessing.Pool": Call(returns="multiprocessing.Pool", calls=(_INITIALISER,)),
        **{
            f"multiprocessing.Pool.{name}": Call(
                calls=(Callback(Arg(0, "func"), star=Arg(1, "args"), keywords=Arg(2, "kwds"), result=True),),
                spawns=name != "apply",
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
        "anyio.TaskGroup": Type(),
        # What starts one runs it.
        "threading.Thread": Type(hooks={"run": ()}),
        "threading.Timer": Type(extends="threading.Thread"),
        "multiprocessing.Process": Type(extends="threading.Thread"),
        "threading.local": Type(open=True),
        "multiprocessing.Pool": Type(),
        "multiprocessing.managers.BaseManager": Type(),
        _POOL: Type(),
    },
    aliases={
        "asyncio.get_running_loop": "asyncio.get_event_loop",
        "asyncio.new_event_loop": "asyncio.get_event_loop",
        "asyncio.AbstractEventLoop": "asyncio.Loop",
        "asyncio.as_completed": "asyncio.gather",
        "trio": "anyio",
        "anyio.open_nursery": "anyio.create_task_group",
        "anyio.open_process": "anyio.run_process",
        "anyio.open_tcp_stream": "anyio.connect_tcp",
        "anyio.abc.TaskGroup": "anyio.TaskGroup",
        "multiprocessing.pool.Pool": "multiprocessing.Pool",
        "multiprocessing.pool.ThreadPool": "multiprocessing.Pool",
        "multiprocessing.dummy.Pool": "multiprocessing.Pool",
        "multiprocessing.context.Process": "multiprocessing.Process",
        "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    },
)

_HOST = {"host": Arg(0, "host")}
_BY_TCP = Effect("request", "tcp", _HOST)

REACHING = Library(
    distribution="python",
    modules=(
        "urllib",
        "http",
        "socket",
        "ssl",
        "subprocess",
        "xml",
        "xmlrpc",
        "smtplib",
        "ftplib",
        "telnetlib",
        "imaplib",
        "poplib",
        "nntplib",
        "webbrowser",
        "pty",
        "ctypes",
        "cffi",
    ),
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
        "http.client.HTTPConnection.putrequest": Call(
            effects=(Effect("request", "http", {"host": Kept("host"), "path": Arg(1, "url")}),)
        ),
        "http.client.HTTPConnection.getresponse": Call(),
        "socket.create_connection": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "address")}),)),
        "asyncio.open_connection": Call(effects=(_BY_TCP,)),
        "asyncio.create_subprocess_exec": Call(effects=(Effect("request", "shell", {"command": Rest(0)}),)),
        "asyncio.create_subprocess_shell": Call(effects=(Effect("request", "shell", {"command": Arg(0, "cmd")}),)),
        "socket.socket": Call(returns="socket.socket"),
        **{
            f"socket.socket.{name}": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "address")}),))
            for name in ("connect", "connect_ex")
        },
        "socket.socket.sendto": Call(effects=(Effect("request", "udp", {"host": Arg(1, "address")}),)),
        "ftplib.FTP": Call(
            returns="ftplib.FTP", effects=(Effect("request", "ftp", {"host": Arg(0, "host")}, when=Arg(0, "host")),)
        ),
        "ftplib.FTP.connect": Call(effects=(Effect("request", "ftp", {"host": Arg(0, "host")}),)),
        **{
            name: Call(returns=name, effects=(Effect("request", mechanism, {"host": Arg(0, "host")}),))
            for name, mechanism in (("imaplib.IMAP4", "imap"), ("poplib.POP3", "pop"), ("nntplib.NNTP", "nntp"))
        },
        "telnetlib.Telnet": Call(
            returns="telnetlib.Telnet",
            effects=(Effect("request", "tcp", {"host": Arg(0, "host")}, when=Arg(0, "host")),),
        ),
        "telnetlib.Telnet.open": Call(effects=(_BY_TCP,)),
        "smtplib.SMTP.connect": Call(effects=(Effect("request", "smtp", {"host": Arg(0, "host")}),)),
        "ssl.get_server_certificate": Call(effects=(Effect("request", "tcp", {"host": Arg(0, "addr")}),)),
        **{
            f"webbrowser.{name}": Call(effects=(Effect("request", "http", {"url": Arg(0, "url")}),))
            for name in ("open", "open_new", "open_new_tab")
        },
        **{
            name: Call(effects=(Effect("request", "http", {"location": Arg(0, argument)}),))
            for name, argument in (("xml.sax.parse", "source"), ("xml.dom.pulldom.parse", "stream_or_string"))
        },
        **{f"urllib.request.{name}": Call(returns="urllib.request.Opener") for name in ("URLopener", "FancyURLopener")},
        "urllib.request.Opener.retrieve": Call(effects=(Effect("request", "http", {"url": Arg(0, "url")}),)),
        "urllib.robotparser.RobotFileParser": Call(
            returns="urllib.robotparser.RobotFileParser", keeps={"url": Arg(0, "url")}
        ),
        "urllib.robotparser.RobotFileParser.set_url": Call(
            effects=(Effect("request", "http", {"url": Arg(0, "url")}),)
        ),
        "urllib.robotparser.RobotFileParser.read": Call(
            effects=(Effect("request", "http", {"url": Kept("url")}, when=Kept("url")),)
        ),
        **{name: Call(returns="ctypes.CDLL") for name in ("ctypes.CDLL", "cffi.FFI.dlopen")},
        "cffi.FFI": Call(returns="cffi.FFI"),
        "urllib.request.build_opener": Call(returns="urllib.request.Opener"),
        "urllib.request.OpenerDirector": Call(returns="urllib.request.Opener"),
        "urllib.request.Opener.add_handler": Call(),
        "urllib.request.Opener.open": Call(effects=(Effect("request", "http", {"url": Arg(0, "fullurl")}),)),
        "smtplib.SMTP": Call(
            returns="smtplib.SMTP", effects=(Effect("request", "smtp", {"host": Arg(0, "host")}, when=Arg(0, "host")),)
        ),
        "xmlrpc.client.ServerProxy": Call(returns="xmlrpc.client.ServerProxy", keeps={"url": Arg(0, "uri")}),
        **{
            f"subprocess.{name}": Call(effects=(Effect("request", "shell", {"command": Arg(0, "args")}),))
            for name in ("run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput")
        },
    },
    types={
        "http.client.HTTPConnection": Type(),
        "xmlrpc.client.ServerProxy": Type(client=True),
        "smtplib.SMTP": Type(),
        "socket.socket": Type(),
        "ftplib.FTP": Type(),
        "imaplib.IMAP4": Type(),
        "poplib.POP3": Type(),
        "telnetlib.Telnet": Type(),
        "urllib.request.Opener": Type(),
        "urllib.robotparser.RobotFileParser": Type(),
        "nntplib.NNTP": Type(),
        # A library in machine code: nobody here can tell what its functions do.
        "ctypes.CDLL": Type(client=True),
        "cffi.FFI": Type(),
    },
    aliases={
        **{f"ctypes.{name}": "ctypes.CDLL" for name in ("PyDLL", "WinDLL", "OleDLL", "cdll.LoadLibrary")},
        "ftplib.FTP_TLS": "ftplib.FTP",
        "nntplib.NNTP_SSL": "nntplib.NNTP",
        "imaplib.IMAP4_SSL": "imaplib.IMAP4",
        "poplib.POP3_SSL": "poplib.POP3",
        "http.client.HTTPSConnection": "http.client.HTTPConnection",
        "smtplib.SMTP_SSL": "smtplib.SMTP",
    },
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
        "typing.NewType": Call(returns="typing.NewType", keeps={"name": Arg(0, "name")}),
        "typing.NewType.__call__": Call(returns=Arg(0, "value")),
        "dataclasses.dataclass": Call(returns="dataclasses.dataclass"),
        "dataclasses.field": Call(
            returns="dataclasses.Field",
            keeps={"default": Arg(None, "default"), "factory": Arg(None, "default_factory")},
        ),
        "dataclasses.asdict": Call(returns=Arg(0, "obj")),
    },
    types={"dataclasses.Field": Type(), "dataclasses.dataclass": Type(), "typing.NewType": Type()},
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
        "attr.asdict": Call(returns=Arg(0, "inst")),
    },
    types={**{name: Type() for name in _RECORDS}, "attrs.Field": Type()},
    aliases={f"attrs.{name}": f"attr.{name}" for name in ("Factory", "asdict")},
)

_SYSLOG = Arg(0, "address")

LOGGING = Library(
    distribution="python",
    modules=("logging",),
    calls={
        f"logging.handlers.{name}": Call(effects=(Effect("request", mechanism, {"host": Arg(0, "host")}),))
        for name, mechanism in (("HTTPHandler", "http"), ("SocketHandler", "tcp"), ("DatagramHandler", "udp"))
    }
    | {
        "logging.handlers.SysLogHandler": Call(effects=(Effect("request", "syslog", {"host": _SYSLOG}, when=_SYSLOG),)),
        "logging.handlers.SMTPHandler": Call(effects=(Effect("request", "smtp", {"host": Arg(0, "mailhost")}),)),
    },
    inert=True,
)

RETRYING = Library(
    distribution="tenacity",
    modules=("tenacity",),
    calls={
        "tenacity.Retrying": Call(returns="tenacity.Retrying"),
        "tenacity.Retrying.__call__": Call(calls=(_FIRST_WITH_REST,)),
        "tenacity.Retrying.call": Call(calls=(_FIRST_WITH_REST,)),
    },
    types={"tenacity.Retrying": Type()},
    aliases={"tenacity.AsyncRetrying": "tenacity.Retrying"},
    inert=True,
)

SCHEDULE = Library(
    distribution="schedule",
    modules=("schedule",),
    calls={
        "schedule.every": Call(returns="schedule.Job"),
        "schedule.Job.do": Call(calls=(Callback(Arg(0, "job_func"), star=Rest(1), keywords=Keywords()),)),
        **dict.fromkeys(("schedule.run_pending", "schedule.clear", "schedule.idle_seconds"), Call()),
    },
    types={"schedule.Job": Type(fluent=True)},
    attributes={
        f"schedule.Job.{unit}{end}": Receiver()
        for unit in ("second", "minute", "hour", "day", "week")
        for end in ("", "s")
    }
    | {f"schedule.Job.{day}day": Receiver() for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")},
)

TEXTS = Library(
    distribution="python",
    modules=("string",),
    calls={"string.Template": Call(returns="string.Template", keeps={"template": Arg(0, "template")})},
    types={"string.Template": Type()},
    inert=True,
)

LIBRARIES = (
    ENVIRONMENT, ASYNCIO, REACHING, TYPES, ATTRS, CONTEXTS, QUEUES, EXPRESSIONS, TEXTS, LOGGING, RETRYING, SCHEDULE,
)  # fmt: skip
