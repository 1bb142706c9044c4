"""``quantafit init``: a first ``quanta.yaml``, proposed from what a repository shows.

Configuration and folders give the quanta (:mod:`.deployables`, :mod:`.quanta`); with these, the system is observed as
``quantafit observe`` does it; what was observed gives the interactions and the open questions (:mod:`.links`,
:mod:`.questions`). All of that is pure; the tree is read here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from quantafit import declaration
from quantafit.app.evaluation import Progress, watch
from quantafit.app.proposing.datastores import with_datastores
from quantafit.app.proposing.grounds import grounds_of
from quantafit.app.proposing.imported import Imports
from quantafit.app.proposing.links import external, interactions
from quantafit.app.proposing.quanta import Parts, proposed_parts
from quantafit.app.proposing.questions import open_questions
from quantafit.app.proposing.words import can_be_text
from quantafit.errors import DeclarationError, UsageError
from quantafit.evidence import configuration
from quantafit.model import CouplingMap
from quantafit.model.proposal import Proposal, Proposed, Remark
from quantafit.report import redact
from quantafit.workspace import Workspace

__all__ = ["compose", "propose", "proposed"]

T = TypeVar("T")

_NOTHING = (
    "no Python code that is deployed was found in {root}: no compose file, manifest or Dockerfile names any, and there "
    "is none in folders; write quanta.yaml by hand, or choose another folder with --root"
)


def propose(root: Path, *, progress: Progress | None = None) -> tuple[Proposal, str]:
    """The proposal for the system under ``root``, and its text as ``quanta.yaml``.

    Raises UsageError where the root is no folder, or where no code can be found in it.
    """
    workspace = Workspace(root)
    if not workspace.root.is_dir():
        raise UsageError(f"the root {root} is no folder")
    proposal = proposed(workspace, root.resolve().name, progress=progress)
    text = declaration.write(proposal)
    _check(text, workspace)
    return proposal, text


def proposed(workspace: Workspace, system: str, *, progress: Progress | None = None) -> Proposal:
    """The proposal for a tree, which is a system of that name. Raises UsageError where no code can be found in it."""
    report = progress or _silent
    report("finding what is deployed")
    configured = configuration.collect(workspace)
    grounds = grounds_of(workspace, configured.units)
    name = system if can_be_text(system) else "system"
    parts = proposed_parts(configured, grounds, Imports(grounds.python, workspace.read), name)
    if not any(one.value.source for one in parts.quanta):
        raise UsageError(_NOTHING.format(root=workspace.root))
    draft = Proposal(name, parts.quanta, parts.shared_code, platform=parts.platform)
    return compose(name, parts, watch(draft.architecture, workspace, progress=report).coupling)


def compose(system: str, parts: Parts, coupling: CouplingMap) -> Proposal:
    """The parts together with what was observed between them."""
    platform = [one.value for one in parts.platform]
    quanta = with_datastores(parts.quanta, coupling, {name.lower() for name in platform})
    names = [one.value.name for one in quanta]
    hosts = [host for one in quanta for host in one.value.hosts]
    return _redacted(
        Proposal(
            system,
            quanta,
            parts.shared_code,
            interactions(coupling, names),
            parts.platform,
            external(coupling, (*names, *hosts, *platform)),
            (*open_questions(coupling), *parts.open),
        )
    )


def _redacted(proposal: Proposal) -> Proposal:
    """The proposal without secrets in what it quotes of code and configuration."""

    def said(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
        return tuple(replace(remark, text=redact(remark.text)) for remark in remarks)

    def each(parts: tuple[Proposed[T], ...]) -> tuple[Proposed[T], ...]:
        return tuple(replace(one, remarks=said(one.remarks)) for one in parts)

    return replace(
        proposal,
        quanta=each(proposal.quanta),
        shared_code=each(proposal.shared_code),
        interactions=each(proposal.interactions),
        platform=each(proposal.platform),
        external=each(proposal.external),
        open=tuple(replace(group, remarks=said(group.remarks)) for group in proposal.open),
    )


def _check(text: str, workspace: Workspace) -> None:
    """A proposal that the declaration would refuse is a fault of ours, and is never written."""
    try:
        declaration.parse(text.encode(), workspace)
    except DeclarationError as error:
        raise AssertionError(f"the proposal is no valid declaration: {error}") from error


def _silent(_stage: str) -> None:
    """No progress is shown."""
