"""redis-py, its asyncio twin and aioredis: pub/sub, lists and streams as channels.

Facts read in redis-py 5.3.1. Pub/sub keeps nothing. ``blpop`` and its kin take an element away before the work is done;
a stream's group acknowledges with ``xack`` unless ``noack=True``. Whether a list or a stream survives a restart is a
matter of the server's configuration. Lists and streams lie in the client's database, which is number 0 by default and
which the path of a URL says before ``db``; what is announced goes to all databases (Redis documentation, "Pub/sub").
"""

from __future__ import annotations

from collections.abc import Mapping

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Element,
    Fixed,
    Kept,
    Keywords,
    Library,
    New,
    Receiver,
    Rest,
    Slot,
    Switch,
    Type,
)

_CLIENT, _PUBSUB, _MESSAGE, _SENTINEL = "redis.Redis", "redis.PubSub", "redis.Message", "redis.Sentinel"
_WHERE: dict[str, Slot] = {"broker": Kept("url")}
_IN_DATABASE: dict[str, Slot] = {**_WHERE, "number": Kept("number")}
_LIST, _STREAM, _CHANNELS = ({"kind": Fixed(kind)} for kind in ("list", "stream", "channel"))
_KEPT_NOWHERE: dict[str, Slot] = {
    **_WHERE,
    **_CHANNELS,
    "fact:durable": Fixed(False),
    "fact:persistent": Fixed(False),
    "fact:confirmed": Fixed(False),
}

_ANNOUNCE = does("publish", "redis", _KEPT_NOWHERE, channel=Arg(0, "channel"), message=Arg(1, "message"))


def _push(kind: Mapping[str, Slot]) -> Call:
    slots = {"store": Fixed("redis"), "fact:confirmed": Fixed(True), **_IN_DATABASE, **kind}
    return Call(effects=(does("publish", "redis", slots, channel=Arg(0, "name"), message=Arg(1, "values")),))


def _take(channel: Slot, auto: Slot | None, returns: str | Slot = _MESSAGE, kind: Mapping[str, Slot] = _LIST) -> Call:
    slots = {"channel": channel, "at_once": Fixed(True), **_IN_DATABASE, **kind}
    slots |= {"auto_ack": auto} if auto is not None else {}
    return Call(returns=returns, effects=(Effect("subscribe", "redis", slots),))


_POP = _take(Arg(0, "keys"), Fixed(True))
_MOVE = _take(Arg(0, "first_list"), None)


_FROM_PUBSUB: dict[str, Slot] = {"auto_ack": Fixed(True), "consumer": Receiver(), **_WHERE, **_CHANNELS}


def _subscribe(**more: Slot) -> Call:
    """Channels come by position, or as keywords with the function that handles each."""
    return Call(
        returns=_MESSAGE,
        effects=tuple(
            Effect("subscribe", "redis", {"channel": Element(given), **_FROM_PUBSUB, **more}, given)
            for given in (Rest(0), Keywords())
        ),
    )


_SUBSCRIBE, _SUBSCRIBE_PATTERN = _subscribe(), _subscribe(pattern=Fixed("glob"))

_FROM_URL = Call(returns=_CLIENT, keeps={"url": Arg(0, "url"), "number": Arg(None, "db", 0)})

REDIS = Library(
    distribution="redis",
    modules=("redis", "aioredis", "fakeredis", "flask_redis"),
    calls={
        # A pool is given with an address of its own.
        _CLIENT: Call(
            returns=_CLIENT,
            keeps={
                "url": Switch(Arg(None, "connection_pool"), {None: Arg(0, "host", "localhost")}, Fixed(None)),
                "number": Switch(Arg(None, "connection_pool"), {None: Arg(2, "db", 0)}, Fixed(None)),
            },
        ),
        "redis.from_url": _FROM_URL,
        f"{_CLIENT}.from_url": _FROM_URL,
        f"{_CLIENT}.from_pool": Call(returns=_CLIENT),
        # Its address is the application's ``REDIS_URL``.
        "flask_redis.FlaskRedis": Call(returns=_CLIENT),
        "flask_redis.FlaskRedis.from_custom_provider": Call(returns=_CLIENT),
        _SENTINEL: Call(returns=_SENTINEL),
        **{f"{_SENTINEL}.{name}": Call(returns=_CLIENT) for name in ("master_for", "slave_for")},
        **plain(_SENTINEL, ("discover_master", "discover_slaves")),
        f"{_CLIENT}.pipeline": Call(returns=Receiver()),
        f"{_CLIENT}.client": Call(returns=Receiver()),
        f"{_CLIENT}.pubsub": Call(returns=_PUBSUB, keeps={"url": Kept("url")}),
        f"{_CLIENT}.publish": Call(effects=(_ANNOUNCE,)),
        f"{_CLIENT}.spublish": Call(effects=(_ANNOUNCE,)),
        f"{_CLIENT}.subscribe": _SUBSCRIBE,  # aioredis 1
        f"{_CLIENT}.psubscribe": _SUBSCRIBE_PATTERN,
        f"{_PUBSUB}.subscribe": _SUBSCRIBE,
        f"{_PUBSUB}.ssubscribe": _SUBSCRIBE,
        f"{_PUBSUB}.psubscribe": _SUBSCRIBE_PATTERN,
        f"{_PUBSUB}.listen": Call(returns=New("redis.Messages"), effects=(Effect("take"),)),
        f"{_PUBSUB}.get_message": Call(returns=_MESSAGE, effects=(Effect("take"),)),
        **{f"{_CLIENT}.{name}": _push(_LIST) for name in ("lpush", "rpush", "lpushx", "rpushx")},
        f"{_CLIENT}.xadd": _push(_STREAM),
        **{f"{_CLIENT}.{name}": _POP for name in ("blpop", "brpop", "lpop", "rpop", "blmpop", "lmpop")},
        **{f"{_CLIENT}.{name}": _MOVE for name in ("blmove", "lmove", "brpoplpush", "rpoplpush")},
        f"{_CLIENT}.xread": _take(Element(Arg(0, "streams")), Fixed(True), New("redis.Messages"), _STREAM),
        f"{_CLIENT}.xreadgroup": _take(
            Element(Arg(2, "streams")), Arg(5, "noack", False), New("redis.Messages"), _STREAM
        ),
        f"{_CLIENT}.xautoclaim": Call(returns=New("redis.Messages")),
        f"{_CLIENT}.xclaim": Call(returns=New("redis.Messages")),
        f"{_CLIENT}.xack": Call(effects=(Effect("acknowledge"),)),
        f"{_CLIENT}.lrem": Call(effects=(Effect("acknowledge"),)),
        # Every other command stores, reads or manages what the quantum itself keeps there.
        f"{_CLIENT}.*": Call(),
        f"{_PUBSUB}.*": Call(),
        **plain("redis", ("ConnectionPool", "BlockingConnectionPool", "Retry", "ExponentialBackoff")),
    },
    types={
        _CLIENT: Type(client=True),
        _PUBSUB: Type(client=True),
        _SENTINEL: Type(client=True),
        _MESSAGE: Type(),
        "redis.Messages": Type(iterates=New(_MESSAGE)),
    },
    aliases={
        "redis.asyncio": "redis",
        "aioredis": "redis",
        "redis.StrictRedis": _CLIENT,
        "redis.client.Redis": _CLIENT,
        "redis.client.StrictRedis": _CLIENT,
        "redis.client.PubSub": _PUBSUB,
        "redis.asyncio.client.PubSub": _PUBSUB,
        "redis.cluster.RedisCluster": _CLIENT,
        "redis.sentinel.Sentinel": _SENTINEL,
        "redis.RedisCluster": _CLIENT,
        "redis.create_redis_pool": _CLIENT,
        "redis.create_redis": _CLIENT,
        "redis.create_pool": _CLIENT,
        "redis.client.Pipeline": _CLIENT,
        "flask_redis.client.FlaskRedis": "flask_redis.FlaskRedis",
    },
    telling=frozenset({"xadd", "xreadgroup", "psubscribe"}),
)

_HASH, _KEYS = "redis_om.HashModel", "redis_om.Keys"
_LISTED = does("execute", "database", statement=Receiver(), datastore=Fixed(None))

REDIS_OM = Library(
    distribution="redis-om",
    modules=("redis_om", "aredis_om"),
    calls={
        "redis_om.get_redis_connection": Call(returns=_CLIENT, keeps={"url": Keywords()}),
        f"{_HASH}.all_pks": Call(returns=_KEYS, effects=(_LISTED,)),
        f"{_HASH}.expire": Call(),
        "redis_om.Migrator": Call(returns="redis_om.Migrator"),
        **plain("redis_om.Migrator", ("run", "detect_migrations")),
        "redis_om.Field": Call(),
    },
    types={_HASH: Type(extends="orm.Model"), _KEYS: Type(), "redis_om.Migrator": Type()},
    kinds={_HASH: "entity"},
    aliases={
        "aredis_om": "redis_om",
        "redis_om.JsonModel": _HASH,
        "redis_om.EmbeddedJsonModel": _HASH,
        "redis_om.model.HashModel": _HASH,
        "redis_om.model.JsonModel": _HASH,
    },
)

LIBRARIES = (REDIS, REDIS_OM)
