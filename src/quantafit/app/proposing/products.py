"""Software that systems are built on and that is nobody's own: brokers, databases, gateways, telemetry, their consoles.

Names are words of image names on Docker Hub, Quay and the GitHub registry, as compose files and manifests write them.
"""

from __future__ import annotations

import re

_PRODUCTS = (
    "postgres postgresql postgis timescaledb pgvector pgbouncer pgpool pgadmin pgadmin4 mysql mariadb percona mssql "
    "sqlserver oracle phpmyadmin adminer cockroach cockroachdb mongo mongodb mongoexpress couchdb couchbase "
    "cassandra scylla scylladb neo4j arangodb dynamodb influxdb clickhouse questdb qdrant milvus weaviate chroma "
    "chromadb redis redisinsight valkey keydb dragonfly memcached rabbitmq activemq artemis kafka zookeeper kraft "
    "kafdrop akhq redpanda nats nsqd pulsar mosquitto emqx hivemq vernemq elasticmq localstack azurite minio "
    "seaweedfs elasticsearch opensearch kibana logstash filebeat fluentd fluentbit loki promtail grafana prometheus "
    "alertmanager pushgateway cadvisor exporter jaeger zipkin tempo otel opentelemetry opentelemetrycollector "
    "datadog sentry statsd graphite consul vault etcd traefik nginx haproxy envoy kong konga caddy httpd apisix "
    "krakend keycloak zitadel authelia mailhog mailpit mailcatcher maildev greenmail flower portainer watchtower "
    "sonarqube temporal temporalio swagger registry busybox alpine jenkins gitlab gitea nexus artifactory harbor "
    "trivy clair notary portus unleash metabase superset mlflow ollama certbot ngrok cloudflared"
)
_WORDS = frozenset(_PRODUCTS.split())
# Who publishes nothing but such products, whatever an image is called: "jaegertracing/all-in-one".
_PUBLISHERS = frozenset({"goharbor", "grafana", "jaegertracing", "openzipkin", "otel", "prom", "provectuslabs"})
# "kafka-consumer" is somebody's own code that uses Kafka.
_OWN = frozenset({"api", "backend", "client", "consumer", "producer", "publisher", "service", "svc", "worker"})
_NO_NAME = frozenset(" <>[]")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: ``Order_Service-1`` is ``order``, ``service``, ``1``."""
    return tuple(filter(None, _SEPARATORS.split(name.lower())))


def image_name(image: str) -> str:
    """What an image is called, without its registry, its tag and its digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def is_placeholder(image: str) -> bool:
    """Whether an image's name is still to be filled in: ``YOUR IMAGE HERE``, ``<image>:1``.

    No image is called so: names are in lower case, without spaces and brackets (distribution's grammar of references).
    """
    name = image_name(image)
    return not name or name.isupper() or not _NO_NAME.isdisjoint(name)


def is_product(name: str) -> bool:
    """Whether a name is that of such a product, alone or with other words: ``redis-cart``, ``cp-kafka``."""
    found = words(name)
    return not _WORDS.isdisjoint(found) and _OWN.isdisjoint(found)


def is_product_image(image: str) -> bool:
    """Whether an image is one of such a product, by its name or by who publishes it."""
    publisher = image.partition("@")[0].rpartition("/")[0].rpartition("/")[2]
    return publisher in _PUBLISHERS or is_product(image_name(image))
