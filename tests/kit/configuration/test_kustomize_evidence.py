"""What kustomizations add: generated config maps, patches written inside, JSON patches."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration
from quantafit.workspace import MemoryWorkspace

BASE = {
    "k8s/base/deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: customer}
        spec:
          template:
            spec:
              containers:
                - name: app
                  image: shop/customer
                  envFrom: [{configMapRef: {name: addresses}}, {secretRef: {name: hidden}}]
                  env: [{name: FIRST, value: "1"}, {name: PAY_URL, value: http://billing}]
        """,
    "k8s/base/kustomization.yaml": """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [deployment.yaml]
        configMapGenerator:
          - name: addresses
            literals: [SYSOPS_URL=http://sysops, 'QUOTED="http://quoted"']
            envs: [addresses.env, ../missing.env]
        secretGenerator:
          - name: hidden
            literals: [PASSWORD=swordfish, DATABASE_URL=postgresql://u:p@db/shop]
        """,
    "k8s/base/addresses.env": "FROM_FILE=http://file\n",
}
OVERLAY = {
    "k8s/prod/kustomization.yaml": """
        resources: [../base]
        patches:
          - target: {kind: Deployment, name: customer}
            patch: |-
              - op: replace
                path: /spec/template/spec/containers/0/env/1/value
                value: http://money
              - op: add
                path: /spec/template/spec/containers/0/env/-
                value: {name: ADDED, value: http://added}
              - op: replace
                path: /spec/template/spec/containers/7/env/9/value
                value: http://nowhere
          - patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: customer}
              spec: {template: {spec: {containers: [{name: app, env: [{name: MERGED, value: http://merged}]}]}}}
        """,
}


def collected(files: dict[str, str]) -> Configuration:
    return collect(MemoryWorkspace({path: dedent(text).lstrip("\n").encode() for path, text in files.items()}))


def values(found: Configuration) -> dict[str, set[str | None]]:
    result: dict[str, set[str | None]] = {}
    for unit in found.units:
        assert unit.name == "customer"
        for binding in unit.environment:
            result.setdefault(binding.name, set()).add(binding.value)
    return result


def test_generated_config_maps_bind_and_generated_secrets_only_where_they_are_addresses() -> None:
    found = collected(BASE)
    assert found.errors == ()
    assert values(found) == {
        "SYSOPS_URL": {"http://sysops"},
        "QUOTED": {"http://quoted"},
        "FROM_FILE": {"http://file"},
        "PASSWORD": {None},
        "DATABASE_URL": {"postgresql://u:p@db/shop"},
        "FIRST": {"1"},
        "PAY_URL": {"http://billing"},
    }
    assert "swordfish" not in repr(found)


def test_an_overlay_is_an_alternative_to_its_base() -> None:
    found = values(collected(BASE | OVERLAY))
    assert found["PAY_URL"] == {"http://billing", "http://money"}
    assert found["ADDED"] == {"http://added"}
    assert found["MERGED"] == {"http://merged"}
    assert found["FIRST"] == {"1"}


PIECES = st.lists(
    st.sampled_from(
        ["patches:\n", "- ", "  ", "target: ", "{kind: Pod}", "patch: |\n", "path: a.yaml\n", "configMapGenerator:\n",
         "name: a\n", "literals: [A=b]\n", "envs: [b.env]\n", "kind: Pod\n", "apiVersion: v1\n", "value: 1\n", "é", "["]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PIECES, PIECES)
def test_no_kustomization_makes_the_collection_fail(text: str, other: str) -> None:
    tree = {"kustomization.yaml": text.encode(), "a.yaml": other.encode(), "b.env": other.encode()}
    assert all(error.place.path in tree for error in collect(MemoryWorkspace(tree)).errors)
