"""Configuration evidence: what deployment files under the root say, each fact with its place.

One file here reads one format. Which files those are is told by name, or by a search in their bytes, so that only
configuration is parsed. A file that must be read and cannot be is an error with its place, never silence.
"""

from __future__ import annotations

from quantafit.evidence.configuration.collector import Collector
from quantafit.model import Configuration
from quantafit.workspace import Workspace

__all__ = ["collect"]


def collect(workspace: Workspace) -> Configuration:
    """All configuration evidence under the workspace's root.

    Read are compose files, Dockerfiles, environment files, Kubernetes manifests, Helm charts, kustomizations,
    Terraform, lists of processes, routes of gateways, RabbitMQ definitions, links between databases in SQL, AsyncAPI
    documents, files of settings, lock files and requirements at any depth; not those in folders of tests. Paths in the
    result are relative to the root; ``.`` is the root itself. Never raises for what the tree holds: ``errors`` has what
    could not be read.
    """
    return Collector(workspace).collect()
