"""Whose address it is: from hosts, ports, declared variables and their names."""

from __future__ import annotations

from itertools import product

import pytest
from coupling_builders import BILLING, CUSTOMER, SYSOPS, architecture, coupled, environment, only, seen, unit
from hypothesis import given
from hypothesis import strategies as st

from quantafit.coupling.databases import identity, is_database
from quantafit.coupling.resolve import HOLE, Resolved, resolve
from quantafit.coupling.targets import Hosts, parts
from quantafit.model import Configuration, Place, Quantum, TargetKind
from quantafit.model.terms import Joined, Literal, OneOf, Term, Unknown, Variable

DECLARED = architecture(
    CUSTOMER,
    Quantum("billing", ("src/shop/billing",), hosts=("billing-api", "pay.shop.example"), env=("PAYMENT_URL",)),
    Quantum("ticket_desk", ("src/shop/tickets",)),
    platform=("rabbitmq", "vault"),
    external=("stripe.com",),
)
UNITS = (
    unit("billing", build="src/shop/billing", ports=("8001:8000",), hosts=("money",)),
    unit("rabbitmq", image="rabbitmq:4"),
)


def target(value: str | Resolved) -> tuple[str, str | None, str]:
    resolved = value if isinstance(value, Resolved) else Resolved(value)
    found = Hosts(DECLARED, environment(DECLARED, *UNITS)).of(resolved)
    return found.kind.value, found.name, found.confidence


ADDRESSES = {
    "http://billing-api/x": ("quantum", "billing", "high"),
    "http://BILLING-API:8000/x": ("quantum", "billing", "high"),
    "https://pay.shop.example/v1": ("quantum", "billing", "high"),
    "http://billing:8000": ("quantum", "billing", "high"),
    "http://money/": ("quantum", "billing", "high"),
    "billing-api:50051": ("quantum", "billing", "high"),
    "dns:///billing-api:50051": None,
    "billing-api": ("quantum", "billing", "high"),
    "http://user:secret@billing-api/x": ("quantum", "billing", "high"),
    "http://ticket-desk/x": ("quantum", "ticket_desk", "high"),
    "http://ticket_desk/x": ("quantum", "ticket_desk", "high"),
    "http://billing-api.shop/x": None,
    "http://billing-api.shop.svc/x": ("quantum", "billing", "high"),
    "http://billing-api.shop.svc.cluster.local:80/x": ("quantum", "billing", "high"),
    "http://billing-api.service.consul/x": ("quantum", "billing", "high"),
    "http://billing-api.query.consul/x": ("quantum", "billing", "high"),
    "http://v1.billing-api.service.dc1.consul/x": ("quantum", "billing", "high"),
    "http://billing-api.production:80/x": ("quantum", "billing", "high"),
    "http://billing-api.shop_default/x": ("quantum", "billing", "high"),
    "http://billing-api.io/x": ("external", "billing-api.io", "high"),
    "http://billing-api.com/x": ("external", "billing-api.com", "high"),
    "http://52.0.0.1/x": ("external", "52.0.0.1", "high"),
    "http://10.0.0.1/x": ("unrouted", None, "low"),
    "http://192.168.1.7:9999/x": ("unrouted", None, "low"),
    "http://192.168.1.7:8001/x": ("quantum", "billing", "medium"),
    "http://[fd00::7]:8001/x": ("quantum", "billing", "medium"),
    "http://169.254.169.254/latest": ("external", "169.254.169.254", "high"),
    "http://billing-api.svc.evil.com/x": ("external", "billing-api.svc.evil.com", "high"),
    "http://localhost:8001/x": ("quantum", "billing", "medium"),
    "http://127.0.0.1:8001/x": ("quantum", "billing", "medium"),
    "http://localhost:9999/x": ("unrouted", None, "low"),
    "http://172.17.0.1:8001/x": ("quantum", "billing", "medium"),
    "http://172.20.0.1:8001/x": ("quantum", "billing", "medium"),
    "http://172.17.0.1:9999/x": ("unrouted", None, "low"),
    "http://172.17.0.2:9999/x": ("unrouted", None, "low"),
    "http://host.docker.internal:8001/x": ("quantum", "billing", "medium"),
    "http://docker.for.mac.localhost:8001/x": ("quantum", "billing", "medium"),
    "http://docker.for.mac.localhost:9999/x": ("unrouted", None, "low"),
    "http://host.containers.internal:8001/x": ("quantum", "billing", "medium"),
    "http://localhost/x": ("unrouted", None, "low"),
    "http://rabbitmq:15672/api": ("platform", "rabbitmq", "high"),
    "https://api.stripe.com/v1": ("external", "api.stripe.com", "high"),
    "https://example.org/": ("external", "example.org", "high"),
    "http://nobody/x": ("unrouted", None, "low"),
    "http://mybilling-api/x": ("unrouted", None, "low"),
    "/only/a/path": ("unrouted", None, "low"),
    "": ("unrouted", None, "low"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_leads_to_its_owner(address: str) -> None:
    expected = ADDRESSES[address]
    if expected is not None:
        assert target(address) == expected
    else:  # several readings are possible: it must be a quantum, outside, or unknown, never the platform
        assert target(address)[0] != "platform"


def test_no_scheme_is_taken_for_a_host_that_is_unknown() -> None:
    assert parts(f"http://{HOLE}:{HOLE}/x")[0] is None
    assert parts(f"http://billing:{HOLE}/x")[0] == "billing"


def test_a_declared_variable_is_sure_and_a_guessed_one_is_not() -> None:
    assert target(Resolved(None, "", "PAYMENT_URL")) == ("quantum", "billing", "high")
    assert target(Resolved(None, "", "BILLING_SERVICE_URL")) == ("quantum", "billing", "medium")
    assert target(Resolved(None, "", "TICKET_DESK_HOST")) == ("quantum", "ticket_desk", "medium")
    assert target(Resolved(None, "", "TICKET_HOST")) == ("unrouted", None, "low")
    assert target(Resolved(None, "", "SOME_URL")) == ("unrouted", None, "low")


def test_a_text_whose_beginning_is_unknown_goes_by_its_variable() -> None:
    assert target(Resolved(f"{HOLE}/x", "", "PAYMENT_URL"))[1] == "billing"
    assert target(Resolved(f"http://{HOLE}/x", "made at run time"))[0] == "unrouted"
    assert target(Resolved(f"http://billing-api/{HOLE}"))[1] == "billing"


def request(url: object, *units: object, declared: object = None) -> object:
    configuration = Configuration(units=units, files=("compose.yaml",))  # type: ignore[arg-type]
    return coupled([seen("customer", "request", mechanism="http", url=url)], declared or DECLARED, configuration)  # type: ignore[arg-type]


def test_a_guessed_target_is_shown_and_stays_unresolved() -> None:
    found = request("$BILLING_SERVICE_URL")
    assert only(found).target == "billing"  # type: ignore[arg-type]
    assert [one.could_be for one in found.unresolved] == [("request",)]  # type: ignore[attr-defined]


def test_a_private_address_with_a_known_port_is_shown_and_stays_unresolved() -> None:
    found = request("http://192.168.1.7:8001/x", *UNITS)
    assert only(found).target == "billing"  # type: ignore[arg-type]
    assert [one.could_be for one in found.unresolved] == [("request",)]  # type: ignore[attr-defined]
    declared = architecture(CUSTOMER, BILLING, external=("192.168.1.7",))
    assert not request("http://192.168.1.7:8001/x", *UNITS, declared=declared).unresolved  # type: ignore[attr-defined]


def test_the_machine_seen_from_a_container_on_it_is_asked_at_a_published_port() -> None:
    found = request("http://172.17.0.1:8001/x", *UNITS)
    assert only(found).target == "billing"  # type: ignore[arg-type]
    assert found.unresolved == ()  # type: ignore[attr-defined]


def test_a_target_by_configuration_is_resolved_and_shows_its_line() -> None:
    own = unit("customer", {"SOME_URL": "http://billing-api:8000"}, build="src/shop/customer")
    found = request("$SOME_URL", own, *UNITS)
    crossing = only(found)  # type: ignore[arg-type]
    assert (crossing.target, crossing.confidence, crossing.address) == ("billing", "high", "http://billing-api:8000")
    assert "compose.yaml" in {step.place.path for step in crossing.evidence}
    assert found.unresolved == ()  # type: ignore[attr-defined]


def test_a_bound_value_stands_before_the_default_in_the_code() -> None:
    own = unit("customer", {"SOME_URL": "http://ticket-desk"}, build="src/shop/customer")
    assert only(request("$SOME_URL=http://billing-api", own)).target == "ticket_desk"  # type: ignore[arg-type]
    assert only(request("$SOME_URL=http://billing-api")).target == "billing"  # type: ignore[arg-type]


def test_a_default_is_not_the_whole_truth_where_a_file_of_variables_is_not_here() -> None:
    """The crossing is shown, and the call stays unresolved: the file may send it elsewhere."""
    absent = (Place("compose.yaml", 9),)
    found = request("$PAY=http://billing-api/", unit("customer", absent=absent))
    assert {crossing.target for crossing in found.crossings} == {"billing", None}  # type: ignore[attr-defined]
    (doubt,) = found.unresolved  # type: ignore[attr-defined]
    assert doubt.why == "PAY may be bound in a file that is not in this tree (compose.yaml:9)"
    bound = unit("customer", {"PAY": "http://billing-api/"}, absent=absent)
    assert request("$PAY=http://ticket-desk/", bound).unresolved == ()  # type: ignore[attr-defined]


def test_a_call_to_oneself_is_no_crossing() -> None:
    assert request("http://customer/x").crossings == ()  # type: ignore[attr-defined]


def test_no_credentials_get_into_an_address() -> None:
    assert "secret" not in str(only(request("http://user:secret@billing-api/x")))  # type: ignore[arg-type]


def test_several_targets_of_one_line_are_several_crossings() -> None:
    url = OneOf((Literal("http://billing-api"), Literal("http://ticket-desk"), Literal("http://billing-api/other")))
    assert {one.target for one in request(url).crossings} == {"billing", "ticket_desk"}  # type: ignore[attr-defined]


def test_one_unknown_among_several_targets_stays_unresolved() -> None:
    url = OneOf((Literal("http://billing-api"), Unknown("it is made at run time")))
    found = request(url)
    assert {(one.target_kind, one.target) for one in found.crossings} == {  # type: ignore[attr-defined]
        (TargetKind.QUANTUM, "billing"),
        (TargetKind.UNROUTED, None),
    }
    assert found.unresolved  # type: ignore[attr-defined]


# Arbitrary input ----------------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from(["http", "://", "a", "b.c", "@", ":", "/", "[", "]", "%", "80", "\0", " ", "?", "#", "é", "."]),
    max_size=12,
).map("".join)
TERMS: st.SearchStrategy[Term] = st.recursive(
    TEXTS.map(Literal)
    | st.sampled_from([Literal(None), Literal(1), Literal(b"\xff"), Literal(True), Unknown("why"), Variable("URL")]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda many: Joined(tuple(many)))
        | st.lists(inner, min_size=1, max_size=4).map(lambda many: OneOf(tuple(many)))
        | inner.map(lambda default: Variable("BASE", default))
    ),
    max_leaves=12,
)


@given(TEXTS)
def test_no_text_makes_an_address_fail(text: str) -> None:
    host, port, _ = parts(text)
    assert host is None or host == host.lower()
    assert port is None or port.isdigit()
    target(text)


@given(TEXTS)
def test_no_text_makes_a_database_identity_fail(text: str) -> None:
    identity(text)
    is_database(text)


@given(TERMS)
def test_no_term_makes_resolving_fail(value: Term) -> None:
    own = unit("customer", {"URL": "http://${A:-b}/"}, build="src/shop/customer")
    found = resolve(value, "customer", environment(architecture(CUSTOMER, BILLING, SYSOPS), own))
    assert len(found) <= 64
    request(value)


@given(st.text(alphabet="abc:/@.p", max_size=20), st.text(min_size=3, max_size=10, alphabet="xyz"))
def test_no_address_shows_a_password(rest: str, password: str) -> None:
    assert password not in parts(f"http://user:{password}@billing-api/{rest}")[2]


def test_the_product_of_alternatives_is_bounded() -> None:
    options = OneOf(tuple(Literal(str(n)) for n in range(16)))
    assert len(resolve(Joined((options,) * 8), "customer", environment(architecture()))) <= 64


def test_the_product_is_every_combination_while_it_is_small() -> None:
    options = [OneOf((Literal("a"), Literal("b"))), OneOf((Literal("c"), Literal("d")))]
    found = {value.text for value in resolve(Joined(tuple(options)), "customer", environment(architecture()))}
    assert found == {"".join(pair) for pair in product("ab", "cd")}


MEANT = {
    ("USERS_URL", ("user-service", "orders")): "user-service",
    ("USER_SERVICE_URL", ("users", "orders")): "users",
    ("ORDER_API_HOST", ("users", "orders")): "orders",
    ("USER_URL", ("user-api", "user-service")): None,
    ("SERVICE_URL", ("service", "orders")): "service",
    ("API_URL", ("api-gateway", "orders")): None,
    ("BUS_URL", ("bu", "orders")): None,
    ("GATEWAY_URL", ("api-gateway", "orders")): "api-gateway",
}


@pytest.mark.parametrize(("named", "expected"), MEANT.items(), ids=str)
def test_a_variables_name_means_the_only_quantum_that_is_named_alike(
    named: tuple[str, tuple[str, ...]], expected: str | None
) -> None:
    """Plurals and the words for a service do not count; where two quanta could be meant, none is."""
    variable, names = named
    declared = architecture(*(Quantum(name, (name,)) for name in names))
    found = Hosts(declared, environment(declared)).of(Resolved(None, variable=variable))
    assert found.name == expected
    assert found.confidence == ("medium" if expected else "low")


def in_projects(**more: str) -> tuple[object, ...]:
    """Two quanta, each with a compose project of its own, in which both have a unit called web."""
    return (
        unit("web", build="src/shop/customer", project="customer", ports=("8000:80",)),
        unit("web", build="src/shop/billing", project="billing", ports=("8001:80",)),
        *(unit(name, image="redis", project=project) for name, project in more.items()),
    )


def test_a_name_means_what_it_means_in_the_callers_own_compose_project() -> None:
    shop = architecture(CUSTOMER, BILLING)
    assert request("http://web:80/x", *in_projects(), declared=shop).crossings == ()  # type: ignore[attr-defined]
    both = (*in_projects(), unit("web", build="src/shop/billing", project="customer"))
    assert only(request("http://web:80/x", *both, declared=shop)).target == "billing"  # type: ignore[arg-type]
    elsewhere = (unit("customer", build="src/shop/customer", project="mine"), in_projects()[1])
    assert only(request("http://web:80/x", *elsewhere, declared=shop)).target == "billing"  # type: ignore[arg-type]


def test_a_name_of_several_projects_is_one_name_for_who_runs_in_none() -> None:
    shop = architecture(CUSTOMER, BILLING)
    loose = (*in_projects(), unit("customer", build="src/shop/customer"))
    shared = (unit("web", build="src/shop/billing"), unit("customer", build="src/shop/customer", project="customer"))
    assert request("http://web/x", *loose, declared=shop).crossings == ()  # type: ignore[attr-defined]
    assert only(request("http://web/x", *shared, declared=shop)).target == "billing"  # type: ignore[arg-type]


def test_a_port_that_units_of_several_publish_is_only_guessed() -> None:
    shop = architecture(CUSTOMER, BILLING, SYSOPS)
    units = (
        unit("billing", build="src/shop/billing", ports=("8000:80",)),
        unit("sysops", build="src/shop/sysops", ports=("8000:80",)),
    )
    found = request("http://localhost:8000/x", *units, declared=shop)
    assert only(found).target == "billing"  # type: ignore[arg-type]
    assert [one.why for one in found.unresolved] == [  # type: ignore[attr-defined]
        "port 8000 is published by units of billing and sysops"
    ]
