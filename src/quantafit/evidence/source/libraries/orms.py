"""Object mappers beside SQLAlchemy: Django's, peewee, Tortoise, MongoEngine, Beanie and Flask-SQLAlchemy.

As they are commonly called; no version of them was read. Each model is a table; what is called on the class or its
query set reads or writes it. Which database that is, is told where one is opened; Django's is that of ``DATABASES``,
where it has a host.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Address,
    Arg,
    Call,
    Configured,
    Effect,
    Either,
    Entry,
    Fixed,
    Kept,
    Keywords,
    Library,
    ManyOf,
    New,
    Receiver,
    RowOf,
    Slot,
    Switch,
    Type,
)

_MODEL, _QUERY = "orm.Model", "orm.Query"
_RESULT = "sqlalchemy.Result"


# A server that Django's settings name; a file belongs to whoever runs the code.
_DJANGO = "django.Settings"
_DATABASE = Entry(Configured(_DJANGO, ("databases",)), "default")
_DATASTORE = Address("django", Entry(_DATABASE, "HOST"), Entry(_DATABASE, "NAME"), remote=True)
_SETTINGS = does("configure", type=Fixed(_DJANGO), of=Fixed("django.conf:settings"))


_ASKED = Either((Kept("bind"), _DATASTORE))
"""Where a query looks: in what it was made with, else in Django's database."""


def _kept(entity: Slot, returns: str | Slot | None, datastore: Slot) -> Mapping[str, Slot]:
    """What a query keeps for those that are made from it."""
    bind: Mapping[str, Slot] = {"bind": Kept("bind")} if datastore is _ASKED else {}
    return {"entity": entity, **bind} if returns == _QUERY else {}


def _reads(entity: Slot, returns: str | Slot, datastore: Slot = _DATASTORE) -> Call:
    effect = does("execute", "database", statement=entity, datastore=datastore)
    return Call(returns=returns, keeps=_kept(entity, returns, datastore), effects=(effect,))


def _writes(entity: Slot, returns: str | Slot | None, datastore: Slot = _DATASTORE) -> Call:
    """On the class, or on one object of it."""
    statement = New("sqlalchemy.Insert", {"entity": entity, "values": Keywords()})
    store = does("store", "database", object=entity, operation=Fixed("insert"), datastore=datastore)
    execute = does("execute", "database", statement=statement, datastore=datastore)
    return Call(returns=returns, keeps=_kept(entity, returns, datastore), effects=(execute, store))


_ONE = ("get", "get_or_none", "get_by_id", "first", "last", "earliest", "latest", "find_one", "in_bulk")
_MANY = (
    "select", "filter", "all", "exclude", "find", "find_all", "find_many", "values", "values_list", "annotate",
    "raw", "using", "select_related", "prefetch_related", "order_by", "iterator", "aggregate", "count", "exists",
    "select_for_update", "distinct", "none", "only", "defer", "objects", "__call__",
)  # fmt: skip
_CREATING = ("create", "get_or_create", "update_or_create", "insert_one")
_CHANGING = (
    "bulk_create", "bulk_update", "insert_many", "insert", "save", "update", "delete", "replace", "replace_many",
    "delete_all", "update_one", "update_all", "delete_instance", "delete_by_id", "upsert", "modify", "set", "inc",
    "save_changes", "update_or_insert", "set_by_id", "upsert_one",
)  # fmt: skip


def _both(names: tuple[str, ...]) -> tuple[str, ...]:
    """With Django's names for the same, awaited."""
    return (*names, *(f"a{name}" for name in names if not name.startswith("_")))


def _described(owner: str, entity: Slot, datastore: Slot) -> dict[str, Call]:
    row = RowOf(entity, datastore)
    return {
        **{f"{owner}.{name}": _reads(entity, row, datastore) for name in _both(_ONE)},
        **{f"{owner}.{name}": _reads(entity, _QUERY, datastore) for name in _both(_MANY)},
        **{f"{owner}.{name}": _writes(entity, row, datastore) for name in _both(_CREATING)},
        **{f"{owner}.{name}": _writes(entity, _QUERY, datastore) for name in _both(_CHANGING)},
    }


_DJANGO_MODEL = "django.db.models.Model"
_MODELS = (
    _DJANGO_MODEL,
    "peewee.Model",
    "tortoise.models.Model",
    "mongoengine.Document",
    "mongoengine.DynamicDocument",
    "beanie.Document",
)
_OBJECTS = New(_QUERY, {"entity": Receiver()})


def _opens(url: Slot) -> Call:
    return Call(returns="orm.Database", keeps={"url": url}, effects=(Effect("connect", "database", {"url": url}),))


def _by_name(scheme: str) -> Call:
    return _opens(Address(scheme, Arg(None, "host"), Arg(0, "database")))


MAPPERS = Library(
    distribution="peewee",
    modules=("peewee", "playhouse", "tortoise", "mongoengine", "beanie", "aerich", "model_utils", "mptt", "djongo"),
    calls={
        **_described(_MODEL, Receiver(), _DATASTORE),
        **_described(_QUERY, Kept("entity"), _ASKED),
        **{
            f"{_QUERY}.{name}": Call(returns=ManyOf(RowOf(Kept("entity"), _ASKED)))
            for name in ("to_list", "execute", "tuples")
        },
        **{f"peewee.{kind}Database": _by_name("postgresql") for kind in ("Postgresql", "PooledPostgresql")},
        **{f"peewee.{kind}Database": _by_name("mysql") for kind in ("MySQL", "PooledMySQL")},
        "peewee.SqliteDatabase": _opens(Arg(0, "database")),
        "playhouse.db_url.connect": _opens(Arg(0, "url")),
        "playhouse.pool.PooledPostgresqlDatabase": _by_name("postgresql"),
        "playhouse.postgres_ext.PostgresqlExtDatabase": _by_name("postgresql"),
        "tortoise.Tortoise.init": _opens(Arg(None, "db_url")),
        "tortoise.contrib.fastapi.register_tortoise": _opens(Arg(None, "db_url")),
        "mongoengine.connect": _opens(Either((Arg(None, "host"), Address("mongodb", Fixed(None), Arg(0, "db"))))),
        "beanie.init_beanie": Call(),
        **plain("orm.Database", ("connect", "close", "create_tables", "atomic", "is_closed", "init", "drop_tables")),
        "orm.Database.execute_sql": Call(
            returns=_RESULT,
            effects=(
                does(
                    "execute",
                    "database",
                    statement=New("sqlalchemy.Text", {"sql": Arg(0, "sql")}),
                    values=Arg(1, "params"),
                    datastore=Receiver(),
                ),
            ),
        ),
    },
    types={
        _MODEL: Type(),
        _QUERY: Type(fluent=True, iterates=RowOf(Kept("entity"), _ASKED)),
        "orm.Database": Type(),
        **{model: Type(extends=_MODEL) for model in _MODELS},
        _DJANGO_MODEL: Type(extends=_MODEL, defines=(_SETTINGS,)),
        _DJANGO: Type(open=True),
    },
    attributes={f"{_MODEL}.objects": _OBJECTS, f"{_MODEL}._default_manager": _OBJECTS, f"{_QUERY}.objects": Receiver()},
    kinds=dict.fromkeys(_MODELS, "entity"),
    aliases={
        "tortoise.Model": "tortoise.models.Model",
        "django.contrib.gis.db.models.Model": _DJANGO_MODEL,
        "djongo.models": "django.db.models",
        "mongoengine.document.Document": "mongoengine.Document",
    },
)

_SQLALCHEMY = "flask_sqlalchemy.SQLAlchemy"
_URI = Switch(
    Configured("flask.Config", ("SQLALCHEMY_BINDS", "sqlalchemy_binds")),
    {None: Configured("flask.Config", ("SQLALCHEMY_DATABASE_URI", "sqlalchemy_database_uri"))},
)
"""Where there are further binds, it is not told which one a model is kept in."""
_BOUND = New("sqlalchemy.Engine", {"url": _URI})
_CONNECTS = Effect("connect", "database", {"url": _URI}, when=_URI)

FLASK_SQLALCHEMY = Library(
    distribution="flask-sqlalchemy",
    modules=("flask_sqlalchemy", "flask_migrate"),
    calls={
        _SQLALCHEMY: Call(returns=_SQLALCHEMY, effects=(_CONNECTS,)),
        **{f"{_SQLALCHEMY}.{name}": Call(returns=f"sqlalchemy.{name}") for name in ("Column",)},
        f"{_SQLALCHEMY}.relationship": Call(returns="sqlalchemy.Relationship"),
        f"{_SQLALCHEMY}.Table": Call(returns="sqlalchemy.Table", keeps={"name": Arg(0, "name")}),
        f"{_SQLALCHEMY}.select": Call(returns="sqlalchemy.Select", keeps={"entity": Arg(0, "entity")}),
        f"{_SQLALCHEMY}.text": Call(returns="sqlalchemy.Text", keeps={"sql": Arg(0, "text")}),
        **{
            f"{_QUERY}.{name}": _reads(Kept("entity"), RowOf(Kept("entity"), _ASKED), _ASKED)
            for name in ("get_or_404", "first_or_404", "one_or_404", "one", "one_or_none")
        },
        **plain(_SQLALCHEMY, ("init_app", "create_all", "drop_all", "ForeignKey", "backref", "String", "Integer")),
        "flask_migrate.Migrate": Call(),
    },
    types={_SQLALCHEMY: Type()},
    attributes={
        f"{_SQLALCHEMY}.session": New("sqlalchemy.Session", {"bind": _BOUND}),
        f"{_SQLALCHEMY}.Model": New("sqlalchemy.Base"),
        "sqlalchemy.Base.query": New(_QUERY, {"entity": Receiver(), "bind": _BOUND}),
    },
)

LIBRARIES = (MAPPERS, FLASK_SQLALCHEMY)
