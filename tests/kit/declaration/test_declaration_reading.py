"""What a right declaration is read as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantafit.declaration import BUILT_IN, FILE_NAME, discover, load
from quantafit.errors import UsageError
from quantafit.model import Architecture, DataStore, Delivery, Mode, Place, Replication, Style
from quantafit.workspace import MemoryWorkspace, Workspace

Read = Callable[..., Architecture]

FULL = """\
schema: quanta/1
system: shop
adrs:
  - {id: ADR-1, title: Apart, status: accepted, file: docs/ADR-1.md}
  - {id: ADR-2}
data_classes:
  pan: {names: kartennummer}
  ticket:
  answer: {names: [answer, rating]}
quanta:
  shop:
    source: [src/shop, 'src/**/wire.py']
    hosts: [shop, shop.local]
    env: SHOP_URL
    units: [shop-api, shop-relay]
    packages: shop_client
    datastores:
      shop: {env: SHOP_DB_URL, hosts: shop-db, database: shop}
      cache:
    stores: {allow: card_last4, deny: [pan, answer], adr: 'ADR-1#no-calls', because: it is safer}
    characteristics: availability
    adr: ADR-2
    because: it is what customers see
  bill: {source: src/bill}
  bank:
shared_code: src/common
interactions:
  - id: orders
    adr: ADR-1#invoices
    because: it may wait
    from: {quantum: shop, unit: shop-api}
    to: bill
    style: message
    channel: orders
    carries: [pan, ticket]
    delivery: {guarantee: at_least_once, dead_letter: false}
  - {from: bill, to: shop, style: replication, replication: {table: price, mechanism: etl, max_staleness: 1h30m}}
  - {from: bill, to: bank, style: call}
platform: [mail]
external: api.example.org
libraries:
  bus:
    mechanism: bus
    because: it is ours
    calls:
      common.bus.Bus.send: {does: publish, arguments: {channel: topic}, facts: {durable: true, acknowledged: after}}
      common.bus.open: {returns: common.bus.Bus, arguments: {target: "0:url"}}
rules:
  message/durable: warn
  data/placement: {mode: off, adr: ADR-1, because: not yet, options: {paths: a.py, tables: [b, c]}}
waivers:
  - {rule: quantum/import, owner: ann, reason: moving, expires: 2027-01-31, match: {from: shop, path: 'src/**'}}
"""


def test_three_keys_are_a_whole_declaration(read: Read) -> None:
    """Schema, system and quanta; everything else refines."""
    architecture = read("schema: quanta/1\nsystem: s\nquanta:\n  a: {source: src/shop}\n")
    assert architecture.system == "s"
    assert architecture.quantum("a").source == ("src/shop",)
    assert architecture.data_classes == BUILT_IN


def test_a_machine_may_write_the_declaration(read: Read) -> None:
    """Names with slashes and digits, lists of paths, quanta that share a path, empty mappings for code elsewhere."""
    text = """
schema: quanta/1
system: tutorials
quanta:
  1/send:
    source: [src/shop/api.py]
  '2':
    source: [src/shop/api.py, src/shop]
  frontend: {}
  backend:
shared_code: [src/common]
"""
    architecture = read(text)
    assert [quantum.name for quantum in architecture.quanta] == ["1/send", "2", "frontend", "backend"]
    assert [quantum.opaque for quantum in architecture.quanta] == [False, False, True, True]
    assert architecture.shared_code == ("src/common",)


def test_the_order_of_the_keys_does_not_matter(read: Read) -> None:
    """Editors and tools sort them."""
    assert read("system: s\nquanta: {a: }\nschema: quanta/1\n").system == "s"


def test_quanta_are_read_with_all_that_helps_to_resolve_targets(read: Read) -> None:
    """A lone value may stand without its list."""
    shop = read(FULL).quantum("shop")
    assert shop.source == ("src/shop", "src/**/wire.py")
    assert shop.hosts == ("shop", "shop.local")
    assert (shop.env, shop.units, shop.packages) == (("SHOP_URL",), ("shop-api", "shop-relay"), ("shop_client",))
    assert shop.datastores[0] == DataStore("shop", ("SHOP_DB_URL",), ("shop-db",), "shop", Place("quanta.yaml", 18, 7))
    assert shop.datastores[1] == DataStore("cache", place=Place("quanta.yaml", 19, 7))
    assert (shop.stores.allow, shop.stores.deny) == (("card_last4",), ("pan", "answer"))
    assert (shop.stores.adr, shop.stores.because, shop.stores.place.line) == ("ADR-1#no-calls", "it is safer", 20)
    assert (shop.characteristics, shop.adr, shop.because) == (("availability",), "ADR-2", "it is what customers see")
    assert shop.place == Place("quanta.yaml", 11, 3)


def test_interactions_are_read_in_short_and_in_long_form(read: Read) -> None:
    """A deviation takes one point from at_least_once; without an id the channel or the ends name the interaction."""
    message, replication, call = read(FULL).interactions
    assert (message.id, message.source, message.target, message.style) == ("orders", "shop", "bill", Style.MESSAGE)
    assert (message.channel, message.carries) == ("orders", ("pan", "ticket"))
    assert message.delivery == Delivery(
        durable=True,
        persistent=True,
        confirmed=True,
        acknowledged_after_work=True,
        dead_letter=False,
        idempotent_receiver=True,
    )
    assert message.place == Place("quanta.yaml", 28, 5)
    assert (replication.id, replication.replication) == ("bill-to-shop", Replication("price", "etl", 5400.0))
    assert replication.delivery == Delivery()
    assert (call.id, call.style) == ("bill-to-bank", Style.CALL)


def test_at_least_once_means_all_points_of_delivery(read: Read) -> None:
    """DESIGN: durable, persistent, confirmed, acknowledged after the work, dead letter, idempotent receiver."""
    delivery = read(MESSAGE.format("delivery: at_least_once")).interactions[0].delivery
    assert delivery == Delivery(True, True, True, True, True, True)


MESSAGE = (
    "schema: quanta/1\nsystem: s\nquanta: {{a: , b: }}\ninteractions:\n- from: a\n  to: b\n  style: message\n  {}\n"
)


def test_without_a_guarantee_only_what_is_written_is_demanded(read: Read) -> None:
    """Each point can be asked for alone."""
    delivery = read(MESSAGE.format("delivery: {durable: true}")).interactions[0].delivery
    assert delivery == Delivery(durable=True)


def test_a_deviation_takes_along_what_makes_no_sense_without_it(read: Read) -> None:
    """In a queue that does not survive a restart no message does; nothing is demanded of it."""
    text = "delivery: {guarantee: at_least_once, durable: false, acknowledged_after_work: false}\n  because: news only"
    delivery = read(MESSAGE.format(text)).interactions[0].delivery
    assert delivery == Delivery(False, None, True, False, None, True)


def test_decisions_carry_the_sentences_of_their_files(read: Read) -> None:
    """A report quotes the decision, not the declaration."""
    architecture = read(FULL)
    first, second = architecture.adrs
    assert (first.id, first.title, first.status, first.file) == ("ADR-1", "Apart", "accepted", "docs/ADR-1.md")
    assert architecture.sentence("ADR-1#invoices") == "They go through a queue."
    assert architecture.sentence("ADR-1#no-calls") == "Nobody waits."
    assert (second.title, second.status, second.file) == ("", "proposed", None)


def test_a_decision_without_a_title_takes_it_from_its_file(read: Read) -> None:
    """Its own id in front of it is not repeated."""
    text = "schema: quanta/1\nsystem: s\nquanta: {a: }\nadrs: [{id: ADR-1, file: docs/ADR-1.md}]\n"
    assert read(text).adrs[0].title == "Keep apart"


def test_users_extend_the_built_in_classes_and_add_their_own(read: Read) -> None:
    """A name that is added to a built-in class joins its names."""
    classes = {known.name: known for known in read(FULL).data_classes}
    assert {"card_number", "kartennummer"} <= set(classes["pan"].names)
    assert classes["answer"].names == ("answer", "rating")
    assert classes["ticket"].names == ()
    assert [known.name for known in BUILT_IN] == list(classes)[: len(BUILT_IN)]


@pytest.mark.parametrize(
    ("name", "data_class"),
    [
        ("card_number", "pan"),
        ("primary_account_number", "pan"),
        ("cvv2", "card_code"),
        ("security_code", "card_code"),
        ("cc_exp_month", "card_expiry"),
        ("card_expiry", "card_expiry"),
        ("cardholder_name", "card_holder"),
        ("track_data", "card_track"),
        ("last_four", "card_last4"),
    ],
)
def test_built_in_classes_know_the_usual_names(name: str, data_class: str) -> None:
    """And each name belongs to one class only."""
    assert [known.name for known in BUILT_IN if name in known.names] == [data_class]


def test_a_bare_expiry_is_no_card_data() -> None:
    """Tokens, coupons and locks expire too."""
    names = {name for known in BUILT_IN for name in known.names}
    assert not names & {"expiry", "exp", "expires_at", "expiration", "token", "number", "code"}


def test_rules_are_read_in_short_and_in_long_form(read: Read) -> None:
    """A rule's name alone with its mode, or with the sentence it guards and its options."""
    durable, placement = read(FULL).settings
    assert (durable.rule, durable.mode, durable.options) == ("message/durable", Mode.WARN, {})
    assert (placement.mode, placement.adr, placement.because) == (Mode.OFF, "ADR-1", "not yet")
    assert placement.options == {"paths": ("a.py",), "tables": ("b", "c")}


def test_waivers_and_libraries_are_read(read: Read) -> None:
    """A date is text, whatever YAML 1.1 thinks."""
    architecture = read(FULL)
    waiver = architecture.waivers[0]
    assert (waiver.rule, waiver.owner, waiver.reason, waiver.expires) == (
        "quantum/import",
        "ann",
        "moving",
        "2027-01-31",
    )
    assert waiver.match == {"from": "shop", "path": "src/**"}
    library = architecture.libraries[0]
    assert (library.name, library.mechanism, library.because) == ("bus", "bus", "it is ours")
    assert (library.calls[0].name, library.calls[0].does) == ("common.bus.Bus.send", "publish")
    assert library.calls[0].arguments == {"channel": "topic"}
    assert library.calls[0].facts == {"durable": True, "acknowledged": "after"}
    opened = library.calls[1]
    assert (opened.does, opened.returns, opened.arguments) == ("", "common.bus.Bus", {"target": "0:url"})
    assert (architecture.platform, architecture.external) == (("mail",), ("api.example.org",))


def test_the_same_file_gives_equal_architectures(read: Read) -> None:
    """Nothing depends on the run."""
    assert read(FULL) == read(FULL)


def test_paths_are_relative_to_the_declarations_folder(tmp_path: Path) -> None:
    """Unless another root is given; places name the file relative to the root where it is inside."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code/a.py").touch()
    declaration = tmp_path / FILE_NAME
    declaration.write_text("schema: quanta/1\nsystem: s\nquanta:\n  a: {source: code}\n")
    assert load(declaration).quanta[0].place == Place("quanta.yaml", 4, 3)
    assert load(declaration, workspace=Workspace(tmp_path)).path == "quanta.yaml"

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = declaration.rename(elsewhere / FILE_NAME)
    architecture = load(moved, tmp_path)
    assert architecture.path == "elsewhere/quanta.yaml"
    assert load(moved, workspace=MemoryWorkspace({"code/a.py": ""})).path == moved.as_posix()


def test_the_declaration_is_found_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, a folder, or the current folder may be meant."""
    declaration = tmp_path / FILE_NAME
    declaration.touch()
    monkeypatch.chdir(tmp_path)
    assert discover() == Path(FILE_NAME)
    assert discover(tmp_path) == declaration
    assert discover(declaration) == declaration


def test_a_missing_declaration_is_a_wrong_use(tmp_path: Path) -> None:
    """With a word about what is there instead."""
    with pytest.raises(UsageError, match=r"there is no quanta\.yaml in .*; name the declaration with --config"):
        discover(tmp_path)
    (tmp_path / "quanta.yml").touch()
    with pytest.raises(UsageError, match=r"quanta\.yml is there: rename it"):
        discover(tmp_path)
    with pytest.raises(UsageError, match="there is no file"):
        discover(tmp_path / "nothing.yaml")
    with pytest.raises(UsageError, match="there is no file"):
        load(tmp_path)


def test_a_missing_root_is_a_wrong_use(tmp_path: Path) -> None:
    """It would otherwise make every path look dead."""
    declaration = tmp_path / FILE_NAME
    declaration.touch()
    with pytest.raises(UsageError, match="is no folder"):
        load(declaration, tmp_path / "nowhere")
