"""Nothing secret leaves through a report, whatever the code under examination says."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.model import Evidence, EvidenceKind, Place, Role
from quantafit.report._redaction import looks_like_a_card, redact, redacted


def luhn_digit(digits: str) -> str:
    """The digit that makes ``digits`` followed by it pass the Luhn check."""
    return next(last for last in string.digits if looks_like_a_card_sum(digits + last))


def looks_like_a_card_sum(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


card_numbers = st.text(string.digits, min_size=12, max_size=18).map(lambda digits: digits + luhn_digit(digits))
not_digits = st.text(st.characters(exclude_categories=("Nd", "Cs")), max_size=30)
secrets = st.text(string.ascii_letters + string.digits + "!$%+;_", min_size=8, max_size=24).map(
    lambda text: f"Zq9{text}"
)


@given(card_numbers, not_digits, not_digits)
def test_a_card_number_never_survives(number: str, before: str, after: str) -> None:
    """Whatever stands around it."""
    assert number not in redact(f"{before}{number}{after}")


@given(card_numbers, st.sampled_from(" -._"), st.integers(2, 6))
def test_a_card_number_written_in_groups_never_survives(number: str, separator: str, size: int) -> None:
    """``4111 1111 1111 1111``, ``4111-1111…`` and Python's ``4111_1111…`` are the same number."""
    grouped = separator.join(number[start : start + size] for start in range(0, len(number), size))
    shown = redact(f"PAN = {grouped};")
    assert number not in "".join(filter(str.isdigit, shown))


@given(secrets, st.sampled_from(["amqp", "postgresql+psycopg", "https", "redis"]), st.sampled_from(["", "user", "a.b"]))
def test_credentials_of_a_url_never_survive(secret: str, scheme: str, user: str) -> None:
    """The host stays readable: a reader has to know where it goes."""
    shown = redact(f"url = '{scheme}://{user}:{secret}@broker:5672/vhost'")
    assert secret not in shown
    assert "broker:5672/vhost" in shown


@given(
    secrets, st.sampled_from(["password", "DB_PASSWORD", "api_key", "apiKey", "client_secret", "auth_token", "passwd"])
)
def test_a_literal_given_to_a_secrets_name_never_survives(secret: str, name: str) -> None:
    """Python, JSON, YAML and env files, quoted or not."""
    for line in (
        f"connect({name}='{secret}')",
        f'{name}: str = "{secret}"',
        f'{{"{name}": "{secret}", "other": 1}}',
        f"os.environ.get('{name}', '{secret}')",
        f"config['{name}'] = '{secret}'",
    ):
        assert secret not in redact(line, python=True), line
        assert secret not in redact(line), line
    for line in (
        f"{name}={secret}",
        f"      {name}: {secret}",
        f"  - {name}={secret}",
        f"host=db {name}={secret} user=x",
    ):
        assert secret.rstrip(";") not in redact(line), line


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    """So it does not matter how often a text passes through it."""
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "line",
    [
        "self.transport.publish('invoice', invoice.to_bytes())",
        "connect(password=settings.password, token=make_token(user))",
        "def connect(host: str, password: str) -> Connection:",
        "httpx.post('http://billing:8000/cards', json=card)",
        "revision = '20240131120000'",
        "    card_token = Column(String(20))",
        "timeout = 30 * 1000 * 1000",
    ],
)
def test_ordinary_code_stays_readable(line: str) -> None:
    """A masked line that held no secret would only hide the evidence."""
    assert redact(line, python=True) == line


@pytest.mark.parametrize(
    "line", ["POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it}", "  RABBITMQ_PASSWORD: $RABBITMQ_PASSWORD"]
)
def test_a_reference_to_a_secret_is_not_a_secret(line: str) -> None:
    """A compose file that does it right is shown as it is."""
    assert redact(line) == line


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("pika.PlainCredentials('guest', 'Xy12')", "Xy12"),
        ("requests.get(url, auth=('me', 'Xy12'))", "Xy12"),
        ("headers = {'Authorization': 'Bearer abcdef123456'}", "abcdef123456"),
        ("key = 'AKIAABCDEFGHIJKLMNOP'", "AKIAABCDEFGHIJKLMNOP"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "MIIEvQIBADANBg"),
        ("postgres://user:pa/ss@db/shop", "pa/ss"),
    ],
)
def test_other_shapes_of_secrets_are_known(line: str, secret: str) -> None:
    """Positional credentials, headers, keys."""
    assert secret not in redact(line, python=True)


def test_control_characters_do_not_reach_the_terminal() -> None:
    """An escape sequence in a source file must not recolour, hide or reorder the report."""
    assert redact("a\x1b[31mb\u202ec\td\ne") == "a�[31mb�c\td\ne"


def test_paths_stay_as_they_are_so_that_they_can_be_followed() -> None:
    """A migration's time stamp may pass the Luhn check; its file must still be found."""
    place = Place("migrations/4111111111111111_cards.py", 3)
    evidence = Evidence(EvidenceKind.SOURCE, Role.CALL, place, "password='Xy12'")
    shown = redacted((evidence,))[0]
    assert shown.place == place
    assert shown.note == "password='***'"
    assert redacted(Place("a\x1b[31m.py", 1)).path == "a�[31m.py"


def test_the_luhn_check_is_the_known_one() -> None:
    """Numbers that card schemes publish for tests, and the same with one digit changed."""
    assert looks_like_a_card("4111111111111111")
    assert looks_like_a_card("378282246310005")
    assert not looks_like_a_card("4111111111111112")
    assert not looks_like_a_card("411111111111")
