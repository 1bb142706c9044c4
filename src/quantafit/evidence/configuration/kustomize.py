"""Kustomize: what generators and patches add to the manifests of a tree.

Read: ``configMapGenerator`` and ``secretGenerator`` (literals, env files), strategic merge patches written inside the
kustomization, and JSON patches of a container's variables. Patches in files of their own are manifests of their own;
base and overlays stay alternatives. Source: Kustomize documentation, "kustomization.yaml"; RFC 6902.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from quantafit.documents import DocumentError, Entry, Mapping, Node, Scalar, load_all_yaml
from quantafit.evidence.configuration.journal import Journal
from quantafit.evidence.configuration.kubernetes import Manifest, manifests, pod_template
from quantafit.evidence.configuration.nodes import get, items, place, text, texts
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.evidence.configuration.units import Workshop
from quantafit.model import Binding, Unit

_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_VARIABLE = re.compile(r".*/containers/(\d+)/env/(\d+)(?:/value)?")
_ADDED = re.compile(r".*/env/(?:-|\d+)")


def is_kustomization(path: str) -> bool:
    """Whether a file is a kustomization, by its name."""
    return path.rpartition("/")[2] in _NAMES


def generated(path: str, root: Node, workshop: Workshop) -> Iterator[Manifest]:
    """The config maps and secrets that a kustomization generates, under the names that workloads refer to."""
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for one in items(get(root, key)):
            name = text(get(one, "name"))
            if name is None:
                continue
            entries = [*_literals(one), *_from_files(path, one, workshop)]
            data = "stringData" if kind == "Secret" else "data"
            node = _mapping(
                one, metadata=_mapping(one, name=_scalar(name, one)), **{data: Mapping(tuple(entries), 1, 1)}
            )
            yield Manifest(path, kind, "v1", node)


def _literals(generator: Node) -> Iterator[Entry]:
    for item in items(get(generator, "literals")):
        name, equals, value = (text(item) or "").partition("=")
        if equals:
            yield Entry(name, item.line, item.column, _scalar(value.strip("\"'"), item))


def _from_files(path: str, generator: Node, workshop: Workshop) -> Iterator[Entry]:
    for written in (*texts(get(generator, "envs")), *texts(get(generator, "env"))):
        file = under(folder_of(path), written)
        if file is None or file not in workshop.journal.workspace.files:
            continue
        for binding in workshop.bindings(file):
            if binding.value is not None:
                yield Entry(binding.name, generator.line, generator.column, _scalar(binding.value, generator))


def inline(path: str, root: Node, journal: Journal) -> Iterator[Manifest]:
    """The manifests that are written inside a kustomization, as patches of others."""
    written = [get(one, "patch") for one in items(get(root, "patches"))]
    written += items(get(root, "patchesStrategicMerge"))
    for node in written:
        content = text(node)
        if node is None or content is None or "kind:" not in content:
            continue
        try:
            documents = load_all_yaml(b"\n" * node.line + content.encode(errors="replace"), path)
        except DocumentError:
            continue
        yield from manifests(path, documents)


def patched(path: str, root: Node, workloads: Iterable[Manifest], journal: Journal) -> Iterator[Unit]:
    """The variables that JSON patches give to workloads: each is a unit of its own, an alternative to the base."""
    workloads = tuple(workloads)
    for one in (*items(get(root, "patches")), *items(get(root, "patchesJson6902"))):
        kind, name = text(get(one, "target", "kind")), text(get(one, "target", "name"))
        steps = _steps(path, one, journal)
        for workload in workloads if steps else ():
            if pod_template(workload) is None or kind not in (None, workload.kind) or name not in (None, workload.name):
                continue
            bindings = tuple(_set(path, steps, workload))
            if bindings:
                yield Unit(workload.name, place(path, one), environment=bindings)


def _set(path: str, steps: Iterable[Node], workload: Manifest) -> Iterator[Binding]:
    for step in steps:
        where, value = text(get(step, "path")) or "", get(step, "value")
        found = _VARIABLE.fullmatch(where)
        given = text(get(value, "name"))
        if given is not None and _ADDED.fullmatch(where):
            yield Binding(given, text(get(value, "value")), place(path, step))
        elif found is not None:
            name = _variable(workload, int(found[1][:4]), int(found[2][:4]))
            if name is not None:
                yield Binding(name, text(value), place(path, step))


def _steps(path: str, patch: Node, journal: Journal) -> tuple[Node, ...]:
    node = get(patch, "patch")
    content = text(node)
    written = text(get(patch, "path"))
    file = under(folder_of(path), written) if content is None and written else None
    try:
        if content is not None and node is not None:
            documents = load_all_yaml(b"\n" * node.line + content.encode(errors="replace"), path)
        elif file is not None and file in journal.workspace.files:
            documents = load_all_yaml(journal.glance(file), path)
        else:
            return ()
    except DocumentError:
        return ()
    return tuple(step for root in documents for step in items(root))


def _variable(workload: Manifest, container: int, index: int) -> str | None:
    containers = items(get(pod_template(workload), "containers"))
    if container >= len(containers):
        return None
    variables = items(get(containers[container], "env"))
    return text(get(variables[index], "name")) if index < len(variables) else None


def _mapping(at: Node, **values: Node) -> Mapping:
    return Mapping(tuple(Entry(key, at.line, at.column, value) for key, value in values.items()), at.line, at.column)


def _scalar(value: str, at: Node) -> Scalar:
    return Scalar(value, at.line, at.column, value)
