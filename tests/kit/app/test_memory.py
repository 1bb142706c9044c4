"""What a quantum showed is remembered by itself: a change in one does not make the others be examined again."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from quantafit.app import evaluation
from quantafit.app.memory import QuantumMemory, _dumped, _key
from quantafit.evidence import source
from quantafit.model import Program, Quantum
from quantafit.model.observations import SourceEvidence
from quantafit.report import observed

QUANTA = """\
schema: quanta/1
system: shop
shared_code: [common]
quanta:
  customer: {source: [customer]}
  billing: {source: [billing], hosts: [billing]}
  sales: {source: [sales], hosts: [sales]}
"""
FILES = {
    "quanta.yaml": QUANTA,
    "common/calls.py": "import httpx\n\n\ndef tell(host, body):\n    httpx.post(f'http://{host}/x', json=body)\n",
    "customer/cards.py": "from common.calls import tell\n\n\ndef add(card):\n    tell('billing', card)\n",
    "billing/api.py": "from common.calls import tell\n\n\ndef sell(card):\n    tell('sales', card)\n",
    "sales/api.py": "def sold():\n    return 1\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The quanta that are examined, in order."""
    names: list[str] = []
    examine = source._Examination.of

    def noted(self: source._Examination, quantum: Quantum, programs: Sequence[Program] = ()) -> SourceEvidence:
        names.append(quantum.name)
        return examine(self, quantum, programs)

    monkeypatch.setattr(source._Examination, "of", noted)
    return names


def run(root: Path) -> str:
    """What is observed, with the memory; it must be what is observed without."""
    architecture, workspace = evaluation.open_system(root, None)
    with_memory = evaluation.watch(architecture, workspace, memory=QuantumMemory(workspace, architecture))
    return observed.render(with_memory)


def cold(root: Path) -> str:
    return observed.render(evaluation.observe(root))


def test_the_second_time_no_quantum_is_examined(shop: Path, examined: list[str]) -> None:
    first = run(shop)
    assert examined == ["customer", "billing", "sales"]
    assert run(shop) == first
    assert len(examined) == 3


def test_a_change_in_one_quantum_is_seen_and_leaves_the_others_alone(shop: Path, examined: list[str]) -> None:
    run(shop)
    (shop / "customer/cards.py").write_text(
        "from common.calls import tell\n\n\ndef add(card):\n    tell('sales', card)\n"
    )
    examined.clear()
    found = run(shop)
    assert examined == ["customer"]
    assert found == cold(shop)
    assert '"target": "sales"' in found


def test_a_change_in_shared_code_concerns_all_that_lead_there(shop: Path, examined: list[str]) -> None:
    run(shop)
    path = shop / "common/calls.py"
    path.write_text(path.read_text().replace("post", "put"))
    examined.clear()
    found = run(shop)
    assert examined == ["customer", "billing"]
    assert found == cold(shop)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "sales/more.py").write_text(""),
        lambda root: (root / "sales/api.py").rename(root / "sales/web.py"),
        lambda root: (root / "quanta.yaml").write_text(QUANTA.replace("hosts: [sales]", "hosts: [shop]")),
    ],
    ids=["new file", "renamed file", "declaration"],
)
def test_names_and_declaration_concern_all(shop: Path, examined: list[str], change) -> None:
    run(shop)
    change(shop)
    examined.clear()
    assert run(shop) == cold(shop)
    assert set(examined) == {"customer", "billing", "sales"}


def test_a_file_that_cannot_be_parsed_stays_an_error(shop: Path, examined: list[str]) -> None:
    (shop / "sales/api.py").write_text("def (:\n")
    first = run(shop)
    assert "cannot be parsed" in first
    assert run(shop) == first == cold(shop)


def test_what_is_written_to_while_it_is_examined_is_not_remembered(
    shop: Path, examined: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, path = QuantumMemory.keep, shop / "customer/cards.py"
    changed = path.read_text().replace("billing", "sales")

    def late(
        self: QuantumMemory,
        quantum: str,
        evidence: SourceEvidence,
        files: Iterable[str],
        programs: Sequence[Program] = (),
    ) -> None:
        path.write_text(changed)
        keep(self, quantum, evidence, files, programs)

    with monkeypatch.context() as patch:
        patch.setattr(QuantumMemory, "keep", late)
        run(shop)
    examined.clear()
    assert run(shop) == cold(shop)
    assert examined[0] == "customer"


class Harmful:
    """Unpickled by the usual means it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return Path.write_text, (self.path, "harm")


def test_what_lies_in_the_cache_is_never_run(shop: Path, examined: list[str], tmp_path: Path) -> None:
    first = run(shop)
    architecture, workspace = evaluation.open_system(shop, None)
    memory = QuantumMemory(workspace, architecture)
    entry = memory.store.get(_key("customer"))
    assert entry is not None
    head = entry.split(b"\n", 1)[0]
    mark = tmp_path / "mark"
    for body in (pickle.dumps(Harmful(mark)), b"", b"nonsense", _dumped({"a": 1}), entry.split(b"\n", 1)[1][:-9]):
        memory.store.put(_key("customer"), head + b"\n" + body)
        examined.clear()
        assert run(shop) == first
        assert examined == ["customer"]
    assert not mark.exists()


def test_what_a_unit_starts_is_part_of_what_a_quantum_rests_on(shop: Path, examined: list[str]) -> None:
    compose = "services:\n  sales:\n    image: sales\n    command: python {}\n"
    (shop / "run.py").write_text("from common.calls import tell\n\ntell('billing', 1)\n")
    (shop / "compose.yaml").write_text(compose.format("other.py"))
    before = run(shop)
    examined.clear()
    (shop / "compose.yaml").write_text(compose.format("run.py"))
    after = run(shop)
    assert examined[:1] == ["sales"]
    assert "run.py" not in before
    assert "run.py" in after
