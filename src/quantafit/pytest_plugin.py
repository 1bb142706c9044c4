"""``pytest quanta.yaml``: one test for every fitness function and subject. And fixtures for architects' own tests.

Everything is answered from one evaluation of the session, which is made when it is first needed; until then nothing of
quantafit is imported, so the plugin costs a project nothing that does not use it.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from quantafit.model import Evaluation, Judgement
    from quantafit.testing import ArchitectureEvidence, Drills, InteractionClaims, QuantumClaims

FILE_NAME = "quanta.yaml"

_EVALUATIONS = pytest.StashKey["dict[Path, Evaluation]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that ``quantafit check`` has, under names that no other plugin uses."""
    group = parser.getgroup("quantafit", "architecture fitness functions")
    group.addoption("--quanta-config", metavar="FILE", help="quanta.yaml for the fixtures (default: in the rootdir)")
    group.addoption("--quanta-root", metavar="DIR", help="the tree to examine (default: the folder of quanta.yaml)")
    group.addoption(
        "--quanta-as-of", metavar="DATE", type=date.fromisoformat, help="the day for waivers (default: today)"
    )
    group.addoption("--quanta-live", action="store_true", help="ask the running servers that quanta.yaml names too")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A ``quanta.yaml`` is collected only where it is named on the command line, never for lying about somewhere."""
    if file_path.name == FILE_NAME and parent.session.isinitpath(file_path):
        return QuantaFile.from_parent(parent, path=file_path)
    return None


class QuantaFile(pytest.File):
    """A declaration; its tests are the judgements of the system that it declares."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test a judgement, named ``family/name[subject]``. A wrong declaration is a collection error."""
        from quantafit.errors import QuantafitError

        try:
            evaluation = _evaluation(self.config, self.path)
        except QuantafitError as error:
            raise self.CollectError(str(error)) from error
        seen: Counter[str] = Counter()
        for judgement in evaluation.judgements:
            name = _test_name(judgement)
            seen[name] += 1
            unique = name if seen[name] == 1 else f"{name}#{seen[name]}"
            yield QuantaItem.from_parent(self, name=unique, evaluation=evaluation, judgement=judgement)


class QuantaItem(pytest.Item):
    """One fitness function and one subject."""

    def __init__(self, *, evaluation: Evaluation, judgement: Judgement, **rest: Any) -> None:
        super().__init__(**rest)
        self.evaluation = evaluation
        self.judgement = judgement

    def runtest(self) -> None:
        """Fails where the judgement stops the gate. A waiver is an expected failure, a warning is warned of."""
        judgement = self.judgement
        if judgement.stops_the_gate:
            raise NotKeptError(self._text())
        if judgement.verdict == "waived":
            pytest.xfail(f"waived: {judgement.reason}")
        if judgement.verdict in ("fail", "error"):
            from quantafit.testing import ArchitectureWarning

            warnings.warn(ArchitectureWarning(self._text()), stacklevel=1)
        elif judgement.verdict == "not_evaluated":
            pytest.skip(f"not evaluated: {judgement.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **rest: Any) -> Any:
        """The report's own text; a traceback only where the plugin itself failed."""
        if isinstance(excinfo.value, NotKeptError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **rest)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The line that declares the subject."""
        place = self.judgement.subject.place
        return self.path, place.line - 1 if place else None, self.name

    def _text(self) -> str:
        from quantafit.report import terminal

        return terminal.judgement_text(self.evaluation, self.judgement)


class NotKeptError(AssertionError):
    """A fitness function that stops the gate; its text is the report's."""


def _test_name(judgement: Judgement) -> str:
    """``message/persistent[invoice-issued]``, ``quantum/import[customer->billing]``: no blanks to quote in a shell."""
    subject = judgement.subject.name.replace(" → ", "->").replace("::", ":").replace("\n", " ")
    return f"{judgement.rule}[{subject}]"


def _evaluation(config: pytest.Config, file: Path) -> Evaluation:
    """The evaluation of a declaration, made once a session."""
    from quantafit import app

    made = config.stash.setdefault(_EVALUATIONS, {})
    if file not in made:
        root = config.getoption("quanta_root")
        as_of = config.getoption("quanta_as_of") or date.today()
        made[file] = app.check(file, Path(root) if root else None, as_of=as_of, live=config.getoption("quanta_live"))
    return made[file]


@pytest.fixture(scope="session")
def architecture_evidence(pytestconfig: pytest.Config) -> ArchitectureEvidence:
    """The evidence of the system whose ``quanta.yaml`` stands in the rootdir, or is given by ``--quanta-config``."""
    from quantafit.testing import ArchitectureEvidence

    return ArchitectureEvidence(_evaluation(pytestconfig, _declaration(pytestconfig)))


@pytest.fixture(scope="session")
def quanta(architecture_evidence: ArchitectureEvidence) -> Callable[[str], QuantumClaims]:
    """``quanta("customer").makes_no_synchronous_call_to("billing")``."""
    return architecture_evidence.quantum


@pytest.fixture(scope="session")
def interaction(architecture_evidence: ArchitectureEvidence) -> Callable[[str], InteractionClaims]:
    """``interaction("invoice-issued").is_durable().is_persistent()``."""
    return architecture_evidence.interaction


@pytest.fixture(scope="session")
def drill(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drills]:
    """``drill("no-invoice-is-missed")``: the system of ``drills`` in ``quanta.yaml`` runs for the session."""
    from quantafit.testing import drills

    root = pytestconfig.getoption("quanta_root")
    with drills(_declaration(pytestconfig), root, folder=tmp_path_factory.mktemp("drill")) as running:
        yield running


def _declaration(config: pytest.Config) -> Path:
    given = config.getoption("quanta_config")
    return (Path(given) if given else config.rootpath / FILE_NAME).resolve()
