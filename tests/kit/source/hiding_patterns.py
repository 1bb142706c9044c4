"""The ways in which code hides a call, as texts: for a request, two kinds of publish, and a store.

``outcome`` says what becomes of one way with one call. The tests hold every cell of that matrix to what it must be, and
``docs/generate.py`` writes it down as a page. Each way has a look-alike: the same shape around a call of the program's
own that reaches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from source_trees import BILLING_CONSUMES_JOBS, Seen, see


@dataclass(frozen=True)
class Reach:
    """A library call that the patterns hide.

    ``module`` and ``maker`` name what makes the client; ``client`` is the expression for one, given the maker;
    ``method`` and ``args`` are the call on it, ``runs`` what the call is wrapped in.
    """

    name: str
    module: str
    maker: str
    client: str
    type: str
    method: str
    args: str
    could_be: str
    prelude: str = ""
    runs: str = "{}"
    library: str = ""

    def fill(self, template: str) -> str:
        """The pattern with this call in it."""
        made = self.client.replace("MAKER", f"{self.module}.{self.maker}")
        text = template
        for word, value in (
            ("PRELUDE", self.prelude),
            ("CLIENT", made),
            ("TYPE", self.type),
            ("MODULE", self.module),
            ("METHOD", self.method),
            ("ARGS", self.args),
        ):
            text = text.replace(word, value)
        while "RUN(" in text:
            head, _, rest = text.partition("RUN(")
            inside, tail = _closing(rest)
            text = head + self.runs.format(inside) + tail
        return text

    def made_by(self, maker: str) -> str:
        return self.client.replace("MAKER", maker)

    def found(self, seen: Seen) -> set[str]:
        return seen.stored("card") if self.name == "store" else seen.sites("billing")


def _closing(text: str) -> tuple[str, str]:
    level = 1
    for index, character in enumerate(text):
        level += (character == "(") - (character == ")")
        if level == 0:
            return text[:index], text[index + 1 :]
    raise AssertionError(text)


REACHES = (
    Reach("request", "requests", "Session", "MAKER()", "requests.Session", "post",
          '"http://billing/invoices", json={}', "request", library="requests"),
    Reach("pika", "pika", "BlockingConnection", "MAKER().channel()",
          "pika.adapters.blocking_connection.BlockingChannel", "basic_publish", '"", "jobs", b"x"', "publish",
          library="pika"),
    Reach("aio_pika", "aio_pika", "connect", "asyncio.run(opened(MAKER))", "aio_pika.abc.AbstractExchange", "publish",
          'aio_pika.Message(b"x"), "jobs"', "publish",
          prelude="import asyncio\nimport aio_pika\n\n"
          "async def opened(connect=aio_pika.connect):\n"
          '    connection = await connect("amqp://mq")\n'
          "    channel = await connection.channel()\n"
          "    return channel.default_exchange\n",
          runs="asyncio.run({})", library="aio-pika"),
    Reach("store", "sqlalchemy.orm", "Session", "MAKER(create_engine('sqlite:///customer.db'))",
          "sqlalchemy.orm.Session", "add", "Card(number='1')", "store",
          prelude="import sqlalchemy.orm\nfrom sqlalchemy import create_engine\nfrom customer.models import Card\n",
          library="SQLAlchemy"),
)  # fmt: skip

# The same names and arguments, and nothing behind them.
INERT = {
    "request": Reach("request", "shared.quiet", "Session", "MAKER()", "shared.quiet.Session", "post",
                     '"http://billing/invoices", json={}', "request"),
    "pika": Reach("pika", "shared.quiet", "Session", "MAKER().channel()", "shared.quiet.Channel", "basic_publish",
                  '"", "jobs", b"x"', "publish"),
    "aio_pika": Reach("aio_pika", "shared.quiet", "Session", "MAKER().channel()", "shared.quiet.Channel", "publish",
                      'b"x", "jobs"', "publish"),
    "store": Reach("store", "shared.quiet", "Session", "MAKER()", "shared.quiet.Session", "add", "object()", "store"),
}  # fmt: skip

QUIET = """
    class Channel:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def basic_publish(self, exchange, routing_key, body):
            return len(body)

        def publish(self, message, routing_key):
            return len(message)

    class Session:
        def __init__(self):
            self.kept = []

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.kept.clear()

        def channel(self):
            return Channel()

        def post(self, url, json=None):
            return len(url)

        def add(self, thing):
            self.kept.append(thing)
"""

MODELS = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Card(Base):
        __tablename__ = "card"
        number: Mapped[str] = mapped_column(primary_key=True)
"""

# Each pattern is the customer's one file, or several. PRELUDE, CLIENT, TYPE, MODULE, METHOD and ARGS are filled in;
# MADE(x) is the client made by whatever name x the pattern hides the maker under.
Files = dict[str, str]
ONE = "customer/app.py"

PATTERNS: dict[str, Files] = {
    "plain": {ONE: """
import MODULE
PRELUDE
def go():
    client = CLIENT
    RUN(client.METHOD(ARGS))  # SITE
"""},
    "import as": {ONE: """
import MODULE as hidden
PRELUDE
def go():
    client = MADE(hidden.MAKER)
    RUN(client.METHOD(ARGS))  # SITE
"""},
    "from import as": {ONE: """
from MODULE import MAKER as hidden
PRELUDE
def go():
    RUN(MADE(hidden).METHOD(ARGS))  # SITE
"""},
    "try import": {ONE: """
try:
    import MODULE
except ImportError:
    MODULE = None
PRELUDE
def go():
    client = CLIENT
    RUN(client.METHOD(ARGS))  # SITE
"""},
    "import inside the function": {ONE: """
PRELUDE
def go():
    import MODULE
    RUN(CLIENT.METHOD(ARGS))  # SITE
"""},
    "module alias": {ONE: """
import MODULE
PRELUDE
make = MODULE.MAKER
def go():
    RUN(MADE(make).METHOD(ARGS))  # SITE
"""},
    "re-export": {
        "shared/__init__.py": "from shared.net import hidden\n",
        "shared/net.py": "from MODULE import MAKER as hidden\n",
        ONE: """
from shared import hidden
PRELUDE
def go():
    RUN(MADE(hidden).METHOD(ARGS))  # SITE
""",
    },
    "star re-export": {
        "shared/__init__.py": "from shared.net import *\n",
        "shared/net.py": "from MODULE import MAKER\n__all__ = ['MAKER']\n",
        ONE: """
from shared import *
PRELUDE
def go():
    RUN(MADE(MAKER).METHOD(ARGS))  # SITE
""",
    },
    "module-level client": {ONE: """
import MODULE
PRELUDE
client = CLIENT
def go():
    RUN(client.METHOD(ARGS))  # SITE
"""},
    "client on self": {ONE: """
import MODULE
PRELUDE
class Desk:
    def __init__(self):
        self.client = CLIENT
    def go(self):
        RUN(self.client.METHOD(ARGS))  # SITE
"""},
    "subclass of the client": {ONE: """
import MODULE
PRELUDE
SUBCLASS
"""},
    "annotated constructor injection": {ONE: """
import MODULE
import TYPEMODULE
PRELUDE
class Desk:
    def __init__(self, client: TYPE):
        self.client = client
    def go(self):
        RUN(self.client.METHOD(ARGS))  # SITE
"""},
    "with": {ONE: """
import MODULE
PRELUDE
def go():
    with CLIENT as client:
        RUN(client.METHOD(ARGS))  # SITE
"""},
    "unannotated constructor injection": {ONE: """
import MODULE
PRELUDE
class Desk:
    def __init__(self, client):
        self.client = client
    def go(self):
        RUN(self.client.METHOD(ARGS))  # SITE

def main():
    Desk(CLIENT).go()
"""},
    "factory": {ONE: """
import MODULE
PRELUDE
def factory():
    return CLIENT
def go():
    RUN(factory().METHOD(ARGS))  # SITE
"""},
    "function given as an argument": {ONE: """
import MODULE
PRELUDE
def perform(action):
    RUN(action(ARGS))  # SITE
def go():
    perform(CLIENT.METHOD)
"""},
    "dict dispatch": {ONE: """
import MODULE
PRELUDE
client = CLIENT
ACTIONS = {"send": client.METHOD, "skip": print}
def go():
    RUN(ACTIONS["send"](ARGS))  # SITE
"""},
    "dict dispatch by an unknown key": {ONE: """
import MODULE
PRELUDE
client = CLIENT
ACTIONS = {"send": client.METHOD}
def go(verb):
    RUN(ACTIONS[verb](ARGS))  # SITE
"""},
    "service locator": {
        "shared/__init__.py": "",
        "shared/container.py": """
class Container:
    def __init__(self):
        self.made = {}
    def register(self, name, value):
        self.made[name] = value
    def resolve(self, name):
        return self.made[name]
container = Container()
""",
        ONE: """
import MODULE
from shared.container import container
PRELUDE
container.register("client", CLIENT)
def go():
    RUN(container.resolve("client").METHOD(ARGS))  # SITE
""",
    },
    "injection by protocol": {ONE: """
import MODULE
from typing import Protocol
PRELUDE
class Port(Protocol):
    def send(self) -> None: ...

class Real:
    def __init__(self):
        self.client = CLIENT
    def send(self) -> None:
        RUN(self.client.METHOD(ARGS))  # SITE

class Desk:
    def __init__(self, port: Port):
        self.port = port
    def go(self):
        self.port.send()
"""},
    "partial": {ONE: """
import MODULE
from functools import partial
PRELUDE
send = partial(CLIENT.METHOD, ARGS)
def go():
    RUN(send())  # SITE
"""},
    "decorator": {ONE: """
import MODULE
from functools import wraps
PRELUDE
def announced(function):
    @wraps(function)
    def inner(*args, **kwargs):
        RUN(CLIENT.METHOD(ARGS))  # SITE
        return function(*args, **kwargs)
    return inner

@announced
def go():
    return 1
"""},
    "wrapper class in another package": {
        "shared/__init__.py": "",
        "shared/api.py": """
import MODULE
PRELUDE
class Api:
    def __init__(self):
        self.client = CLIENT
    def send(self, *args, **kwargs):
        return RUN(self.client.METHOD(*args, **kwargs))
""",
        ONE: """
from shared.api import Api
PRELUDE
api = Api()
def go():
    api.send(ARGS)  # SITE
""",
    },
    "getattr with a constant": {ONE: """
import MODULE
PRELUDE
def go():
    RUN(getattr(CLIENT, "METHOD")(ARGS))  # SITE
"""},
    "import_module": {ONE: """
from importlib import import_module
PRELUDE
def go():
    module = import_module("MODULE")
    RUN(MADE(module.MAKER).METHOD(ARGS))  # SITE
"""},
    "__import__": {ONE: """
PRELUDE
def go():
    module = __import__("MODULE", fromlist=["x"])
    RUN(MADE(module.MAKER).METHOD(ARGS))  # SITE
"""},
    "exec of a text": {ONE: """
import MODULE
PRELUDE
client = CLIENT
def go():
    exec('''RUN(client.METHOD(ARGS))''')  # SITE
"""},
    "getattr with an unknown name": {ONE: """
import MODULE
PRELUDE
client = CLIENT
def go(verb):
    RUN(getattr(client, verb)(ARGS))  # SITE
"""},
    "adapter that nobody gives": {ONE: """
import MODULE
PRELUDE
client = CLIENT
def go(adapt):
    RUN(adapt(client).go())  # SITE
"""},
    "module __getattr__": {
        "shared/__init__.py": "",
        "shared/lazy.py": """
def __getattr__(name):
    import MODULE
    return MODULE.MAKER
""",
        ONE: """
from shared import lazy
PRELUDE
def go():
    RUN(MADE(lazy.anything).METHOD(ARGS))  # SITE
""",
    },
    "monkeypatched attribute": {
        "shared/__init__.py": "",
        "shared/hooks.py": "def notify(*args, **kwargs):\n    pass\n",
        ONE: """
import MODULE
from shared import hooks
PRELUDE
hooks.notify = CLIENT.METHOD
def go():
    RUN(hooks.notify(ARGS))  # SITE
""",
    },
    "operator of an object": {
        "shared/__init__.py": "",
        "shared/api.py": """
import MODULE
PRELUDE
class Api:
    def __init__(self):
        self.client = CLIENT
    def __len__(self):
        RUN(self.client.METHOD(ARGS))
        return 1
""",
        ONE: """
from shared.api import Api
api = Api()
def go():
    return len(api)  # SITE
""",
    },
    "property that is set": {
        "shared/__init__.py": "",
        "shared/api.py": """
import MODULE
PRELUDE
class Api:
    def __init__(self):
        self.client = CLIENT
    @property
    def sent(self):
        return 1
    @sent.setter
    def sent(self, value):
        RUN(self.client.METHOD(ARGS))
""",
        ONE: """
from shared.api import Api
api = Api()
def go():
    api.sent = True  # SITE
""",
    },
    "FastAPI dependency": {ONE: """
import MODULE
from fastapi import Depends, FastAPI
PRELUDE
app = FastAPI()
def get_client():
    yield CLIENT

@app.post("/go")
def go(client=Depends(get_client)):
    RUN(client.METHOD(ARGS))  # SITE
"""},
}  # fmt: skip

SUBCLASSES = {
    "request": """
class Api(requests.Session):
    def go(self):
        self.post("http://billing/invoices", json={})  # SITE
""",
    "pika": """
class Channel(pika.adapters.blocking_connection.BlockingChannel):
    def go(self):
        self.basic_publish("", "jobs", b"x")  # SITE
""",
    "aio_pika": """
class Exchange(aio_pika.Exchange):
    async def go(self):
        await self.publish(aio_pika.Message(b"x"), "jobs")  # SITE
""",
    "store": """
class Unit(sqlalchemy.orm.Session):
    def go(self):
        self.add(Card(number='1'))  # SITE
""",
}

UNKNOWABLE = {"getattr with an unknown name", "adapter that nobody gives"}
"""Ways in which nobody can tell what is called."""

OPEN_EXCHANGE = {("aio_pika", "subclass of the client")}
"""The routing key of a publish on an exchange of unknown origin is its queue only on the default exchange."""


def hidden(pattern: str, reach: Reach) -> Files:
    """The customer's files in which a call is hidden in this way, and what they rest on."""
    files = {"customer/models.py": MODELS, "billing/worker.py": BILLING_CONSUMES_JOBS}
    inert = reach is INERT[reach.name]
    subclass = f"class Own({reach.type}):\n    def go(self):\n        self.{reach.method}({reach.args})  # SITE\n"
    for path, template in PATTERNS[pattern].items():
        text = template.replace("SUBCLASS", subclass if inert else SUBCLASSES[reach.name])
        text = text.replace("TYPEMODULE", reach.type.rpartition(".")[0])
        while "MADE(" in text:
            head, _, rest = text.partition("MADE(")
            inside, tail = _closing(rest)
            text = head + reach.made_by(inside) + tail
        files[path] = reach.fill(text).replace("MAKER", reach.maker)
        if "." in reach.module:  # a dotted module cannot be assigned to
            files[path] = files[path].replace(f"    {reach.module} = None", "    pass")
    if inert:
        files = {"shared/__init__.py": "", "shared/quiet.py": QUIET, **files}
        del files["customer/models.py"], files["billing/worker.py"]
    return files


def expected(pattern: str, reach: Reach) -> str:
    """What must become of a cell: ``found`` at its line, or ``unresolved`` at its line where nobody can tell."""
    return "unresolved" if pattern in UNKNOWABLE or (reach.name, pattern) in OPEN_EXCHANGE else "found"


def outcome(pattern: str, reach: Reach) -> str:
    """What becomes of a cell: ``found`` or ``unresolved``, each at its line and at no other, else what was seen."""
    seen = see(hidden(pattern, reach))
    found = reach.found(seen)
    unresolved = {str(one.place) for one in seen.unresolved()}
    if found == seen.marked() and not unresolved:
        return "found"
    if not found and unresolved == seen.marked() and seen.unresolved(reach.could_be):
        return "unresolved"
    return f"found at {sorted(found)}, unresolved at {sorted(unresolved)}, hidden at {sorted(seen.marked())}"


def look_alike(pattern: str, reach: Reach) -> Seen:
    """What is seen where the same shape hides a call that reaches nothing."""
    return see(hidden(pattern, INERT[reach.name]))
