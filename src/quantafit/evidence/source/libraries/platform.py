"""Parts of the platform that every quantum may use for itself: secrets, settings, objects, caches, measurements.

What is kept in them is the quantum's own, as with Redis' plain commands; nobody takes it as a message. Clients are
known by their modules alone.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import Library

_NAMES = (
    "hvac",
    "consul",
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
    "kubernetes",
    "kubernetes_asyncio",
    "launchdarkly",
    "ldclient",
    "UnleashClient",
)

PLATFORM = Library(distribution="hvac", modules=_NAMES, inert=True)

LIBRARIES = (PLATFORM,)
