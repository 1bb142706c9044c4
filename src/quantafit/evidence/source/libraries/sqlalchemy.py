"""SQLAlchemy and Alembic: mapped classes and tables, what is read from and written to them, and where they live."""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Callback,
    Effect,
    Fixed,
    Kept,
    Keywords,
    Library,
    ManyOf,
    New,
    Receiver,
    Rest,
    RowOf,
    Slot,
    Type,
)

_SESSION, _ENGINE = "sqlalchemy.Session", "sqlalchemy.Engine"
_RESULT = "sqlalchemy.Result"
_BIND = {"bind": Arg(0, "bind")}


def _statement(name: str) -> Call:
    return Call(returns=f"sqlalchemy.{name}", keeps={"entity": Arg(0, "table")})


def _execute(returns: str) -> Call:
    """Running a statement: what it reads or writes is told by the statement."""
    return Call(
        returns=returns,
        keeps={"entity": Arg(0, "statement"), "bind": Kept("bind")},
        effects=(
            Effect(
                "execute",
                "database",
                {"statement": Arg(0, "statement"), "values": Arg(1, "params"), "datastore": Kept("bind")},
            ),
        ),
    )


def _store(argument: str, operation: str) -> Call:
    return Call(
        returns=Arg(0, argument),
        effects=(
            Effect(
                "store",
                "database",
                {"object": Arg(0, argument), "operation": Fixed(operation), "datastore": Kept("bind")},
            ),
        ),
    )


def _mapped(statement: str) -> Call:
    """Rows given as mappings, for a mapped class."""
    made = New(statement, {"entity": Arg(0, "mapper")})
    slots: dict[str, Slot] = {"statement": made, "values": Arg(1, "mappings"), "datastore": Kept("bind")}
    return Call(effects=(Effect("execute", "database", slots),))


def _of_query(statement: str) -> Call:
    """Changing the rows that a query finds."""
    made = New(statement, {"entity": Kept("entity")})
    slots: dict[str, Slot] = {"statement": made, "values": Arg(0, "values"), "datastore": Kept("bind")}
    return Call(effects=(Effect("execute", "database", slots),))


_ONE = RowOf(Kept("entity"), Kept("bind"))
_FETCH_ONE = ("first", "one", "one_or_none", "fetchone", "scalar", "scalar_one", "scalar_one_or_none", "next")
_FETCH_MANY = ("all", "fetchall", "fetchmany", "partitions", "unique", "yield_per", "mappings", "scalars", "tuples")

_SESSION_CALLS = {
    f"{_SESSION}.add": _store("instance", "insert"),
    f"{_SESSION}.add_all": _store("instances", "insert"),
    f"{_SESSION}.merge": _store("instance", "insert"),
    f"{_SESSION}.bulk_save_objects": _store("objects", "insert"),
    f"{_SESSION}.delete": _store("instance", "delete"),
    f"{_SESSION}.execute": _execute(_RESULT),
    f"{_SESSION}.scalars": _execute(_RESULT),
    f"{_SESSION}.exec": _execute(_RESULT),
    f"{_SESSION}.exec_driver_sql": _execute(_RESULT),
    f"{_SESSION}.scalar": Call(returns=RowOf(Arg(0, "statement"), Kept("bind")), effects=_execute(_RESULT).effects),
    f"{_SESSION}.get": Call(
        returns=RowOf(Arg(0, "entity"), Kept("bind")),
        effects=(Effect("execute", "database", {"statement": Arg(0, "entity"), "datastore": Kept("bind")}),),
    ),
    f"{_SESSION}.get_one": Call(
        returns=RowOf(Arg(0, "entity"), Kept("bind")),
        effects=(Effect("execute", "database", {"statement": Arg(0, "entity"), "datastore": Kept("bind")}),),
    ),
    f"{_SESSION}.query": Call(
        returns=_RESULT,
        keeps={"entity": Rest(0), "bind": Kept("bind")},
        effects=(Effect("execute", "database", {"statement": Arg(0, "entity"), "datastore": Kept("bind")}),),
    ),
    f"{_SESSION}.bulk_insert_mappings": _mapped("sqlalchemy.Insert"),
    f"{_SESSION}.bulk_update_mappings": _mapped("sqlalchemy.Update"),
    f"{_SESSION}.commit": Call(effects=(Effect("commit"),)),
    f"{_SESSION}.begin": Call(returns=Receiver()),
    f"{_SESSION}.begin_nested": Call(returns=Receiver()),
    f"{_SESSION}.connection": Call(returns=Receiver()),
    f"{_SESSION}.get_bind": Call(returns=Kept("bind")),
    **{
        f"{_SESSION}.{name}": Call()
        for name in (
            "flush",
            "refresh",
            "rollback",
            "close",
            "expunge",
            "expire",
            "expire_all",
            "expunge_all",
            "no_autoflush",
        )
    },
    f"{_SESSION}.run_sync": Call(calls=(Callback(Arg(0, "fn"), (Receiver(),), star=Rest(1), result=True),)),
}

_METADATA = "sqlalchemy.MetaData"
_BASES = ("sqlalchemy.DeclarativeBase", "sqlalchemy.MappedAsDataclass", "sqlalchemy.Base", "sqlmodel.SQLModel")
_FLUENT = ("Select", "Insert", "Update", "Delete", "Text")

_DDL_TABLE = Effect("define", "database", {"table": Arg(0, "table_name"), "columns": Rest(1)})
_DDL_COLUMN = Effect("define", "database", {"table": Arg(0, "table_name"), "columns": Rest(1)})

SQLALCHEMY = Library(
    distribution="sqlalchemy",
    modules=("sqlalchemy", "sqlmodel"),
    calls={
        "sqlalchemy.create_engine": Call(
            returns=_ENGINE,
            keeps={"url": Arg(0, "url")},
            effects=(Effect("connect", "database", {"url": Arg(0, "url")}),),
        ),
        "sqlmodel.Field": Call(),
        "sqlalchemy.make_url": Call(returns=Arg(0, "name_or_url")),
        "sqlalchemy.engine.url.URL.create": Call(
            returns="sqlalchemy.URL",
            keeps={"drivername": Arg(0, "drivername"), "host": Arg(3, "host"), "database": Arg(5, "database")},
        ),
        f"{_ENGINE}.connect": Call(returns=_SESSION, keeps={"bind": Receiver()}),
        f"{_ENGINE}.begin": Call(returns=_SESSION, keeps={"bind": Receiver()}),
        f"{_ENGINE}.raw_connection": Call(returns=_SESSION, keeps={"bind": Receiver()}),
        f"{_ENGINE}.dispose": Call(),
        f"{_SESSION}.cursor": Call(returns=Receiver()),
        "sqlalchemy.sessionmaker": Call(returns="sqlalchemy.sessionmaker", keeps=_BIND),
        "sqlalchemy.sessionmaker.__call__": Call(returns=_SESSION, keeps={"bind": Kept("bind")}),
        "sqlalchemy.sessionmaker.begin": Call(returns=_SESSION, keeps={"bind": Kept("bind")}),
        "sqlalchemy.sessionmaker.configure": Call(),
        "sqlalchemy.scoped_session": Call(returns=Arg(0, "session_factory")),
        _SESSION: Call(returns=_SESSION, keeps=_BIND),
        **_SESSION_CALLS,
        **{
            name: _statement(name.rpartition(".")[2].capitalize())
            for name in ("sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete")
        },
        "sqlalchemy.select": Call(returns="sqlalchemy.Select", keeps={"entity": Rest(0)}),
        "sqlalchemy.text": Call(returns="sqlalchemy.Text", keeps={"sql": Arg(0, "text")}),
        **{
            f"sqlalchemy.{kind}.values": Call(
                returns=f"sqlalchemy.{kind}", merges=True, keeps={"values": Keywords(), "value_list": Rest(0)}
            )
            for kind in ("Insert", "Update")
        },
        "sqlalchemy.Insert.on_conflict_do_update": Call(
            returns="sqlalchemy.Insert", merges=True, keeps={"changed": Arg(None, "set_")}
        ),
        "sqlalchemy.Select.select_from": Call(returns="sqlalchemy.Select", merges=True, keeps={"entity": Rest(0)}),
        f"{_RESULT}.update": _of_query("sqlalchemy.Update"),
        f"{_RESULT}.delete": _of_query("sqlalchemy.Delete"),
        "sqlalchemy.orm.relationship": Call(returns="sqlalchemy.Relationship"),
        **{f"{_RESULT}.{name}": Call(returns=_ONE) for name in _FETCH_ONE},
        **{f"{_RESULT}.{name}": Call(returns=ManyOf(_ONE)) for name in _FETCH_MANY},
        "sqlalchemy.Table": Call(
            returns="sqlalchemy.Table",
            keeps={"name": Arg(0, "name"), "columns": Rest(2)},
            effects=(Effect("define", "database", {"table": Arg(0, "name"), "columns": Rest(2)}),),
        ),
        **{
            f"sqlalchemy.Table.{name}": Call(returns=f"sqlalchemy.{name.capitalize()}", keeps={"entity": Receiver()})
            for name in ("insert", "update", "delete", "select")
        },
        "sqlalchemy.Column": Call(returns="sqlalchemy.Column", keeps={"name": Arg(0, "name"), "type": Arg(1, "type_")}),
        "sqlalchemy.mapped_column": Call(
            returns="sqlalchemy.Column",
            keeps={"name": Arg(0, "name"), "type": Arg(0, "type_"), "default": Arg(None, "default")},
        ),
        "sqlalchemy.declarative_base": Call(returns="sqlalchemy.Base"),
        _METADATA: Call(returns=_METADATA),
        # Which tables there are is told where each is described.
        f"{_METADATA}.*": Call(),
    },
    types={
        _SESSION: Type(),
        _ENGINE: Type(),
        "sqlalchemy.sessionmaker": Type(enters=New(_SESSION, {"bind": Kept("bind")})),
        _RESULT: Type(iterates=_ONE, fluent=True),
        "sqlalchemy.Table": Type(),
        "sqlalchemy.Column": Type(),
        "sqlalchemy.Base": Type(),
        _METADATA: Type(),
        "sqlalchemy.URL": Type(),
        "sqlalchemy.Relationship": Type(),
        **{f"sqlalchemy.{name}": Type(fluent=True) for name in _FLUENT},
    },
    attributes={
        f"{_ENGINE}.engine": Receiver(),
        f"{_ENGINE}.url": Kept("url"),
        **{f"{base}.metadata": New(_METADATA) for base in _BASES},
    },
    kinds=dict.fromkeys(_BASES, "entity"),
    aliases={
        **{
            f"sqlalchemy.orm.{name}": f"sqlalchemy.{name}"
            for name in (
                "Session",
                "sessionmaker",
                "scoped_session",
                "DeclarativeBase",
                "MappedAsDataclass",
                "declarative_base",
                "mapped_column",
                "Mapped",
            )
        },
        **{
            f"sqlalchemy.ext.asyncio.{name}": f"sqlalchemy.{target}"
            for name, target in (
                ("AsyncSession", "Session"),
                ("async_sessionmaker", "sessionmaker"),
                ("create_async_engine", "create_engine"),
                ("AsyncEngine", "Engine"),
                ("AsyncConnection", "Session"),
            )
        },
        "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy.declarative_base",
        "sqlalchemy.URL": "sqlalchemy.engine.url.URL",
        "sqlalchemy.engine.URL": "sqlalchemy.engine.url.URL",
        "sqlalchemy.engine.Engine": _ENGINE,
        "sqlalchemy.engine.make_url": "sqlalchemy.make_url",
        "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
        "sqlalchemy.engine.Connection": _SESSION,
        "sqlalchemy.Connection": _SESSION,
        "sqlalchemy.sql.text": "sqlalchemy.text",
        "sqlalchemy.dialects.postgresql.insert": "sqlalchemy.insert",
        "sqlalchemy.dialects.sqlite.insert": "sqlalchemy.insert",
        "sqlalchemy.dialects.mysql.insert": "sqlalchemy.insert",
        "sqlalchemy.future.select": "sqlalchemy.select",
        "sqlmodel.Session": _SESSION,
        "sqlmodel.select": "sqlalchemy.select",
        "sqlmodel.create_engine": "sqlalchemy.create_engine",
    },
)

ALEMBIC = Library(
    distribution="alembic",
    modules=("alembic",),
    calls={
        "alembic.op.create_table": Call(effects=(_DDL_TABLE,)),
        "alembic.op.add_column": Call(effects=(_DDL_COLUMN,)),
        "alembic.op.bulk_insert": Call(
            effects=(Effect("execute", "database", {"statement": Arg(0, "table"), "rows": Arg(1, "rows")}),)
        ),
        "alembic.op.execute": Call(effects=(Effect("execute", "database", {"statement": Arg(0, "sqltext")}),)),
        "alembic.op.get_bind": Call(returns=_SESSION),
        "alembic.op.batch_alter_table": Call(returns="alembic.Batch", keeps={"table": Arg(0, "table_name")}),
        "alembic.Batch.add_column": Call(
            effects=(Effect("define", "database", {"table": Kept("table"), "columns": Rest(0)}),)
        ),
    },
    types={"alembic.Batch": Type()},
)

SQLITE = Library(
    distribution="python",
    modules=("sqlite3",),
    calls={
        "sqlite3.connect": Call(
            returns="sqlite3.Connection",
            keeps={"bind": Arg(0, "database")},
            effects=(Effect("connect", "database", {"url": Arg(0, "database")}),),
        ),
        "sqlite3.Connection.cursor": Call(returns=Receiver()),
        **{
            f"sqlite3.Connection.{name}": Call(
                returns=_RESULT,
                keeps={"entity": New("sqlalchemy.Text", {"sql": Arg(0, "sql")})},
                effects=(
                    Effect(
                        "execute",
                        "database",
                        {
                            "statement": New("sqlalchemy.Text", {"sql": Arg(0, "sql")}),
                            "values": Arg(1, "parameters"),
                            "datastore": Kept("bind"),
                        },
                    ),
                ),
            )
            for name in ("execute", "executemany", "executescript")
        },
        "sqlite3.Connection.commit": Call(effects=(Effect("commit"),)),
        **{f"sqlite3.Connection.{name}": Call() for name in ("rollback", "close", "backup", "create_function")},
        "sqlite3.Connection.fetchone": Call(),
        "sqlite3.Connection.fetchall": Call(),
    },
    types={"sqlite3.Connection": Type()},
    aliases={"sqlite3.Cursor": "sqlite3.Connection"},
)

LIBRARIES = (SQLALCHEMY, ALEMBIC, SQLITE)
