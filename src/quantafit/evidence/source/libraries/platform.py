"""Parts of the platform that every quantum may use for itself: secrets, settings, objects, caches, measurements.

What is kept in them is the quantum's own, as with Redis' plain commands; nobody takes it as a message. Clients are
known by their modules alone.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does
from quantafit.evidence.source.libraries.vocabulary import Address, Arg, Call, Callback, Library, New, Type

_NAMES = (
    "hvac",
    "etcd3",
    "aioetcd3",
    "minio",
    "miniopy_async",
    "memcache",
    "pymemcache",
    "aiomcache",
    "pylibmc",
    "influxdb",
    "influxdb_client",
    "influxdb_client_3",
    "neo4j",
    "kazoo",
    "azure.keyvault",
    "azure.storage.blob",
    "google.cloud.logging",
    "google.cloud.monitoring_v3",
    "google.cloud.secretmanager",
    "google.cloud.storage",
    "aiodocker",
    "docker",
    "kubernetes",
    "kubernetes_asyncio",
    "launchdarkly",
    "ldclient",
    "UnleashClient",
)

PLATFORM = Library(distribution="hvac", modules=_NAMES, inert=True)

CONSUL = Library(
    distribution="python-consul",
    modules=("consul", "aioconsul", "asyncio_consul"),
    calls={"consul.Consul": Call(returns="consul.Consul")},
    types={"consul.Consul": Type(), "consul.Services": Type()},
    attributes={f"consul.Consul.{name}": New("consul.Services") for name in ("health", "catalog")},
    aliases={"consul.aio.Consul": "consul.Consul", "consul.std.Consul": "consul.Consul"},
    inert=True,
)
"""The nodes of a service are found under its name (``supplied.py``): that is whose address an entry of them holds."""

_ASKS = does("request", "http", host=Arg(0, "app_name"))
EUREKA = Library(
    distribution="py-eureka-client",
    modules=("py_eureka_client",),
    calls={
        f"py_eureka_client.eureka_client.{name}{kind}": call
        for kind in ("", "_async")
        for name, call in (
            ("do_service", Call(effects=(_ASKS,))),
            (
                "walk_nodes",
                Call(calls=(Callback(Arg(2, "walker"), (Address("http", Arg(0, "app_name"), Arg(1, "service")),)),)),
            ),
            *((name, Call()) for name in ("init", "init_registry_client", "init_discovery_client", "stop")),
        )
    },
)

LIBRARIES = (PLATFORM, CONSUL, EUREKA)
