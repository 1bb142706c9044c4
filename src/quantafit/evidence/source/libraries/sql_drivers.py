"""Database drivers and thin layers over them: which database is opened, and the SQL that is sent to it.

psycopg 2 and 3, asyncpg, aiopg, PyMySQL, aiomysql, mysql-connector, aiosqlite, duckdb, oracledb, pyodbc, the ClickHouse
clients and databases, as they are commonly called; no version of them was read. A cursor, a pool and a transaction hand
on the connection they are of. What is not described of a connection is unresolved.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import (
    Address,
    Arg,
    Call,
    Effect,
    Either,
    Fixed,
    Library,
    New,
    Receiver,
    Rest,
    Slot,
    Type,
)

_CONNECTION, _RESULT = "sql.Connection", "sqlalchemy.Result"
_SQL = Either(tuple(Arg(0, name) for name in ("query", "sql", "operation", "statement", "command", "cmd")))
_TEXT = New("sqlalchemy.Text", {"sql": _SQL})


def _opens(url: Slot) -> Call:
    connect = Effect("connect", "database", {"url": url})
    return Call(returns=_CONNECTION, keeps={"url": url}, effects=(connect,))


def _server(scheme: str, dsn: Slot, database: Slot, host: Slot | None = None) -> Call:
    """By an address, or by a host and a database's name."""
    return _opens(Either((dsn, Address(scheme, host or Arg(None, "host"), database))))


def _runs(values: Slot) -> Call:
    slots: dict[str, Slot] = {"statement": _TEXT, "values": values, "datastore": Receiver()}
    return Call(
        returns=_RESULT, keeps={"entity": _TEXT, "bind": Receiver()}, effects=(Effect("execute", "database", slots),)
    )


def _all(calls: Mapping[str, Call], *owners: str) -> dict[str, Call]:
    return {f"{owner}.{name}": call for owner in owners for name, call in calls.items()}


_NO_DSN = Fixed(None)
_PG_DATABASE = Either((Arg(None, "dbname"), Arg(None, "database")))
_MY_DATABASE = Either((Arg(None, "database"), Arg(None, "db")))
_PSYCOPG = _server("postgresql", Either((Arg(0, "conninfo"), Arg(0, "dsn"))), _PG_DATABASE)
_PSYCOPG2_POOL = _server("postgresql", Either((Arg(2, "dsn"), Arg(None, "dsn"))), _PG_DATABASE)
_ASYNCPG = _server("postgresql", Arg(0, "dsn"), Arg(None, "database"))
_MYSQL = _server("mysql", _NO_DSN, Either((_MY_DATABASE, Arg(3, "database"))), Arg(0, "host"))
_ORACLE = _server("oracle", Arg(None, "dsn"), Arg(None, "service_name"))
_CLICKHOUSE = _server("clickhouse", Arg(None, "dsn"), Arg(None, "database", "default"), Arg(0, "host"))
_FILE = _opens(Arg(0, "database"))
_HANDING_ON = (
    "cursor", "acquire", "getconn", "connection", "transaction", "begin", "pipeline", "get_connection", "connect",
    "__enter__", "__aenter__",
)  # fmt: skip
_RUNNING = (
    "execute", "executemany", "executescript", "execute_many", "fetch_all", "fetch_one", "fetch_val", "iterate",
    "stream", "execute_fetchall", "execute_insert", "copy_expert", "query", "query_df", "query_np", "query_arrow",
    "command", "execute_iter", "query_dataframe", "sql", "callproc", "nextset_execute",
)  # fmt: skip
_RUNNING_BY_PLACE = ("fetch", "fetchrow", "fetchval")
_QUIET = (
    "close", "rollback", "fetchone", "fetchall", "fetchmany", "wait_closed", "terminate", "putconn", "release",
    "set_isolation_level", "set_session", "set_type_codec", "set_builtin_type_codec", "ping", "open", "wait",
    "closeall", "disconnect", "reset", "add_listener", "remove_listener", "is_closed", "description", "rowcount",
    "lastrowid", "mogrify", "autocommit", "set_autocommit", "create_function", "row_factory", "is_connected",
)  # fmt: skip

DRIVERS = Library(
    distribution="psycopg",
    modules=(
        "psycopg",
        "psycopg2",
        "psycopg_pool",
        "asyncpg",
        "aiopg",
        "pg8000",
        "pymysql",
        "MySQLdb",
        "aiomysql",
        "asyncmy",
        "mysql",
        "mariadb",
        "aiosqlite",
        "duckdb",
        "oracledb",
        "cx_Oracle",
        "pyodbc",
        "pymssql",
        "aioodbc",
        "databases",
        "clickhouse_driver",
        "clickhouse_connect",
        "asynch",
    ),
    calls={
        **_all({"connect": _PSYCOPG}, "psycopg", "psycopg.Connection", "psycopg.AsyncConnection", "psycopg2", "aiopg"),
        **_all({"ConnectionPool": _PSYCOPG, "AsyncConnectionPool": _PSYCOPG}, "psycopg_pool"),
        **_all({"NullConnectionPool": _PSYCOPG, "AsyncNullConnectionPool": _PSYCOPG}, "psycopg_pool"),
        "aiopg.create_pool": _PSYCOPG,
        **_all(
            dict.fromkeys(("SimpleConnectionPool", "ThreadedConnectionPool", "AbstractConnectionPool"), _PSYCOPG2_POOL),
            "psycopg2.pool",
        ),
        **_all({"connect": _ASYNCPG, "create_pool": _ASYNCPG}, "asyncpg"),
        **_all({"connect": _server("postgresql", _NO_DSN, Arg(None, "database"))}, "pg8000", "pg8000.dbapi"),
        **_all({"connect": _MYSQL}, "pymysql", "MySQLdb", "mysql.connector", "mysql.connector.aio", "mariadb"),
        **_all({"Connect": _MYSQL, "Connection": _MYSQL}, "pymysql"),
        **_all({"connect": _MYSQL, "create_pool": _MYSQL}, "aiomysql", "asyncmy"),
        "mysql.connector.pooling.MySQLConnectionPool": _MYSQL,
        "mysql.connector.MySQLConnection": _MYSQL,
        **_all({"connect": _FILE}, "aiosqlite", "duckdb"),
        **_all({"connect": _ORACLE, "create_pool": _ORACLE, "connect_async": _ORACLE}, "oracledb", "cx_Oracle"),
        **_all({"connect": _opens(Arg(0, "dsn"))}, "pyodbc", "aioodbc"),
        "pymssql.connect": _server(
            "mssql", _NO_DSN, Arg(None, "database"), Either((Arg(0, "server"), Arg(None, "host")))
        ),
        "databases.Database": _opens(Arg(0, "url")),
        "clickhouse_driver.Client": _CLICKHOUSE,
        "clickhouse_driver.Client.from_url": _opens(Arg(0, "url")),
        **_all({"connect": _opens(Arg(0, "dsn"))}, "clickhouse_driver", "clickhouse_driver.dbapi", "asynch"),
        **_all(
            {
                name: _server("clickhouse", Arg(None, "dsn"), Arg(None, "database", "default"))
                for name in ("get_client", "get_async_client", "create_client", "create_async_client")
            },
            "clickhouse_connect",
        ),
        **{f"{_CONNECTION}.{name}": _runs(Either((Arg(1, "params"), Arg(1, "values")))) for name in _RUNNING},
        **{f"{_CONNECTION}.{name}": _runs(Rest(1)) for name in _RUNNING_BY_PLACE},
        **{f"{_CONNECTION}.{name}": Call(returns=Receiver()) for name in _HANDING_ON},
        f"{_CONNECTION}.commit": Call(effects=(Effect("commit"),)),
        **plain(_CONNECTION, _QUIET),
        # A composed statement is its text; a name put into it is a text too.
        **_all({"SQL": Call(returns=Arg(0, "string")), "Identifier": Call(returns=Arg(0, "string"))}, "psycopg2.sql"),
        **_all({"SQL": Call(returns=Arg(0, "obj")), "Identifier": Call(returns=Arg(0, "string"))}, "psycopg.sql"),
        **plain("psycopg2.extras", ("Json", "register_uuid", "register_default_jsonb", "LoggingConnection")),
        **{
            f"psycopg2.extras.{name}": Call(
                effects=(
                    Effect(
                        "execute",
                        "database",
                        {
                            "statement": New("sqlalchemy.Text", {"sql": Arg(1, "sql")}),
                            "values": Arg(2, "argslist"),
                            "datastore": Arg(0, "cur"),
                        },
                    ),
                )
            )
            for name in ("execute_values", "execute_batch")
        },
    },
    types={_CONNECTION: Type(client=True)},
    attributes={f"{_CONNECTION}.connection": Receiver(), f"{_CONNECTION}._connection": Receiver()},
    aliases={
        **dict.fromkeys(
            (
                "psycopg.Cursor",
                "psycopg.AsyncCursor",
                "psycopg2.extensions.connection",
                "psycopg2.extensions.cursor",
                "asyncpg.Connection",
                "asyncpg.connection.Connection",
                "asyncpg.Pool",
                "asyncpg.pool.Pool",
                "aiosqlite.Connection",
                "aiosqlite.Cursor",
                "duckdb.DuckDBPyConnection",
                "aiomysql.Pool",
                "aiomysql.Connection",
                "mysql.connector.connection.MySQLConnection",
                "pymysql.connections.Connection",
                "pymysql.cursors.Cursor",
            ),
            _CONNECTION,
        ),
        "databases.core.Database": "databases.Database",
        "asyncpg.pool.create_pool": "asyncpg.create_pool",
    },
)

LIBRARIES = (DRIVERS,)
