"""What Kubernetes manifests say of deployment units."""

from __future__ import annotations

import base64

import pytest

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration, Place, Unit
from quantafit.workspace import MemoryWorkspace

BILLING = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: billing, namespace: shop}
data:
  BROKER_URL: amqp://rabbit/
  PRICE: $5
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: billing
  namespace: shop
spec:
  template:
    metadata:
      labels: {app: billing, tier: back}
    spec:
      containers:
        - name: billing
          image: shop/billing:1.10
          command: [python, -m]
          args: ["billing.app"]
          workingDir: /app
          envFrom:
            - configMapRef: {name: billing}
            - configMapRef: {name: billing, optional: true}
              prefix: X_
            - configMapRef: {name: not-here}
          env:
            - name: CUSTOMER_URL
              value: http://customer:$(CUSTOMER_PORT)
            - name: BROKER_URL
              value: $(X_BROKER_URL)vhost
            - name: PORT
              value: 8080
            - name: FROM_KEY
              valueFrom: {configMapKeyRef: {name: billing, key: BROKER_URL}}
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: billing, key: url}}
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: billing, key: password}}
            - name: POD
              valueFrom: {fieldRef: {fieldPath: metadata.name}}
            - name: EMPTY
          ports: [{containerPort: 8080}]
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: scratch, mountPath: /scratch}
        - name: proxy
          image: envoy
          env: [{name: PORT, value: "1"}, {name: PROXY, value: "2"}]
      volumes:
        - name: data
          persistentVolumeClaim: {claimName: billing-data}
        - name: scratch
          emptyDir: {}
---
apiVersion: v1
kind: Service
metadata: {name: billing-api, namespace: shop}
spec:
  selector: {app: billing}
"""

SECRET = f"""\
apiVersion: v1
kind: Secret
metadata: {{name: billing, namespace: shop}}
data:
  url: {base64.b64encode(b"postgresql://u:p@db/billing").decode()}
stringData:
  password: hunter2
"""


def collected(tree: dict[str, str | bytes]) -> Configuration:
    return collect(MemoryWorkspace(tree))


def only_unit(configuration: Configuration) -> Unit:
    (unit,) = configuration.units
    return unit


def environment(unit: Unit) -> dict[str, str | None]:
    return {binding.name: binding.value for binding in unit.environment}


def test_a_deployment_is_a_unit() -> None:
    unit = only_unit(collected({"k8s/billing.yaml": BILLING}))
    assert (unit.name, unit.image, unit.command) == ("billing", "shop/billing:1.10", "python -m billing.app")
    assert (unit.place, unit.working_dir) == (Place("k8s/billing.yaml", 11, 9), "/app")
    assert unit.ports == ("8080",)
    assert unit.volumes == ("billing-data:/data", "emptyDir:/scratch")


def test_it_answers_to_the_services_that_select_it() -> None:
    assert only_unit(collected({"billing.yaml": BILLING})).hosts == (
        "billing-api",
        "billing-api.shop",
        "billing-api.shop.svc",
        "billing-api.shop.svc.cluster.local",
    )


@pytest.mark.parametrize(
    "selector", ["{app: other}", "{app: billing, tier: front}", "{}", "{app: billing}\n  x: 1\n---\n"]
)
def test_a_service_that_selects_something_else_names_it_not(selector: str) -> None:
    namespace = "other" if "---" in selector else "shop"
    text = BILLING.replace("namespace: shop}\nspec", f"namespace: {namespace}}}\nspec")
    assert (
        only_unit(collected({"a.yaml": text.replace("selector: {app: billing}", f"selector: {selector}")})).hosts == ()
    )


def test_it_is_given_what_config_maps_hold() -> None:
    assert environment(only_unit(collected({"a.yaml": BILLING, "secret.yaml": SECRET}))) == {
        "PORT": "8080",
        "PROXY": "2",
        "BROKER_URL": "amqp://rabbit/vhost",
        "PRICE": "$$5",
        "X_BROKER_URL": "amqp://rabbit/",
        "X_PRICE": "$$5",
        "CUSTOMER_URL": "http://customer:${CUSTOMER_PORT}",
        "FROM_KEY": "amqp://rabbit/",
        "DATABASE_URL": "postgresql://u:p@db/billing",
        "PASSWORD": None,
        "POD": None,
        "EMPTY": "",
    }


def test_no_password_of_a_secret_is_kept() -> None:
    found = collected({"a.yaml": BILLING, "secret.yaml": SECRET})
    assert "hunter2" not in repr(found)


def test_a_value_stands_in_the_config_map_that_it_comes_from() -> None:
    unit = only_unit(collected({"a.yaml": BILLING}))
    places = {one.name: one.place for one in unit.environment}
    assert places["FROM_KEY"] == Place("a.yaml", 5, 3)
    assert places["CUSTOMER_URL"] == Place("a.yaml", 30, 15)


def test_the_config_map_of_the_nearest_folder_is_meant() -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {A: %s}\n"
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec: {containers: [{image: x, envFrom: [{configMapRef: {name: c}}]}]}\n"
    )
    found = collected({"a/config.yaml": config % "far", "b/prod/config.yaml": config % "near", "b/prod/pod.yaml": pod})
    assert environment(only_unit(found)) == {"A": "near"}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", "{template: {spec: %s}}"),
        ("StatefulSet", "{template: {spec: %s}}"),
        ("DaemonSet", "{template: {spec: %s}}"),
        ("Job", "{template: {spec: %s}}"),
        ("CronJob", "{jobTemplate: {spec: {template: {spec: %s}}}}"),
        ("Pod", "%s"),
    ],
)
def test_every_kind_of_workload_is_a_unit(kind: str, spec: str) -> None:
    containers = "{containers: [{image: x, env: [{name: A, value: b}]}]}"
    text = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: w}}\nspec: {spec % containers}\n"
    assert environment(only_unit(collected({"w.yml": text}))) == {"A": "b"}


def test_objects_inside_a_list_are_read() -> None:
    listed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec: {}\n"
    assert only_unit(collected({"a.yaml": listed})).place == Place("a.yaml", 6, 20)


def test_a_knative_service_is_reached_by_its_own_name() -> None:
    text = (
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\n"
        "spec: {template: {spec: {containers: [{image: x}]}}}\n"
    )
    assert only_unit(collected({"a.yaml": text})).hosts[:2] == ("k", "k.default")


def test_what_is_no_workload_is_silent() -> None:
    silent = {
        "helm/templates/a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Values.name }}\n",
        "helm/templates/b.yaml": 'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .Values.name }}"}\nspec: {}\n',
        "crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: [\n",
        "ci.yml": "jobs:\n  a: [\n",
        "kind.yaml": "kind: Deployment\nmetadata: {name: a}\n",
        "tests/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {}\n",
    }
    found = collected(silent)
    assert (found.units, found.errors) == ((), ())


def test_a_value_that_is_still_a_template_is_unknown() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        'spec: {containers: [{image: x, env: [{name: A, value: "{{ .Values.a }}"}]}]}\n'
    )
    assert environment(only_unit(collected({"a.yaml": text}))) == {"A": None}


def test_a_manifest_that_cannot_be_parsed_is_an_error_with_its_place() -> None:
    (error,) = collected({"k8s/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: [\n"}).errors
    assert error.place.path == "k8s/a.yaml"
    assert error.place.line in (3, 4)


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: cart%s}\nspec: {%scontainers: [{image: x}]}\n"
SERVICE = "---\napiVersion: v1\nkind: Service\nmetadata: {name: pay-api%s}\nspec: {%sports: [{port: 80}, {port: 81}]}\n"


def test_pods_are_told_by_variables_where_the_services_of_their_namespace_are() -> None:
    unit = only_unit(collected({"a.yaml": POD % ("", "") + SERVICE % ("", "")}))
    given = {one.name: one.value for one in unit.given}
    assert given == {"PAY_API_SERVICE_HOST": "pay-api", "PAY_API_SERVICE_PORT": "80"}
    assert environment(unit) == {}


@pytest.mark.parametrize(
    ("pod", "service"),
    [
        (("", "enableServiceLinks: false, "), ("", "")),
        (("", ""), (", namespace: other", "")),
        (("", ""), ("", "clusterIP: None, ")),
        (("", ""), ("", "type: ExternalName, ")),
    ],
)
def test_of_a_service_without_an_address_here_no_variable_tells(pod: tuple[str, str], service: tuple[str, str]) -> None:
    assert only_unit(collected({"a.yaml": POD % pod + SERVICE % service})).given == ()
