"""Whose deployment unit it is, and which values a variable has in a quantum."""

from __future__ import annotations

import pytest
from coupling_builders import BILLING, CUSTOMER, architecture, environment, unit

from quantafit.model import Binding, Place, Quantum, Unit

DECLARED = architecture(
    Quantum("customer", ("src/shop/customer",), hosts=("customer-api",)),
    Quantum("billing", ("src/shop/billing",), units=("money",)),
    Quantum("front", ("frontend",)),
)

UNITS: dict[str, tuple[Unit, str | None]] = {
    "by declaration, before all else": (unit("money", build="src/shop/customer"), "billing"),
    "by its build context": (unit("api", build="src/shop/customer"), "customer"),
    "by a build context with a dot": (unit("api", build="./src/shop/customer/"), "customer"),
    "by a folder inside the source": (unit("api", build="src/shop/customer/worker"), "customer"),
    "by a folder that holds one source": (unit("api", build="frontend"), "front"),
    "by what its Dockerfile copies": (unit("api", build=".", copies=("src/shop/billing",)), "billing"),
    "by the module it runs": (unit("api", build=".", command="python -m shop.customer.api"), "customer"),
    "by the module it runs, as a list": (unit("api", command='["python", "-m", "shop.billing.worker"]'), "billing"),
    "by the application it serves": (unit("api", command="uvicorn shop.customer.api:app --host 0.0.0.0"), "customer"),
    "by the script it runs": (unit("api", command="python src/shop/billing/job.py"), "billing"),
    "by an equal name": (unit("billing", image="shop/billing:1"), "billing"),
    "by a host of the quantum": (unit("customer-api", image="x"), "customer"),
    "by a host that the unit answers to": (unit("web", image="x", hosts=("customer_api",)), "customer"),
    "by code rather than by name": (unit("billing", command="python -m shop.customer.api"), "customer"),
    "nobody's: a broker": (unit("rabbitmq", image="rabbitmq:4"), None),
    "nobody's: built from the root": (unit("all", build="."), None),
    "nobody's: copies everything": (unit("all", build=".", copies=(".",)), None),
    "nobody's: copies the code of two": (unit("all", build=".", copies=("src/shop",)), None),
    "nobody's: a name that only begins alike": (unit("customer-database", image="postgres:17"), None),
    "nobody's: a module that only begins alike": (unit("x", command="python -m shop.customers.api"), None),
}


@pytest.mark.parametrize("how", UNITS)
def test_a_unit_belongs_to_a_quantum(how: str) -> None:
    one, owner = UNITS[how]
    assert environment(DECLARED, one).quantum_of(one) == owner


def values(*units: Unit, quantum: str = "customer", name: str = "URL", **env_files: dict[str, str]) -> list[str | None]:
    return [
        bound.value for bound in environment(architecture(CUSTOMER, BILLING), *units, **env_files).values(quantum, name)
    ]


def test_a_quantum_has_the_values_of_its_own_units() -> None:
    own, other = unit("customer", {"URL": "http://a"}), unit("billing", {"URL": "http://b"})
    assert values(own, other) == ["http://a"]
    assert values(own, other, quantum="billing") == ["http://b"]
    assert values(own, other, name="OTHER") == []


def test_units_that_disagree_stay_alternatives() -> None:
    api = unit("customer", {"URL": "http://a"})
    job = unit("job", {"URL": "http://b"}, command="python -m shop.customer.job")
    assert values(api, job) == ["http://a", "http://b"]


def test_defaults_in_values_are_put_in() -> None:
    assert values(unit("customer", {"URL": "http://${HOST:-billing}:${PORT-80}/x"})) == ["http://billing:80/x"]


def test_values_come_from_the_env_file_beside_compose() -> None:
    assert values(unit("customer", {"URL": "http://${HOST}/x"}), __env={"HOST": "billing"}) == ["http://billing/x"]


def test_a_value_of_the_env_file_may_name_what_stands_above_it() -> None:
    lines = {"HOST": "billing", "ADDRESS": "${HOST}:80", "URL": "http://${ADDRESS}/"}
    assert values(unit("customer", {"URL": None}), **{".env": lines}) == ["http://billing:80/"]


def test_what_only_the_deployment_knows_is_left_out() -> None:
    assert values(unit("customer", {"URL": "amqp://user:${PASSWORD}@mq/"})) == ["amqp://user:***@mq/"]


def test_files_for_people_to_copy_bind_nothing() -> None:
    assert values(unit("customer"), __env__example={"URL": "http://wrong"}) == []
    assert values(unit("customer"), __env={"URL": "http://right"}) == ["http://right"]


FILES = {
    "beside the code": ("src/shop/customer/.env", True),
    "inside the code": ("src/shop/customer/deploy/.env", True),
    "beside the code of another": ("src/shop/billing/.env", False),
    "inside the code of another": ("src/shop/billing/deploy/.env.docker", False),
    "above the code of both": ("src/shop/.env", True),
    "at the root": (".env", True),
    "with nobody's code": ("deploy/.env", True),
    "in a folder that only begins alike": ("src/shop/bill/.env", True),
}


@pytest.mark.parametrize("where", FILES)
def test_a_file_of_variables_among_the_code_of_some_quanta_is_for_these(where: str) -> None:
    path, is_bound = FILES[where]
    found = environment(DECLARED, **{path.replace(".", "__"): {"URL": "http://a"}}).values("customer", "URL")
    assert [bound.value for bound in found] == (["http://a"] if is_bound else [])


def test_a_source_that_is_a_pattern_lies_where_its_pattern_begins() -> None:
    declared = architecture(Quantum("a", ("src/a/**/*.py",)), Quantum("b", ("src/b/*.py",)))
    one = environment(declared, **{"src/b/__env": {"URL": "http://b"}})
    assert [bool(one.values(name, "URL")) for name in ("a", "b")] == [False, True]


def test_a_file_inside_the_code_of_a_quantum_within_another_is_for_the_inner() -> None:
    declared = architecture(Quantum("all", ("src",)), Quantum("job", ("src/job",)))
    one = environment(declared, **{"src/job/__env": {"URL": "http://a"}})
    assert [bool(one.values(name, "URL")) for name in ("all", "job")] == [False, True]


def test_a_variable_without_a_value_is_left_open() -> None:
    assert values(unit("customer", {"URL": None})) == [None]  # type: ignore[dict-item]


ABSENT = Place("compose.yaml", 9)


def left_open(*units: Unit, name: str = "URL") -> Place | None:
    return environment(architecture(CUSTOMER, BILLING), *units).left_open("customer", name)


def test_a_file_that_is_not_here_may_bind_whatever_the_compose_file_does_not_bind() -> None:
    given = unit("customer", {"URL": "http://a"}, absent=(ABSENT,))
    assert left_open(given) is None
    assert left_open(given, name="OTHER") == ABSENT
    assert left_open(unit("customer", {"URL": "http://a"}), name="OTHER") is None
    assert left_open(unit("billing", absent=(ABSENT,))) is None


def test_a_file_that_is_not_here_may_set_aside_what_another_file_or_the_image_binds() -> None:
    from_file = Binding("URL", "http://a", Place("orders/.env", 1))
    assert left_open(Unit("customer", ABSENT, environment=(from_file,), absent=(ABSENT,))) == ABSENT


def test_every_unit_of_a_quantum_counts() -> None:
    job = unit("job", command="python -m shop.customer.job", absent=(ABSENT,))
    assert left_open(unit("customer", {"URL": "http://a"}), job) == ABSENT


def test_a_declared_unit_name_of_several_compose_projects_means_the_one_with_the_quantums_code() -> None:
    declared = architecture(Quantum("customer", CUSTOMER.source, units=("web",)), BILLING)
    mine = unit("web", build="src/shop/customer", project="a")
    other = unit("web", build="src/shop/billing", project="b")
    found = environment(declared, mine, other)
    assert (found.quantum_of(mine), found.quantum_of(other)) == ("customer", "billing")
    alone = unit("web", build="src/shop/billing")
    assert environment(declared, alone).quantum_of(alone) == "customer"
