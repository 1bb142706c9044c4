"""Stores without SQL: MongoDB, also by Flask-PyMongo, Elasticsearch and OpenSearch, Cassandra.

As pymongo, motor and the stores' own clients are commonly called; no version of them was read. A collection, an index
or a table is a table; a server may hold several databases, so the database's name belongs to what tells it from others.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Configured,
    Effect,
    Either,
    Element,
    Fixed,
    Kept,
    Library,
    Name,
    New,
    Receiver,
    Slot,
    Type,
    Url,
)

_CLIENT, _DATABASE, _COLLECTION = "mongo.Client", "mongo.Database", "mongo.Collection"


def _puts(table: Slot, document: Slot, datastore: Slot) -> Call:
    return Call(effects=(does("store", "database", table=table, columns=document, datastore=datastore),))


def _finds(table: Slot, datastore: Slot) -> Call:
    statement = New("sqlalchemy.Table", {"name": table})
    return Call(effects=(does("execute", "database", statement=statement, datastore=datastore),))


def _named(type_: str, url: Slot, name: Slot) -> Call:
    return Call(returns=type_, keeps={"url": url, "name": name})


_OPENED = Url(Kept("url"), Arg(0, "name"))
_WRITES = (
    "update_one", "update_many", "delete_one", "delete_many", "bulk_write", "find_one_and_update",
    "find_one_and_replace", "find_one_and_delete", "replace_one", "update", "remove", "save", "drop",
)  # fmt: skip
_READS = ("find", "find_one", "aggregate", "count_documents", "estimated_document_count", "distinct", "watch", "count")
_MONGO_CLIENT = Call(returns=_CLIENT, keeps={"url": Either((Arg(0, "host"), Fixed("mongodb://localhost")))})

MONGO = Library(
    distribution="pymongo",
    modules=("pymongo", "motor", "bson", "gridfs", "mongomock"),
    calls={
        **{f"pymongo.{name}": _MONGO_CLIENT for name in ("MongoClient", "AsyncMongoClient")},
        **{f"motor.motor_asyncio.{name}": _MONGO_CLIENT for name in ("AsyncIOMotorClient",)},
        "motor.motor_tornado.MotorClient": _MONGO_CLIENT,
        f"{_CLIENT}.__getitem__": _named(_DATABASE, _OPENED, Arg(0, "name")),
        f"{_CLIENT}.get_database": _named(_DATABASE, _OPENED, Arg(0, "name")),
        f"{_CLIENT}.get_default_database": _named(_DATABASE, Kept("url"), Fixed("")),
        f"{_DATABASE}.__getitem__": _named(_COLLECTION, Kept("url"), Arg(0, "name")),
        f"{_DATABASE}.get_collection": _named(_COLLECTION, Kept("url"), Arg(0, "name")),
        f"{_DATABASE}.create_collection": _named(_COLLECTION, Kept("url"), Arg(0, "name")),
        f"{_COLLECTION}.find_one_or_404": _finds(Kept("name"), Receiver()),
        f"{_COLLECTION}.insert_one": _puts(Kept("name"), Arg(0, "document"), Receiver()),
        f"{_COLLECTION}.insert": _puts(Kept("name"), Arg(0, "document"), Receiver()),
        f"{_COLLECTION}.insert_many": _puts(Kept("name"), Element(Arg(0, "documents")), Receiver()),
        **{f"{_COLLECTION}.{name}": _puts(Kept("name"), Fixed(None), Receiver()) for name in _WRITES},
        **{f"{_COLLECTION}.{name}": _finds(Kept("name"), Receiver()) for name in _READS},
        **plain(
            _COLLECTION, ("create_index", "create_indexes", "drop_index", "index_information", "with_options", "name")
        ),
        **plain(_CLIENT, ("close", "server_info", "start_session", "list_database_names", "drop_database", "admin")),
        **plain(_DATABASE, ("command", "list_collection_names", "drop_collection", "client", "name")),
        "bson.ObjectId": Call(),
    },
    types={_CLIENT: Type(), _DATABASE: Type(), _COLLECTION: Type()},
    attributes={
        f"{_CLIENT}.*": New(_DATABASE, {"url": Url(Kept("url"), Name()), "name": Name()}),
        f"{_DATABASE}.*": New(_COLLECTION, {"url": Kept("url"), "name": Name()}),
    },
    aliases={
        "pymongo.mongo_client.MongoClient": "pymongo.MongoClient",
        "pymongo.database.Database": _DATABASE,
        "pymongo.collection.Collection": _COLLECTION,
        "motor.motor_asyncio.AsyncIOMotorDatabase": _DATABASE,
        "motor.motor_asyncio.AsyncIOMotorCollection": _COLLECTION,
        "mongomock.MongoClient": "pymongo.MongoClient",
    },
)

_ON_FLASK = "flask_pymongo.PyMongo"
_MONGO_URL = Either((Kept("uri"), Configured("flask.Config", ("MONGO_URI", "mongo_uri"))))

FLASK_PYMONGO = Library(
    distribution="flask-pymongo",
    modules=("flask_pymongo",),
    calls={
        _ON_FLASK: Call(returns=_ON_FLASK, keeps={"uri": Arg(1, "uri")}),
        f"{_ON_FLASK}.init_app": Call(),
        **plain(_ON_FLASK, ("send_file", "save_file")),
    },
    types={_ON_FLASK: Type()},
    attributes={
        f"{_ON_FLASK}.cx": New(_CLIENT, {"url": _MONGO_URL}),
        f"{_ON_FLASK}.db": New(_DATABASE, {"url": _MONGO_URL}),
    },
    aliases={"flask_pymongo.ObjectId": "bson.ObjectId", "flask_pymongo.wrappers.Database": _DATABASE},
)

_SEARCH = "search.Client"
_INDEX = Arg(None, "index")
_SEARCH_CLIENT = Call(returns=_SEARCH, keeps={"url": Arg(0, "hosts", "localhost:9200")})

SEARCH = Library(
    distribution="elasticsearch",
    modules=("elasticsearch", "elasticsearch_dsl", "opensearchpy", "elastic_transport"),
    calls={
        **{
            f"{module}.{name}": _SEARCH_CLIENT
            for module, names in (
                ("elasticsearch", ("Elasticsearch", "AsyncElasticsearch")),
                ("opensearchpy", ("OpenSearch", "AsyncOpenSearch")),
            )
            for name in names
        },
        **{
            f"{_SEARCH}.{name}": _puts(_INDEX, Either((Arg(None, "document"), Arg(None, "body"))), Receiver())
            for name in ("index", "create", "update", "bulk", "delete", "update_by_query", "delete_by_query")
        },
        **{
            f"{_SEARCH}.{name}": _finds(_INDEX, Receiver())
            for name in ("search", "get", "mget", "msearch", "count", "exists", "scroll")
        },
        **plain(_SEARCH, ("ping", "close", "info", "options", "transport")),
    },
    types={_SEARCH: Type(), "search.Part": Type(fluent=True)},
    attributes={f"{_SEARCH}.{name}": New("search.Part") for name in ("indices", "cluster", "cat", "ilm", "nodes")},
)

_CLUSTER, _SESSION = "cassandra.Cluster", "cassandra.Session"
_CQL = New("sqlalchemy.Text", {"sql": Arg(0, "query")})
_RUNS = Call(
    effects=(
        Effect("execute", "database", {"statement": _CQL, "values": Arg(1, "parameters"), "datastore": Receiver()}),
    )
)

CASSANDRA = Library(
    distribution="cassandra-driver",
    modules=("cassandra",),
    calls={
        "cassandra.cluster.Cluster": Call(returns=_CLUSTER, keeps={"host": Element(Arg(0, "contact_points"))}),
        f"{_CLUSTER}.connect": Call(returns=_SESSION, keeps={"url": Url(Kept("host"), Arg(0, "keyspace"))}),
        **{f"{_SESSION}.{name}": _RUNS for name in ("execute", "execute_async")},
        f"{_SESSION}.prepare": Call(returns=Arg(0, "query")),
        **plain(_SESSION, ("shutdown", "set_keyspace", "row_factory")),
        **plain(_CLUSTER, ("shutdown",)),
    },
    types={_CLUSTER: Type(), _SESSION: Type(client=True)},
)

LIBRARIES = (MONGO, FLASK_PYMONGO, SEARCH, CASSANDRA)
