"""What compose files say of deployment units."""

from __future__ import annotations

from textwrap import dedent

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration, Place, Unit
from quantafit.workspace import MemoryWorkspace

SHOP = """\
name: shop
x-python: &python
  build: &build
    context: ..
    dockerfile: deploy/Dockerfile
    args:
      QUANTUM: customer
  env_file:
    - common.env
    - path: secret.env
      required: false
  environment: &environment
    LOG_LEVEL: info
    BROKER_URL: amqp://${BROKER_HOST:-rabbit}:5672/

services:
  customer-api:
    <<: *python
    container_name: ${PREFIX}-customer
    environment:
      <<: *environment
      DATABASE_URL: sqlite:////data/customer.db
      PORT: 8080
      TRACE: true
      TOKEN:
      EMPTY: ""
    command: ["uvicorn", "sysops_squad.customer.api:app", "--log-config", "my log.yaml"]
    networks:
      backend:
        aliases: [customer, customer.internal]
    ports:
      - "8080:80"
      - published: 9090
        target: 90
    volumes:
      - ./data:/data
      - type: bind
        source: ./keys
        target: /keys
      - logs:/logs
    depends_on:
      rabbit: {condition: service_healthy}
  billing:
    <<: *python
    build:
      <<: *build
      args: [QUANTUM=billing]
    environment:
      - BROKER_URL=amqp://elsewhere/
      - FROM_SHELL
    depends_on: [rabbit]
  rabbit:
    image: rabbitmq:3.13-management
    hostname: broker
"""

DOCKERFILE = """\
ARG BASE=python:3.12
FROM ${BASE}
ARG QUANTUM
WORKDIR /app
ENV QUANTUM=${QUANTUM} LOG_LEVEL=debug
COPY src/shared src/${QUANTUM} ./
ENTRYPOINT ["python", "-m"]
CMD ["sysops_squad.${QUANTUM}"]
"""

TREE = {
    "deploy/compose.yaml": SHOP,
    "deploy/.env": "PREFIX=shop\n",
    "deploy/common.env": "LOG_LEVEL=warning\nREGION='eu'\n",
    "deploy/Dockerfile": DOCKERFILE,
}


def collected(tree: dict[str, str | bytes]) -> Configuration:
    return collect(MemoryWorkspace(tree))


def unit(configuration: Configuration, name: str) -> Unit:
    (found,) = (one for one in configuration.units if one.name == name)
    return found


def environment(of: Unit) -> dict[str, str | None]:
    return {binding.name: binding.value for binding in of.environment}


def services(text: str, **others: str) -> Configuration:
    return collected({"compose.yaml": text, **others})


def test_a_compose_file_with_anchors_and_merge_keys_gives_its_units() -> None:
    found = collected(TREE)
    assert [one.name for one in found.units] == ["customer-api", "billing", "rabbit"]
    assert found.errors == ()
    assert found.files == ("deploy/.env", "deploy/Dockerfile", "deploy/common.env", "deploy/compose.yaml")


def test_a_unit_knows_where_its_code_comes_from() -> None:
    customer = unit(collected(TREE), "customer-api")
    assert (customer.build, customer.dockerfile) == (".", "deploy/Dockerfile")
    assert customer.copies == ("src/shared", "src/customer")
    assert customer.command == "python -m uvicorn sysops_squad.customer.api:app --log-config 'my log.yaml'"
    assert customer.working_dir == "/app"
    assert unit(collected(TREE), "billing").copies == ("src/shared", "src/billing")


def test_a_unit_answers_to_all_its_names() -> None:
    found = collected(TREE)
    assert unit(found, "customer-api").hosts == ("customer-api", "shop-customer", "customer", "customer.internal")
    assert unit(found, "rabbit").hosts == ("rabbit", "broker")


def test_the_environment_beats_the_env_file_and_that_the_dockerfile() -> None:
    customer = unit(collected(TREE), "customer-api")
    assert environment(customer) == {
        "QUANTUM": "customer",
        "LOG_LEVEL": "info",
        "REGION": "eu",
        "BROKER_URL": "amqp://${BROKER_HOST:-rabbit}:5672/",
        "DATABASE_URL": "sqlite:////data/customer.db",
        "PORT": "8080",
        "TRACE": "true",
        "TOKEN": None,
        "EMPTY": "",
    }
    assert environment(unit(collected(TREE), "billing")) == {
        "QUANTUM": "billing",
        "LOG_LEVEL": "warning",
        "REGION": "eu",
        "BROKER_URL": "amqp://elsewhere/",
        "FROM_SHELL": None,
    }


def test_each_binding_stands_where_it_was_written() -> None:
    found = collected(TREE)
    places = {one.name: one.place for one in unit(found, "billing").environment}
    assert places == {
        "QUANTUM": Place("deploy/Dockerfile", 5, 5),
        "LOG_LEVEL": Place("deploy/common.env", 1, 1),
        "REGION": Place("deploy/common.env", 2, 1),
        "BROKER_URL": Place("deploy/compose.yaml", 49, 9),
        "FROM_SHELL": Place("deploy/compose.yaml", 50, 9),
    }
    assert unit(found, "billing").place == Place("deploy/compose.yaml", 43, 3)
    inherited = {one.name: one.place for one in unit(found, "customer-api").environment}
    assert inherited["BROKER_URL"] == Place("deploy/compose.yaml", 14, 5)


def test_mounts_ports_and_dependencies_are_kept() -> None:
    customer = unit(collected(TREE), "customer-api")
    assert customer.volumes == ("./deploy/data:/data", "./deploy/keys:/keys", "logs:/logs")
    assert customer.ports == ("8080:80", "9090:90")
    assert customer.depends_on == ("rabbit",)


def test_extends_puts_a_service_on_top_of_another_in_any_file() -> None:
    found = services(
        """
        services:
          api:
            extends: {file: parts/base.yml, service: python}
            environment: {B: "3"}
          worker:
            extends: api
            command: python -m worker
        """,
        **{"parts/base.yml": "services:\n  python:\n    build: ./app\n    environment:\n      A: '1'\n      B: '2'\n"},
        **{"parts/app/Dockerfile": "FROM python\n"},
    )
    worker = unit(found, "worker")
    assert (worker.build, worker.dockerfile) == ("parts/app", "parts/app/Dockerfile")
    assert environment(worker) == {"A": "1", "B": "3"}
    assert worker.command == "python -m worker"
    assert worker.place == Place("compose.yaml", 5, 3)
    assert found.errors == ()


def test_an_override_file_is_an_alternative_on_top_of_the_default_file() -> None:
    found = services(
        "services:\n  api:\n    build: ./api\n    environment: {URL: http://a, KEEP: me}\n",
        **{"compose.prod.yaml": "services:\n  api:\n    environment: {URL: http://b}\n"},
        **{"api/Dockerfile": "FROM python\n"},
    )
    by_file = {one.place.path: one for one in found.units}
    assert environment(by_file["compose.yaml"]) == {"URL": "http://a", "KEEP": "me"}
    assert environment(by_file["compose.prod.yaml"]) == {"URL": "http://b", "KEEP": "me"}
    assert by_file["compose.prod.yaml"].build == "api"


def test_included_files_are_read_under_any_name() -> None:
    found = services("include: [parts/one.yml]\n", **{"parts/one.yml": "services:\n  a:\n    command: x\n"})
    assert unit(found, "a").command == "x"


def test_a_service_that_runs_an_image_built_by_another_has_its_code() -> None:
    found = services(
        """
        services:
          api: {build: ./shop, image: "shop:dev"}
          worker: {image: "shop:dev", command: python -m shop.worker}
        """,
        **{"shop/Dockerfile": "FROM python\nENV A=1\nCOPY src /src\n"},
    )
    worker = unit(found, "worker")
    assert (worker.build, worker.copies, environment(worker)) == ("shop", ("shop/src",), {"A": "1"})


def test_an_inline_dockerfile_is_read_in_place() -> None:
    found = services(
        """\
        services:
          a:
            build:
              dockerfile_inline: |
                FROM python
                ENV A=1
                CMD python a.py
        """
    )
    assert unit(found, "a").environment[0].place.line == 6
    assert unit(found, "a").command == "python a.py"


def test_the_first_version_of_the_format_is_read() -> None:
    found = services("api:\n  image: shop\n  environment: [A=1]\n")
    assert environment(unit(found, "api")) == {"A": "1"}


def test_an_entrypoint_of_the_service_sets_the_images_command_aside() -> None:
    found = services(
        "services: {a: {build: ., entrypoint: python run.py}}\n", Dockerfile='FROM x\nENTRYPOINT ["a"]\nCMD ["b"]\n'
    )
    assert unit(found, "a").command == "python run.py"


def test_a_build_outside_the_tree_has_no_code_here() -> None:
    for context in ("https://example.org/shop.git", "../elsewhere", "/abs", "${UNKNOWN}"):
        found = services(f"services: {{a: {{build: '{context}'}}}}\n")
        assert (found.units[0].build, found.units[0].dockerfile, found.errors) == (None, None, ())


def found_errors(configuration: Configuration) -> list[tuple[str, str]]:
    return [(str(error.place), error.message) for error in configuration.errors]


def test_what_cannot_be_read_is_an_error_with_its_place() -> None:
    cases = {
        "services: [a]\n": ("compose.yaml:1", "services wants a mapping"),
        "services:\n  a: 3\n": ("compose.yaml:2", "service 'a' wants a mapping"),
        "services:\n  a:\n    environment: A=1\n": ("compose.yaml:3", "environment wants a mapping, or a list"),
        "services:\n  a:\n    environment: ['=1']\n": ("compose.yaml:3", "an item of environment wants NAME=value"),
        "services:\n  a:\n    environment: {A: [1]}\n": ("compose.yaml:3", "the value of A wants text, not a list"),
        "services:\n  a:\n\tb: 1\n": ("compose.yaml:3", "tab"),
        "- a\n": ("compose.yaml:1", "a compose file wants a mapping"),
        "services:\n  a: {build: ./nowhere}\n": ("compose.yaml:2", "build wants nowhere/Dockerfile, which is not in"),
        "services:\n  a: {extends: b}\n": ("compose.yaml:2", "extends 'b' of compose.yaml, which is not there"),
        "services:\n  a: {extends: a}\n": ("compose.yaml:2", "extends 'a' of compose.yaml, which extends it in turn"),
    }
    for text, (place, message) in cases.items():
        ((where, what),) = found_errors(services(text))
        assert where == place
        assert message in what


def test_an_env_file_that_is_not_in_the_tree_is_remembered_where_it_is_named() -> None:
    """Files with secrets are kept out of repositories; what depends on them is in doubt, and nothing else."""
    cases = {
        "env_file: a.env": ["compose.yaml:3"],
        "env_file: ../elsewhere.env": ["compose.yaml:3"],
        "env_file: [b.env, a.env]": ["compose.yaml:3"],
        "env_file: [{path: a.env, required: false}]": [],
        "env_file: b.env": [],
    }
    for text, places in cases.items():
        found = services(f"services:\n  a:\n    {text}\n    image: x\n", **{"b.env": "B=1\n"})
        assert [str(place) for place in found.units[0].absent] == places, text
        assert found_errors(found) == []


def test_an_unknown_build_target_is_an_error() -> None:
    ((where, what),) = found_errors(
        services("services:\n  a:\n    build: {context: ., target: prod}\n", Dockerfile="FROM x AS dev\n")
    )
    assert (where, "build target 'prod' is no stage of Dockerfile" in what) == ("compose.yaml:3", True)


def test_compose_files_are_found_by_name_at_any_depth() -> None:
    names = [
        "compose.yaml",
        "compose.yml",
        "docker-compose.yml",
        "deploy/docker-compose.prod.yaml",
        "a/b/docker-compose-dev.yml",
        "local.compose.yaml",
    ]
    for name in names:
        assert len(collected({name: "services: {a: {image: x}}\n"}).units) == 1, name


def test_compose_files_under_other_names_are_told_by_their_content() -> None:
    assert len(collected({"stack.yml": "services:\n  a:\n    image: x\n"}).units) == 1
    silent = {
        "values.yaml": "services:\n  - a\n",
        "symfony.yaml": "services:\n  App\\Mailer:\n    arguments: []\n",
        "broken.yaml": "services:\n  a: [\n",
        "tests/compose.yaml": "services: {a: {image: x}}\n",
        "compose.yaml.bak": "services: {a: {image: x}}\n",
        "composer.yaml": "a: 1\n",
    }
    found = collected(silent)
    assert (found.units, found.errors, found.files) == ((), (), ())


def test_an_empty_compose_file_says_nothing() -> None:
    for text in ("", "services:\n", "volumes: {data: {}}\n"):
        assert (services(text).units, services(text).errors) == ((), ())


def test_a_link_gives_a_service_a_further_name_unless_another_is_called_so() -> None:
    text = """
        services:
          a: {image: a, links: ["b:pay", "b:c", "b", ":x"]}
          b: {image: b}
          c: {image: c}
        """
    units = {unit.name: unit.hosts for unit in collect(MemoryWorkspace({"compose.yaml": dedent(text)})).units}
    assert units == {"a": ("a",), "b": ("b", "pay"), "c": ("c",)}


def project_of(files: dict[str, str], path: str) -> str | None:
    units = collect(MemoryWorkspace(files)).units
    return next(one.project for one in units if one.place.path == path)


ONE = "services:\n  web:\n    image: x\n"


def test_a_unit_belongs_to_the_project_of_its_folder_or_of_the_name_it_is_given() -> None:
    assert project_of({"shop/compose.yaml": ONE}, "shop/compose.yaml") == "shop"
    assert project_of({"compose.yaml": ONE}, "compose.yaml") == "."
    assert project_of({"shop/compose.yaml": f"name: all\n{ONE}"}, "shop/compose.yaml") == "all"


def test_an_included_file_belongs_to_the_project_that_includes_it() -> None:
    files = {"compose.yaml": f"include: [a/one.yaml]\n{ONE}", "a/one.yaml": f"include: [two.yaml]\n{ONE}"}
    assert project_of({**files, "a/two.yaml": ONE}, "a/two.yaml") == "."


def test_a_file_that_uses_a_network_of_others_belongs_to_no_project_alone() -> None:
    for external in ("external: true", "external: {name: shared}"):
        networks = f"networks:\n  default:\n    {external}\n"
        assert project_of({"shop/compose.yaml": ONE + networks}, "shop/compose.yaml") is None
    assert project_of({"a/compose.yaml": f"{ONE}networks:\n  own: {{external: false}}\n"}, "a/compose.yaml") == "a"
