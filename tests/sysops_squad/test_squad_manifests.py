"""The Kubernetes manifests: valid, locked down, and the same system as the compose file."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from squad_servers import DEPLOY, QUANTA

KUBERNETES = DEPLOY / "kubernetes"
WAYS = ("etl", "replication")
"""How the support contracts reach the customers' database: each is the base and something more."""

Object = Mapping[str, Any]


def _objects(way: str) -> list[Object]:
    paths = sorted([*(KUBERNETES / "base").glob("*.yaml"), *(KUBERNETES / way).glob("*.yaml")])
    documents = [one for path in paths for one in yaml.safe_load_all(path.read_text())]
    return [one for one in documents if one["kind"] != "Kustomization"]


def _workloads(way: str) -> dict[str, Object]:
    """Each workload's pod template, by the name of the workload."""
    found = [one for one in _objects(way) if one["kind"] in ("Deployment", "StatefulSet", "Job")]
    return {one["metadata"]["name"]: one["spec"]["template"] for one in found}


def _services() -> dict[str, Object]:
    services: dict[str, Object] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


@pytest.mark.parametrize("way", WAYS)
def test_every_object_fits_the_schema_of_kubernetes(way: str) -> None:
    for one in _objects(way):
        kubernetes_validate.validate(one, "1.32", strict=True)


def test_a_misspelt_key_would_not_fit_the_schema() -> None:
    broken = {**_objects("etl")[0], "specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.32", strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("way", WAYS)
def test_the_kustomization_builds_what_is_written(way: str, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DEPLOY, tmp_path / "deploy"))
    for key in ("customer/billing-public-key.json", "sysops/staff-keys.json"):
        (copy / "secrets" / key).parent.mkdir()
        (copy / "secrets" / key).write_text("{}")
    command = ["kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(copy / "kubernetes" / way)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert built.returncode == 0, built.stderr
    names = {(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(built.stdout)}
    assert names >= {(one["kind"], one["metadata"]["name"]) for one in _objects(way)}


def test_each_way_runs_the_units_of_compose_in_its_profile() -> None:
    for way in WAYS:
        expected = {name for name, one in _services().items() if way in one.get("profiles", [way])}
        assert set(_workloads(way)) == expected


def test_units_have_the_image_the_command_the_ports_and_the_variables_of_compose() -> None:
    services = _services()
    for way in WAYS:
        for name, template in _workloads(way).items():
            (container,) = template["spec"]["containers"]
            composed = services[name]
            assert container["image"] == composed["image"], name
            assert _run_by(container) == composed.get("command", []), name
            given = _variables(container)
            assert {key: given.get(key) for key in composed["environment"]} == {
                key: re.sub(r"\$\{(\w+):\?\}", r"$(\1)", str(value)) for key, value in composed["environment"].items()
            }, name
            # Beside these only the passwords that values refer to, and where a server finds what is mounted.
            more = {key for key in given if key not in composed["environment"]}
            used = {key for value in given.values() for key in re.findall(r"\$\((\w+)\)", value)}
            assert more <= used | {"PGDATA", "REPLICATION_PASSFILE", "DEFINITIONS"}, name
            inside = {str(port).rpartition(":")[2] for port in composed.get("ports", [])}
            assert inside <= {str(port["containerPort"]) for port in container.get("ports", [])}, name


def test_replication_is_made_ready_in_both_descriptions() -> None:
    assert _services()["sysops-db"]["command"] == ["postgres", "-c", "wal_level=logical"]
    files = set(yaml.safe_load((KUBERNETES / "base/kustomization.yaml").read_text())["configMapGenerator"][1]["files"])
    assert files == {f"../../postgresql/{path.name}" for path in (DEPLOY / "postgresql").iterdir()}


@pytest.mark.parametrize("way", WAYS)
def test_every_workload_is_locked_down(way: str) -> None:
    for name, template in _workloads(way).items():
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        for container in spec["containers"]:
            limits = container["securityContext"]
            assert limits["readOnlyRootFilesystem"] is True, name
            assert limits["allowPrivilegeEscalation"] is False, name
            assert limits["capabilities"] == {"drop": ["ALL"]}, name
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}, name
            if container.get("ports"):
                assert "readinessProbe" in container, name
                assert "livenessProbe" in container, name


@pytest.mark.parametrize("way", WAYS)
def test_every_password_is_a_reference_to_a_secret(way: str) -> None:
    for name, template in _workloads(way).items():
        for variable in template["spec"]["containers"][0]["env"]:
            if variable["name"].endswith("PASSWORD"):
                assert set(variable["valueFrom"]) == {"secretKeyRef"}, name
    assert not [one for one in _objects(way) if one["kind"] == "Secret"]


@pytest.mark.parametrize("way", WAYS)
def test_only_what_migrates_a_database_or_publishes_of_it_knows_the_role_that_owns_it(way: str) -> None:
    for quantum in QUANTA:
        owning = {name for name, template in _workloads(way).items() if "owner-password" in str(template)}
        of_it = {name for name in owning if f"{quantum}-db', 'key': 'owner-password" in str(_workloads(way)[name])}
        publishes = {"contracts-replication"} if (way, quantum) == ("replication", "sysops") else set()
        assert of_it == {f"{quantum}-db", f"{quantum}-migrate"} | publishes
        composed = {
            name
            for name, one in _services().items()
            if f"{quantum.upper()}_DB_OWNER_PASSWORD" in str(one) and way in one.get("profiles", [way])
        }
        assert composed == of_it


def test_the_private_keys_of_billing_are_its_intake_s_alone() -> None:
    users = [name for name, template in _workloads("etl").items() if "billing-private-keys" in str(template)]
    assert users == ["billing-intake"]


@pytest.mark.parametrize("way", WAYS)
def test_the_network_lets_each_quantum_reach_its_database_and_the_broker_and_nothing_of_the_others(way: str) -> None:
    labels = {name: template["metadata"]["labels"] for name, template in _workloads(way).items()}
    policies = [one["spec"] for one in _objects(way) if one["kind"] == "NetworkPolicy"]
    units = [name for name, label in labels.items() if label.get("quantum")]
    assert {labels[name]["quantum"] for name in units} == {*QUANTA}
    for name in units:
        own = labels[name]["quantum"]
        reached = {
            other for other in labels for port in (5432, 5672, 8000) if _passes(policies, labels, name, other, port)
        }
        foreign = {"customer-db"} if name == "sysops-contracts-etl" else set()
        assert reached == {f"{own}-db", "rabbitmq"} | foreign, name
    between = {
        (one, other)
        for one in labels
        for other in labels
        if one.endswith(("-db", "rabbitmq")) and _passes(policies, labels, one, other, 5432)
    }
    assert between == ({("customer-db", "sysops-db")} if way == "replication" else set())


def _run_by(container: Object) -> list[str]:
    command = [*container.get("command", []), *container.get("args", [])]
    return [part.replace("/etc/rabbitmq/sysops-squad/start.sh", "/etc/rabbitmq/start.sh") for part in command]


def _variables(container: Object) -> dict[str, str]:
    """What a container is given; a reference to a secret is written as `$(NAME)`, as other values refer to it."""
    given = {one["name"]: one.get("value", f"$({one['name']})") for one in container["env"]}
    # Compose names a password as its owner's, a server of PostgreSQL knows it by its own names.
    for name, theirs in (
        ("POSTGRES_PASSWORD", "DB_ADMIN_PASSWORD"),
        ("QUANTUM_PASSWORD", "DB_PASSWORD"),
        ("QUANTUM_OWNER_PASSWORD", "DB_OWNER_PASSWORD"),
    ):
        if name in given:
            given[name] = f"$({given['QUANTUM'].upper()}_{theirs})"
    return given


def _passes(policies: list[Object], labels: Mapping[str, Object], source: str, target: str, port: int) -> bool:
    """Whether the policies let a connection out of one workload and into another."""
    return _allowed(policies, "egress", "to", labels[source], labels[target], port) and _allowed(
        policies, "ingress", "from", labels[target], labels[source], port
    )


def _allowed(policies: list[Object], way: str, peers: str, own: Object, other: Object, port: int) -> bool:
    governing = [one for one in policies if way.title() in one["policyTypes"] and _selects(one["podSelector"], own)]
    rules = [rule for one in governing for rule in one.get(way, [])]
    return not governing or any(
        port in [one["port"] for one in rule["ports"]] and any(_is_peer(peer, other) for peer in rule.get(peers, [{}]))
        for rule in rules
    )


def _is_peer(peer: Object, labels: Object) -> bool:
    """Whether a peer is that pod, which is in this namespace; a rule without peers means everybody."""
    return "namespaceSelector" not in peer and _selects(peer.get("podSelector", {}), labels)


def _selects(selector: Object, labels: Object) -> bool:
    return set(selector) <= {"matchLabels", "matchExpressions"} and all(_conditions(selector, labels))


def _conditions(selector: Object, labels: Object) -> Iterator[bool]:
    for key, value in selector.get("matchLabels", {}).items():
        yield labels.get(key) == value
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In"
        yield labels.get(one["key"]) in one["values"]
