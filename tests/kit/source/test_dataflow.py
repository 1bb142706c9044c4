"""Card data that comes to rest: in columns, in SQL and inside documents; what ends a flow and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_trees import Seen, architecture, see

from quantafit.declaration.data_classes import BUILT_IN
from quantafit.model import DataClass, Quantum

DECLARED = architecture(
    (Quantum("customer", ("customer",)),), classes=(*BUILT_IN, DataClass("survey_answer", ("rating", "survey_comment")))
)

BASE = """
from base64 import b64encode
from dataclasses import asdict, dataclass
import hashlib
import hmac
import json
import re

from pydantic import BaseModel, SecretStr
from sqlalchemy import JSON, Column, Integer, LargeBinary, MetaData, String, Table, create_engine, insert, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

engine = create_engine("sqlite:///customer.db")
metadata = MetaData()


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict] = mapped_column(JSON)


class NewCard(BaseModel):
    card_number: str
    cvc: str
    exp_month: int
    brand: str


class Order(BaseModel):
    order_id: int
    card: NewCard


@dataclass
class Payment:
    number: str
    card_holder: str
    amount: int


def keep(body):
    with Session(engine) as session:
        session.add(Note(body=body))
        session.commit()

"""


def data(code: str, **files: str) -> Seen:
    return see(
        {"customer/app.py": BASE + code, **{f"customer/{name}.py": text for name, text in files.items()}}, DECLARED
    )


def found(code: str) -> set[tuple[str, str]]:
    """The data classes at rest, each with the name of the column or the surface."""
    return {(one.data_class, one.where) for one in data(code).map.data}


COLUMNS = {
    "a mapped column": (
        """
class Card(Base):
    __tablename__ = "cards"
    card_number: Mapped[str] = mapped_column(String(19), primary_key=True)
""",
        {("pan", "cards.card_number")},
    ),
    "a mapped column by its annotation only": (
        """
class Card(Base):
    __tablename__ = "wallet"
    id: Mapped[int] = mapped_column(primary_key=True)
    cvv: Mapped[str]
""",
        {("card_code", "wallet.cvv")},
    ),
    "a column of the old style": (
        """
class Card(Base):
    __tablename__ = "wallet"
    id = Column(Integer, primary_key=True)
    exp_month = Column(Integer)
""",
        {("card_expiry", "wallet.exp_month")},
    ),
    "a column under another name in the table": (
        """
class Card(Base):
    __tablename__ = "wallet"
    id: Mapped[int] = mapped_column(primary_key=True)
    digits: Mapped[str] = mapped_column("card_number", String)
""",
        {("pan", "wallet.card_number")},
    ),
    "a bare name in a table of cards": (
        """
class Card(Base):
    __tablename__ = "cards"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
""",
        {("pan", "cards.number")},
    ),
    "a bare name beside another one of a card": (
        """
class Method(Base):
    __tablename__ = "methods"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    cvc: Mapped[str]
""",
        {("pan", "methods.number"), ("card_code", "methods.cvc")},
    ),
    "a column of a mixin": (
        """
class Paid:
    card_number: Mapped[str]

class Method(Paid, Base):
    __tablename__ = "methods"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
        {("pan", "methods.card_number")},
    ),
    "a column of a subclass in the same table": (
        """
class Method(Base):
    __tablename__ = "methods"
    id: Mapped[int] = mapped_column(primary_key=True)

class CardMethod(Method):
    card_number: Mapped[str]
""",
        {("pan", "methods.card_number")},
    ),
    "columns of a Table": (
        """
cards = Table("wallet", metadata, Column("id", Integer), Column("card_number", String))
""",
        {("pan", "wallet.card_number")},
    ),
    "a table that is named for the data": (
        """
class Track(Base):
    __tablename__ = "magstripe"
    id: Mapped[int] = mapped_column(primary_key=True)
""",
        {("card_track", "magstripe")},
    ),
    "alembic create_table": (
        """
from alembic import op
import sqlalchemy as sa

def upgrade():
    op.create_table("wallet", sa.Column("id", sa.Integer()), sa.Column("card_number", sa.String()))
""",
        {("pan", "wallet.card_number")},
    ),
    "alembic add_column": (
        """
from alembic import op
import sqlalchemy as sa

def upgrade():
    op.add_column("customers", sa.Column("cvv", sa.String(4)))
""",
        {("card_code", "customers.cvv")},
    ),
    "alembic batch_alter_table": (
        """
from alembic import op
import sqlalchemy as sa

def upgrade():
    with op.batch_alter_table("customers") as batch:
        batch.add_column(sa.Column("card_holder", sa.String()))
""",
        {("card_holder", "customers.card_holder")},
    ),
    "alembic execute": (
        """
from alembic import op

def upgrade():
    op.execute("ALTER TABLE customers ADD COLUMN pan varchar(19)")
""",
        {("pan", "customers.pan")},
    ),
    "CREATE TABLE": (
        """
def make():
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE wallet (id int, card_number varchar(19), PRIMARY KEY (id))"))
""",
        {("pan", "wallet.card_number")},
    ),
    "INSERT in SQL": (
        """
def save(n):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO wallet (id, card_number) VALUES (1, :n)"), {"n": n})
""",
        {("pan", "wallet.card_number")},
    ),
    "UPDATE in SQL": (
        """
import sqlite3

def save(n):
    sqlite3.connect("customer.db").execute("UPDATE wallet SET cvc = ? WHERE id = 1", (n,))
""",
        {("card_code", "wallet.cvc")},
    ),
    "insert() of a table": (
        """
wallet = Table("wallet", metadata, autoload_with=engine)

def save(n):
    with engine.begin() as connection:
        connection.execute(insert(wallet).values(card_number=n))
""",
        {("pan", "wallet.card_number")},
    ),
    "bulk_insert_mappings": (
        """
def save(card: NewCard):
    with Session(engine) as session:
        session.bulk_insert_mappings(Note, [{"body": card.card_number}])
""",
        {("pan", "notes.body (card_number)")},
    ),
    "update() of a query": (
        """
def save(card: NewCard):
    with Session(engine) as session:
        session.query(Note).filter(Note.id == 1).update({"body": card.cvc})
""",
        {("card_code", "notes.body (cvc)")},
    ),
    "an attribute of a row": (
        """
def save(card: NewCard):
    with Session(engine) as session:
        note = session.get(Note, 1)
        note.body = card.card_number
        session.commit()
""",
        {("pan", "notes.body (card_number)")},
    ),
}

ALL = {
    ("pan", "notes.body (card_number)"),
    ("card_code", "notes.body (cvc)"),
    ("card_expiry", "notes.body (exp_month)"),
}

FLOWS = {
    "a field": ("def save(card: NewCard):\n    keep(card.card_number)\n", {("pan", "notes.body (card_number)")}),
    "an item of a request's body": (
        "def save(body: dict):\n    keep({'value': body['cardNumber']})\n",
        {("pan", "notes.body (cardNumber)")},
    ),
    "a key that says it": (
        "def save(digits):\n    keep({'card_number': digits})\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a whole record": ("def save(card: NewCard):\n    keep(card.model_dump())\n", ALL),
    "a whole record as JSON": ("def save(card: NewCard):\n    keep(card.model_dump_json().encode())\n", ALL),
    "a whole record through json": ("def save(card: NewCard):\n    keep(json.dumps(card.model_dump()))\n", ALL),
    "a record spread into a mapping": (
        "def save(card: NewCard):\n    keep({'kind': 'card', **card.model_dump()})\n",
        ALL,
    ),
    "a record spread into keywords": (
        "def save(card: NewCard):\n    keep(dict(**card.model_dump(), kind='card'))\n",
        ALL,
    ),
    "a record through a helper": (
        "def shape(thing):\n    return {'payload': thing.model_dump()}\n\n"
        "def save(card: NewCard):\n    keep(shape(card))\n",
        ALL,
    ),
    "a record through vars": ("def save(card: NewCard):\n    keep(vars(card))\n", ALL),
    "a record through __dict__": ("def save(card: NewCard):\n    keep(card.__dict__)\n", ALL),
    "a nested record": ("def save(order: Order):\n    keep(order.model_dump())\n", ALL),
    "a field of a nested record": (
        "def save(order: Order):\n    keep({'paid_with': order.card.card_number})\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a dataclass": (
        "def save(payment: Payment):\n    keep(asdict(payment))\n",
        {("card_holder", "notes.body (card_holder)"), ("pan", "notes.body (number)")},
    ),
    "a dataclass that is made here": (
        "def save(card: NewCard):\n    keep(asdict(Payment(card.card_number, 'x', 3)))\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a record without some fields": (
        "def save(card: NewCard):\n    keep(card.model_dump(exclude={'card_number', 'cvc'}))\n",
        {("card_expiry", "notes.body (exp_month)")},
    ),
    "a mapping that is filled": (
        "def save(card: NewCard):\n    body = {}\n    body['n'] = card.card_number\n    keep(body)\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a mapping that is updated": (
        "def save(card: NewCard):\n    body = {}\n    body.update(card.model_dump())\n    keep(body)\n",
        ALL,
    ),
    "a list": (
        "def save(cards: list[NewCard]):\n    keep([card.cvc for card in cards])\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "a text": (
        "def save(card: NewCard):\n    keep(f'paid with {card.card_number}')\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a route's parameter": (
        "from fastapi import FastAPI\napp = FastAPI()\n\n@app.post('/pay')\ndef save(card_number: str):\n"
        "    keep({'n': card_number})\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a secret that is opened": (
        "class Sealed(BaseModel):\n    card_number: SecretStr\n\ndef save(card: Sealed):\n"
        "    keep({'n': card.card_number.get_secret_value()})\n",
        {("pan", "notes.body (card_number)")},
    ),
    "all but the last four digits": (
        "def save(card: NewCard):\n    keep(card.card_number[:-4])\n",
        {("pan", "notes.body (card_number)")},
    ),
    "all from the fourth digit": (
        "def save(card: NewCard):\n    keep(card.card_number[4:])\n",
        {("pan", "notes.body (card_number)")},
    ),
    "all from the twelfth digit": (
        "def save(card: NewCard):\n    keep(card.card_number[12:])\n",
        {("pan", "notes.body (card_number)")},
    ),
    "the last eight digits": (
        "def save(card: NewCard):\n    keep(card.card_number[-8:])\n",
        {("pan", "notes.body (card_number)")},
    ),
    "the last four of a verification code": (
        "def save(card: NewCard):\n    keep(card.cvc[-4:])\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "base64": (
        "def save(card: NewCard):\n    keep(b64encode(card.card_number.encode()).decode())\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a hash": (
        "def save(card: NewCard):\n    keep(hashlib.sha256(card.card_number.encode()).hexdigest())\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a keyed hash": (
        "def save(card: NewCard):\n    keep(hmac.new(b'k', card.card_number.encode(), 'sha256').hexdigest())\n",
        {("pan", "notes.body (card_number)")},
    ),
    "reversed": (
        "def save(card: NewCard):\n    keep(card.card_number[::-1])\n",
        {("pan", "notes.body (card_number)")},
    ),
    "replaced blanks": (
        "def save(card: NewCard):\n    keep(re.sub(r'\\s', '', card.card_number))\n",
        {("pan", "notes.body (card_number)")},
    ),
    "a table between": (
        "class Copy(Base):\n    __tablename__ = 'copies'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    text: Mapped[str]\n\n"
        "def save(card: NewCard):\n    keep(card.card_number)\n\n"
        "def copy():\n    with Session(engine) as session:\n"
        "        note = session.get(Note, 1)\n        session.add(Copy(text=note.body))\n",
        {("pan", "notes.body (card_number)"), ("pan", "copies.text (card_number)")},
    ),
    "a text that becomes SQL": (
        "def save(card: NewCard):\n    with engine.begin() as c:\n"
        "        c.execute(text(f\"INSERT INTO notes (body) VALUES ('{card.card_number}')\"))\n",
        {("pan", "notes.text of a statement (card_number)")},
    ),
    "the values for a row that exists": (
        "from sqlalchemy.dialects.postgresql import insert as upsert\n\n"
        "def save(card: NewCard):\n    with engine.begin() as c:\n"
        "        c.execute(upsert(Note).values(id=1).on_conflict_do_update(set_={'body': card.cvc}))\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "the parameters of SQL": (
        "def save(card: NewCard):\n    with engine.begin() as c:\n"
        "        c.execute(text('INSERT INTO notes (body) VALUES (:b)'), {'b': card.cvc})\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "an attribute of a row that is made here": (
        "def save(card: NewCard):\n    note = Note()\n    note.body = card.cvc\n"
        "    with Session(engine) as session:\n        session.add(note)\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "a global name": (
        "LAST = None\n\ndef remember(card: NewCard):\n    global LAST\n    LAST = card.cvc\n\n"
        "def save():\n    keep(LAST)\n",
        {("card_code", "notes.body (cvc)")},
    ),
    "another class of data": (
        "def save(survey):\n    keep({'rating': survey.rating})\n",
        {("survey_answer", "notes.body (rating)")},
    ),
}

LAST_FOUR = "    last4 = {}\n    keep({{'ending': last4}})\n"
SILENT = {
    "the last four digits": "def save(card: NewCard):\n    keep(card.card_number[-4:])\n",
    "the last four digits of what is cleaned": "def save(card: NewCard):\n"
    "    keep({'last4': card.card_number.replace(' ', '').strip()[-4:]})\n",
    "the last four digits of a text": "def save(card: NewCard):\n    keep(str(card.card_number)[-4:])\n",
    "a mask and the last four digits": "def save(card: NewCard):\n"
    "    keep({'card_number': f'**** {card.card_number[-4:]}'})\n",
    "a substitution that leaves four digits": "def save(card: NewCard):\n"
    "    keep(re.sub(r'\\d(?=\\d{4})', '*', card.card_number))\n",
    "a helper that keeps four": "def last_four(number):\n    return number[-4:]\n\n"
    "def save(card: NewCard):\n    keep(last_four(card.card_number))\n",
    "another field of the record": "def save(card: NewCard):\n    keep({'brand': card.brand})\n",
    "another field of the nested record": "def save(order: Order):\n"
    "    keep({'order': order.order_id, 'brand': order.card.brand})\n",
    "a field that is called like a method": "class Note2(NewCard):\n    title: str\n    body: str\n\n"
    "def save(note: Note2):\n    keep({'title': note.title, 'text': note.body})\n",
    "the record without its card": "def save(order: Order):\n    keep(order.model_dump(exclude={'card'}))\n",
    "only some fields": "def save(card: NewCard):\n    keep(card.model_dump(include={'brand'}))\n",
    "a projection": "def save(card: NewCard):\n    d = card.model_dump()\n"
    "    keep({key: d[key] for key in ('brand',)})\n",
    "validation": "def save(card: NewCard):\n    if len(card.card_number) < 13 or not card.cvc.isdigit():\n"
    "        raise ValueError('card_number is wrong')\n    keep({'ok': True})\n",
    "a length": "def save(card: NewCard):\n    keep({'length': len(card.card_number)})\n",
    "a comparison": "def save(card: NewCard):\n    keep({'visa': card.card_number.startswith('4')})\n",
    "an error message": "ERRORS = {'card_number': 'the card number is wrong', 'cvc': 'three digits'}\n"
    "def save():\n    keep({'error': ERRORS['card_number']})\n",
    "a schema that is declared and not stored": "class Answer(BaseModel):\n    card_number: str\n",
    "a card that is only sent": "import requests\n\ndef save(card: NewCard):\n"
    "    requests.post('http://billing/x', json=card.model_dump())\n",
    "a constant of the name": "CARD_NUMBER = 'x'\ncard_number = None\n",
    "an expiry of something else": "class Login(Base):\n    __tablename__ = 'logins'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n    token: Mapped[str]\n    expiry: Mapped[int]\n",
    "a flag and a count": "class Shop(Base):\n    __tablename__ = 'shops'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    "    cvv_required: Mapped[bool]\n    card_count: Mapped[int]\n",
    "a relationship": "class Person(Base):\n    __tablename__ = 'people'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    "    credit_card: Mapped['Note'] = relationship()\n",
    "a class that is no table": "class Card:\n    card_number: str\n    __tablename__ = 'cards'\n",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_card_data_is_found(name: str) -> None:
    code, expected = COLUMNS[name]
    assert found(code) == expected


@pytest.mark.parametrize("name", FLOWS)
def test_card_data_that_flows_into_a_store_is_found(name: str) -> None:
    code, expected = FLOWS[name]
    assert found(code) == expected


@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_card_data_at_rest_is_silent(name: str) -> None:
    assert {one for one in found(SILENT[name]) if one[0] != "card_last4"} == set()


def test_the_line_of_a_column_is_told() -> None:
    seen = data(COLUMNS["a mapped column"][0])
    line = next(
        n for n, text in enumerate(seen.files["customer/app.py"].splitlines(), 1) if "card_number: Mapped" in text
    )
    assert [str(one.place) for one in seen.map.data] == [f"customer/app.py:{line}"]


def test_the_way_of_a_flow_begins_where_the_data_is_given() -> None:
    seen = data(FLOWS["a whole record"][0])
    assert {one.path[0].place.symbol for one in seen.map.data} == {"save"}


def test_a_store_in_shared_code_is_placed_at_the_quantums_own_line() -> None:
    shared = BASE.partition("def keep")[0] + "def put(session, body):\n    session.add(Note(body=body))\n"
    own = (
        "from shared.store import NewCard, Session, engine, put\n\n"
        "def save(card: NewCard):\n    with Session(engine) as session:\n        put(session, card.cvc)\n"
    )
    declared = architecture((Quantum("customer", ("customer",)),), classes=BUILT_IN)
    found = see({"shared/store.py": shared, "customer/app.py": own}, declared).map.data
    assert [(one.data_class, str(one.place)) for one in found] == [("card_code", "customer/app.py:5")]


def test_data_in_tests_is_silent() -> None:
    test = "from customer.app import NewCard, keep\n\ndef test_card(card: NewCard):\n    keep(card.model_dump())\n"
    seen = see({"customer/app.py": BASE, "customer/tests/test_app.py": test}, DECLARED)
    assert seen.map.data == ()


# Encryption ---------------------------------------------------------------------------------------------------------

JWE = """
from joserfc import jwe
from joserfc.jwk import OKPKey

KEY = OKPKey.import_key({{}})

def save(card: NewCard):
    keep(jwe.encrypt_compact({header}, json.dumps(card.model_dump()), KEY))
"""

CIPHERS = {
    "JWE to a public key": (JWE.format(header='{"alg": "ECDH-ES", "enc": "A256GCM"}'), {True}),
    "JWE by RSA": (JWE.format(header='{"alg": "RSA-OAEP-256", "enc": "A256GCM"}'), {True}),
    "JWE with a shared key": (JWE.format(header='{"alg": "dir", "enc": "A256GCM"}'), {False}),
    "JWE of an unknown algorithm": (JWE.format(header='{"enc": "A256GCM"}'), {False}),
    "JWE with the data in its header": (
        JWE.format(header='{"alg": "ECDH-ES", "card_number": card.card_number}'),
        {True, False},
    ),
    "Fernet": (
        "from cryptography.fernet import Fernet\n\ndef save(card: NewCard):\n"
        "    keep(Fernet(b'k').encrypt(card.card_number.encode()))\n",
        {False},
    ),
    "AES-GCM": (
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n\ndef save(card: NewCard):\n"
        "    keep(AESGCM(b'k').encrypt(b'n', card.card_number.encode(), None))\n",
        {False},
    ),
    "a sealed box": (
        "from nacl.public import SealedBox\n\ndef save(card: NewCard, key):\n"
        "    keep(SealedBox(key).encrypt(card.card_number.encode()))\n",
        {True},
    ),
    "a function that is only called seal": (
        "def seal(data):\n    return b64encode(data.encode())\n\ndef save(card: NewCard):\n"
        "    keep(seal(card.card_number))\n",
        {False},
    ),
    "clear text beside the ciphertext": (
        JWE.format(header='{"alg": "ECDH-ES"}') + "\n\ndef also(card: NewCard):\n    keep(card.model_dump())\n",
        {True, False},
    ),
}


@pytest.mark.parametrize("name", CIPHERS)
def test_only_ciphertext_for_the_receiver_is_protected(name: str) -> None:
    code, expected = CIPHERS[name]
    assert {one.protected for one in data(code).map.data if one.data_class == "pan"} == expected


# The reference implementation ---------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[3]
SQUAD = "src/sysops_squad"


@pytest.fixture(scope="module")
def squad() -> dict[str, str]:
    files = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / SQUAD).rglob("*.py")}
    adrs = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "docs/adr").glob("*.md")}
    return {**files, **adrs, "quanta.yaml": (ROOT / "quanta.yaml").read_text()}


def customers_outbox(files: dict[str, str]) -> set[tuple[str, bool]]:
    """The data classes in the body of the customer's outbox, and whether each is ciphertext."""
    from quantafit import declaration
    from quantafit.workspace import MemoryWorkspace

    workspace = MemoryWorkspace({path: text.encode() for path, text in files.items()})
    declared = declaration.parse(files["quanta.yaml"].encode(), workspace)
    found = see(files, declared).map.data
    return {
        (one.data_class, one.protected)
        for one in found
        if one.quantum == "customer" and one.where.startswith("outbox.body") and one.data_class != "card_last4"
    }


def test_the_sealed_card_of_the_reference_implementation_is_ciphertext(squad: dict[str, str]) -> None:
    assert customers_outbox(squad) == {
        ("pan", True), ("card_expiry", True), ("card_holder", True), ("survey_answer", False)
    }  # fmt: skip


def patched(files: dict[str, str], name: str, old: str, new: str) -> dict[str, str]:
    path = f"{SQUAD}/{name}"
    assert old in files[path]
    return {**files, path: files[path].replace(old, new)}


TWINS = {
    "sealing is skipped": (
        "customer/sealing.py",
        "jwe.encrypt_compact(header, json.dumps(card), self._key, registry=self._registry)",
        "json.dumps(card)",
    ),
    "sealing is only base64": (
        "customer/sealing.py",
        "jwe.encrypt_compact(header, json.dumps(card), self._key, registry=self._registry)",
        "__import__('base64').b64encode(json.dumps(card).encode()).decode()",
    ),
    "sealing with a key that customer has too": ("customer/sealing.py", '"ECDH-ES"', '"dir"'),
    "the desk sends the details themselves": (
        "customer/cards.py",
        "self._sealer.seal(customer_id, _details(new_card))",
        "str(_details(new_card))",
    ),
    "the last four digits are the others": ("customer/cards.py", "[-4:]", "[:-4]"),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_that_does_not_protect_the_card_is_found(name: str, squad: dict[str, str]) -> None:
    assert ("pan", False) in customers_outbox(patched(squad, *TWINS[name]))
