"""Keys: made for each quantum in a folder of its own, private ones for their owner alone, and named to no other."""

import json
import os
import stat
import subprocess
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc.jwk import OKPKey
from squad_support import Issuers

from sysops_squad.billing.settings import BillingApiSettings, BillingSettings, IntakeSettings
from sysops_squad.customer.settings import CustomerApiSettings, CustomerSettings
from sysops_squad.launcher.installation import install
from sysops_squad.launcher.keys import make_keys, staff_token
from sysops_squad.launcher.units import UNITS, environment_of
from sysops_squad.plumbing.key_files import KeyFileError, private_keys
from sysops_squad.plumbing.tokens import Caller, Role, TokenIssuer, staff_only, trusted_staff
from sysops_squad.reporting.settings import ReportingApiSettings, ReportingSettings
from sysops_squad.sysops.settings import ContractsEtlSettings, SysopsApiSettings, SysopsSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
LAUNCHER = [sys.executable, "-m", "sysops_squad"]
PRIVATE = {"billing/private-keys.json", "customer/token-keys.json", "staff/private-keys.json"}
PUBLIC = {
    "customer/billing-public-key.json",
    "customer/staff-keys.json",
    "sysops/staff-keys.json",
    "billing/staff-keys.json",
    "reporting/staff-keys.json",
}
OWNERS = {"BILLING_PRIVATE_KEYS_FILE": "billing.intake", "CUSTOMER_TOKEN_KEYS_FILE": "customer.api"}
"""The one unit that each private key is named to."""

SETTINGS = (
    CustomerSettings,
    CustomerApiSettings,
    SysopsSettings,
    SysopsApiSettings,
    ContractsEtlSettings,
    BillingSettings,
    BillingApiSettings,
    IntakeSettings,
    ReportingSettings,
    ReportingApiSettings,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_keys(tmp_path)
    return tmp_path


def test_every_private_key_is_its_owner_s_alone(folder: Path) -> None:
    modes = {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.json")}
    assert modes == dict.fromkeys(PRIVATE, 0o600) | dict.fromkeys(PUBLIC, 0o644)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o700}


def test_a_public_file_has_no_private_part_and_a_private_file_is_another_s_nowhere(folder: Path) -> None:
    secrets = {path: [key["d"] for key in json.loads((folder / path).read_text())["keys"]] for path in PRIVATE}
    assert sum(map(len, secrets.values())) == len({secret for some in secrets.values() for secret in some}) == 3
    for path in PUBLIC:
        text = (folder / path).read_text()
        assert '"d"' not in text
        assert not [secret for some in secrets.values() for secret in some if secret in text]


def test_private_keys_are_never_made_anew_and_public_halves_follow_them(folder: Path) -> None:
    before = {path: (folder / path).read_text() for path in PRIVATE}
    (folder / "customer/billing-public-key.json").unlink()
    (folder / "sysops/staff-keys.json").write_text("nonsense")
    make_keys(folder)
    assert {path: (folder / path).read_text() for path in PRIVATE} == before
    public = json.loads((folder / "customer/billing-public-key.json").read_text())
    assert public["kid"] == json.loads(before["billing/private-keys.json"])["keys"][0]["kid"]
    assert trusted_staff(folder / "sysops/staff-keys.json")


def test_the_key_that_signs_staff_s_tokens_is_named_to_no_unit_and_works_for_all(folder: Path) -> None:
    system = install(folder).environment
    assert not [name for name, value in system.items() if value.startswith("staff/")]
    for quantum in ("sysops", "billing", "reporting"):
        token = staff_token(folder, "grace", Role.EXPERT, quantum, timedelta(minutes=5))
        assert staff_only(quantum, folder / quantum / "staff-keys.json").verify(token) == Caller("grace", Role.EXPERT)


@pytest.mark.parametrize("name", OWNERS)
def test_the_launcher_names_a_private_key_to_its_owner_alone(tmp_path: Path, name: str) -> None:
    system = install(tmp_path).environment
    named = {
        unit.name for unit in UNITS if name in (told := environment_of(unit, system)) or system[name] in told.values()
    }
    assert named == {OWNERS[name]}


def test_a_private_key_named_in_the_launcher_s_own_environment_reaches_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OWNERS:
        monkeypatch.setenv(name, "/from/outside")
    system = install(tmp_path).environment
    for unit in UNITS:
        assert "/from/outside" not in environment_of(unit, system).values()


def test_only_the_owner_s_settings_know_a_private_key() -> None:
    """Whatever stands in its environment, no other process of ours can be told where the key is."""
    known = {
        settings: {f"{settings.model_config['env_prefix']}{field.upper()}" for field in settings.model_fields}
        for settings in SETTINGS
    }
    for name, owner in (
        ("BILLING_PRIVATE_KEYS_FILE", IntakeSettings),
        ("CUSTOMER_TOKEN_KEYS_FILE", CustomerApiSettings),
    ):
        assert [settings for settings, names in known.items() if name in names] == [owner]


def test_compose_mounts_a_private_key_to_its_owner_alone() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    mounted: dict[str, list[str]] = {}
    for service in compose["services"].values():
        unit = " ".join(service.get("command") or []).rpartition("sysops_squad.")[2]
        for secret in service.get("secrets", []):
            mounted.setdefault(compose["secrets"][secret]["file"], []).append(unit)
        # Neither the folder of keys, nor anything in it, comes in by another way.
        assert not [volume for volume in service.get("volumes", []) if "secrets" in volume]
        for name, owner in OWNERS.items():
            assert (name in service.get("environment", {})) == (unit == owner)
    assert mounted == {
        "./secrets/billing/private-keys.json": ["billing.intake"],
        "./secrets/customer/token-keys.json": ["customer.api"],
    }
    public = {one["file"].removeprefix("./secrets/") for one in compose["configs"].values()}
    assert public <= PUBLIC
    assert "secrets" not in (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("mode", "refused"), [(0o400, False), (0o440, False), (0o640, False), (0o460, True), (0o444, True)]
)
def test_a_file_of_root_may_be_readable_for_a_group_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, refused: bool
) -> None:
    path = folder / "customer/token-keys.json"
    status = list(path.stat())
    status[stat.ST_MODE], status[stat.ST_UID], status[stat.ST_GID] = stat.S_IFREG | mode, 0, 10001
    monkeypatch.setattr(os, "fstat", lambda _descriptor: os.stat_result(status))
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    with pytest.raises(KeyFileError, match="others than its owner") if refused else nullcontext():
        private_keys(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o610, 0o660])
def test_a_private_key_file_that_others_may_use_is_refused(folder: Path, mode: int) -> None:
    path = folder / "customer/token-keys.json"
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=rf"mode {mode:04o}\): chmod 600 .*token-keys\.json"):
        TokenIssuer.from_file("customer", path)
    path.chmod(0o600)
    assert TokenIssuer.from_file("customer", path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
def test_a_private_key_file_of_another_user_is_refused(folder: Path) -> None:
    path = folder / "customer/token-keys.json"
    owner = 10_001
    os.chown(path, owner, -1)
    with pytest.raises(KeyFileError, match=r"belongs to another user .*chown 0 "):
        TokenIssuer.from_file("customer", path)


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [
        ("billing.intake", "BILLING_PRIVATE_KEYS_FILE", "billing/private-keys.json"),
        ("customer.api", "CUSTOMER_TOKEN_KEYS_FILE", "customer/token-keys.json"),
    ],
)
def test_a_process_does_not_start_on_a_key_that_others_may_read(
    tmp_path: Path, module: str, name: str, path: str
) -> None:
    installation = install(tmp_path)
    (tmp_path / path).chmod(0o640)
    unit = next(unit for unit in UNITS if unit.name == module)
    process = subprocess.run(
        [sys.executable, "-m", unit.module],
        cwd=tmp_path,
        env=environment_of(unit, installation.environment),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 1
    assert process.stderr.strip() == (
        f"{path} holds private keys, and others than its owner may use it (mode 0640): chmod 600 {path}"
    )


def test_each_file_is_refused_in_the_place_of_another(folder: Path) -> None:
    for path in (folder / "customer/token-keys.json", folder / "staff/private-keys.json"):
        with pytest.raises(KeyFileError, match="must hold public keys, and only such"):
            trusted_staff(path)
    with pytest.raises(KeyFileError, match="must hold private keys, and only such"):
        TokenIssuer.from_file("staff", _private_copy(folder / "sysops/staff-keys.json"))
    with pytest.raises(KeyFileError, match="must hold keys for Ed25519"):
        TokenIssuer.from_file("staff", folder / "billing/private-keys.json")


@pytest.mark.parametrize(
    "content", ["", "{}", '{"keys": []}', '{"keys": 1}', "[" * 50_000, '{"keys": [{"kty": "OKP"}]}']
)
def test_a_file_that_holds_no_keys_is_refused_in_one_line(folder: Path, content: str) -> None:
    path = folder / "customer/token-keys.json"
    path.write_text(content)
    with pytest.raises(KeyFileError) as failure:
        TokenIssuer.from_file("customer", path)
    assert len(str(failure.value).splitlines()) == 1
    path.unlink()
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        TokenIssuer.from_file("customer", path)


def test_the_command_makes_all_keys_and_a_token_that_the_quantum_takes(tmp_path: Path) -> None:
    made = _run("keys", str(tmp_path))
    assert made.returncode == 0, made.stderr
    printed = _run("token", "billing", "--role", "administrator", "--name", "grace", "--keys", str(tmp_path))
    assert printed.returncode == 0, printed.stderr
    caller = staff_only("billing", tmp_path / "billing/staff-keys.json").verify(printed.stdout.strip())
    assert caller == Caller("grace", Role.ADMINISTRATOR)
    (tmp_path / "staff/private-keys.json").chmod(0o644)
    refused = _run("token", "billing", "--name", "grace", "--keys", str(tmp_path))
    assert refused.returncode == 1
    assert "chmod 600" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_private_key_is_in_no_message(folder: Path) -> None:
    key = OKPKey.generate_key("X25519", private=True).as_dict(private=True)
    path = folder / "customer/token-keys.json"
    path.write_text(json.dumps({"keys": [key]}))
    with pytest.raises(KeyFileError) as failure:
        TokenIssuer.from_file("customer", path)
    assert str(key["d"]) not in str(failure.value)
    assert Issuers().customer_keys.keys[0].as_dict(private=True)["d"] not in repr(Issuers())


def _private_copy(path: Path) -> Path:
    path.chmod(0o600)
    return path


def _run(*arguments: str) -> Any:
    return subprocess.run([*LAUNCHER, *arguments], capture_output=True, text=True, timeout=120)
