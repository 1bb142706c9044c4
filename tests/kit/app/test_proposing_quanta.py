"""What configuration and folders show: quanta, their code and units, shared code, platform."""

from __future__ import annotations

import pytest
from shop import DOCKERFILE, SHOP

from quantafit.app.proposing.grounds import grounds_of
from quantafit.app.proposing.imported import Imports
from quantafit.app.proposing.quanta import Parts, clean, common_name, proposed_parts
from quantafit.evidence import configuration
from quantafit.model import Quantum
from quantafit.workspace import MemoryWorkspace

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "{image}"}}]}}
"""


def parts(files: dict[str, str], system: str = "shop") -> Parts:
    workspace = MemoryWorkspace(files)
    found = configuration.collect(workspace)
    grounds = grounds_of(workspace, found.units)
    return proposed_parts(found, grounds, Imports(grounds.python, workspace.read), system)


def quanta(files: dict[str, str]) -> dict[str, Quantum]:
    return {one.value.name: one.value for one in parts(files).quanta}


def sources(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: quantum.source for name, quantum in quanta(files).items()}


def questions(found: Parts) -> str:
    about = (remark for one in (*found.quanta, *found.shared_code, *found.platform) for remark in one.remarks)
    left = (remark for group in found.open for remark in group.remarks)
    return "\n".join(remark.text for remark in (*about, *left) if remark.question)


def compose(*services: str) -> str:
    return "\n".join(("services:", *(f"  {service}" for service in services)))


# Compose ------------------------------------------------------------------------------------------------------------


COPIES_NO_CODE = "FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCMD python main.py\n"


def test_code_that_is_only_mounted_is_what_a_unit_runs() -> None:
    """For development an image contains what is installed, and the code is shown to it."""
    files = {
        "compose.yaml": compose(
            "cart-service: {build: ./cart, volumes: ['./cart:/app', './lib:/lib']}",
            "bill-service: {build: ./bill, volumes: ['./bill:/app', './lib:/lib']}",
        ),
        **{f"{name}/Dockerfile": COPIES_NO_CODE for name in ("cart", "bill")},
        **{f"{name}/main.py": "import common\n" for name in ("cart", "bill")},
        "lib/common.py": "x = 1\n",
    }
    found = quanta(files)
    assert {name: (one.source, one.units) for name, one in found.items()} == {
        "cart": (("cart",), ("cart-service",)),
        "bill": (("bill",), ("bill-service",)),
    }


def test_an_image_without_code_that_is_shown_none_runs_nothing_that_is_known() -> None:
    """The twin: nothing says what it runs, and the folder it is built from is asked about."""
    files = {
        "compose.yaml": compose("cart-service: {build: ./cart}"),
        "cart/Dockerfile": COPIES_NO_CODE,
        "cart/main.py": "x = 1",
    }
    assert "no Python code of its own was found in cart" in questions(parts(files))


def test_units_of_one_image_that_are_each_shown_another_folder_are_several_quanta() -> None:
    files = {
        "compose.yaml": compose(
            "asked: {build: ./api, volumes: ['./api/asked:/app', './api/core:/app/core']}",
            "told: {build: ./api, volumes: ['./api/told:/app', './api/core:/app/core']}",
        ),
        "api/Dockerfile": DOCKERFILE,
        **{f"api/{name}/main.py": "from core import common\n" for name in ("asked", "told")},
        "api/core/common.py": "x = 1\n",
    }
    assert sources(files) == {"asked": ("api/asked",), "told": ("api/told",)}
    assert [one.value for one in parts(files).shared_code] == ["api/core"]


def test_units_that_are_shown_the_same_folder_are_one_quantum() -> None:
    """The look-alike: a worker beside its API."""
    files = {
        "compose.yaml": compose(
            "api: {build: ./api, volumes: ['./api/app:/app']}", "worker: {build: ./api, volumes: ['./api/app:/app']}"
        ),
        "api/Dockerfile": DOCKERFILE,
        "api/app/main.py": "x = 1\n",
    }
    assert len(sources(files)) == 1


def test_every_service_with_code_of_its_own_is_a_quantum_named_without_what_says_how_it_is_deployed() -> None:
    found = quanta(SHOP)
    assert {name: one.source for name, one in found.items()} == {
        "orders": ("orders",),
        "billing": ("billing",),
        "mail-worker": ("mail",),
    }
    assert {name: one.units for name, one in found.items()} == {
        "orders": ("orders-service",),
        "billing": (),
        "mail-worker": (),
    }


def test_products_of_others_are_the_platform() -> None:
    assert [one.value for one in parts(SHOP).platform] == ["orders-db", "broker"]


@pytest.mark.parametrize("image", ["shop/kafka-consumer", "shop/redis-api:2", "shop/invoices"])
def test_an_image_built_elsewhere_is_an_opaque_quantum_and_a_question(image: str) -> None:
    found = parts({**SHOP, "compose.yaml": SHOP["compose.yaml"] + f"  extra:\n    image: {image}\n"})
    assert found.quanta[-1].value == Quantum("extra")
    assert "its code is not here" in questions(found)


@pytest.mark.parametrize(
    "image",
    ["redis:8", "bitnami/postgresql:17", "confluentinc/cp-kafka", "localhost:5000/nginx", "jaegertracing/all-in-one:1"],
)
def test_a_product_is_told_by_its_image_wherever_that_comes_from(image: str) -> None:
    found = parts({**SHOP, "compose.yaml": SHOP["compose.yaml"] + f"  extra:\n    image: {image}\n"})
    assert found.platform[-1].value == "extra"


def test_a_product_may_be_built_here_from_its_own_image() -> None:
    files = {"compose.yaml": compose("store: {build: ./store}", "api: {build: ./api}")}
    files |= {"store/Dockerfile": "FROM redis:8\nCOPY redis.conf /etc\n", "store/redis.conf": ""}
    files |= {"api/Dockerfile": DOCKERFILE, "api/main.py": ""}
    assert [one.value for one in parts(files).platform] == ["store"]


def test_a_service_in_another_language_is_opaque_and_says_in_which() -> None:
    web = {"web/Dockerfile": "FROM node:22 AS build\nFROM nginx\nCOPY . .\n", "web/package.json": "{}"}
    found = parts({**SHOP, **web, "compose.yaml": SHOP["compose.yaml"] + "  web:\n    build: ./web\n"})
    assert found.quanta[-1].value == Quantum("web")
    assert "JavaScript (web/package.json)" in found.quanta[-1].remarks[-1].text
    assert [one.value for one in found.platform] == ["orders-db", "broker"]


def test_units_that_run_one_code_base_are_one_quantum() -> None:
    files = {"compose.yaml": compose("orders-api: {build: ./orders}", "orders-worker: {build: ./orders}")}
    found = parts({**files, "orders/Dockerfile": DOCKERFILE, "orders/main.py": ""})
    assert [one.value for one in found.quanta] == [
        Quantum("orders", ("orders",), units=("orders-api", "orders-worker"))
    ]
    assert questions(found) == ""


def test_whether_units_of_different_names_are_one_quantum_is_asked() -> None:
    files = {"compose.yaml": compose("web: {build: ./orders}", "reports: {build: ./orders}")}
    found = parts({**files, "orders/Dockerfile": DOCKERFILE, "orders/main.py": ""})
    assert [one.value.name for one in found.quanta] == ["orders"]
    assert "web and reports run the same code" in questions(found)


def test_in_a_common_context_the_code_is_what_the_dockerfile_copies_and_what_several_copy_is_shared() -> None:
    build = "{{build: {{context: ., dockerfile: {0}/Dockerfile}}}}"
    files = {"compose.yaml": compose(f"a: {build.format('a')}", f"b: {build.format('b')}")}
    for name in "ab":
        files[f"{name}/Dockerfile"] = f"FROM python\nCOPY common common\nCOPY {name} {name}\n"
        files[f"{name}/main.py"] = ""
    found = parts({**files, "common/wire.py": ""})
    assert [(one.value.name, one.value.source) for one in found.quanta] == [("a", ("a",)), ("b", ("b",))]
    assert [(one.value, one.remarks[0].text) for one in found.shared_code] == [("common", "copied into 2 images")]


def test_an_image_that_copies_no_code_of_its_context_runs_none() -> None:
    files = {"compose.yaml": compose("orders: {build: ./orders}", "docs: {build: {context: orders, dockerfile: D}}")}
    files |= {"orders/Dockerfile": "FROM python\nCOPY main.py .\n", "orders/main.py": "", "orders/api.json": "{}"}
    found = parts({**files, "orders/D": "FROM asyncapi\nCOPY api.json .\n"})
    assert [one.value for one in found.quanta] == [Quantum("orders", ("orders",)), Quantum("docs")]
    assert "no Python code of its own was found in orders" in questions(found)


def test_what_holds_nothing_but_anothers_code_runs_that() -> None:
    build = "{context: ., dockerfile: orders/orders/Dockerfile}"
    files = {"compose.yaml": compose(f"orders: {{build: {build}}}", "worker: {build: ./orders}")}
    files |= {"orders/orders/Dockerfile": "FROM python\nCOPY orders/orders .\n", "orders/Dockerfile": DOCKERFILE}
    found = parts({**files, "orders/orders/main.py": ""})
    assert [(one.value.source, one.value.units) for one in found.quanta] == [(("orders/orders",), ("orders", "worker"))]


def test_single_files_of_one_folder_may_be_quanta() -> None:
    build = "{{build: {{context: flows, dockerfile: {0}.Dockerfile}}}}"
    files = {"compose.yaml": compose(f"place: {build.format('place')}", f"cancel: {build.format('cancel')}")}
    for name in ("place", "cancel"):
        files[f"flows/{name}.Dockerfile"] = f"FROM python\nCOPY {name}.py wire.py ./\n"
        files[f"flows/{name}.py"] = ""
    assert sources({**files, "flows/wire.py": ""}) == {
        "place": ("flows/place.py",),
        "cancel": ("flows/cancel.py",),
    }


def test_one_image_started_in_several_ways_is_taken_apart_by_its_commands() -> None:
    files = {
        "compose.yaml": compose(
            "orders: {build: ., command: uvicorn shop.orders.main:app}",
            "billing: {build: ., command: [python, -m, shop.billing.main]}",
        ),
        "Dockerfile": "FROM python\nCOPY . .\n",
        "shop/orders/main.py": "from shop.wire import send\n",
        "shop/billing/main.py": "import shop.wire\n",
        "shop/wire.py": "",
    }
    found = parts(files)
    assert [(one.value.name, one.value.source) for one in found.quanta] == [
        ("orders", ("shop/orders",)),
        ("billing", ("shop/billing",)),
    ]
    assert [(one.value, one.remarks[0].text) for one in found.shared_code] == [
        ("shop/wire.py", "imported by orders and billing")
    ]


def test_commands_of_one_application_do_not_take_it_apart() -> None:
    files = {
        "compose.yaml": compose(
            "web: {build: ., command: gunicorn shop.web.main:app}",
            "beat: {build: ., command: python shop/beat/main.py}",
        ),
        "Dockerfile": "FROM python\nCOPY . .\n",
        "shop/web/main.py": "",
        "shop/beat/main.py": "",
    }
    assert sources(files) == {"shop": ("shop",)}


@pytest.mark.parametrize("mount", ["./orders:/code", "$PWD/deploy/orders:/code", "${PWD}/deploy/orders:/code:ro"])
def test_code_may_be_mounted(mount: str) -> None:
    files = {"deploy/compose.yaml": compose(f"orders: {{image: 'python:3', volumes: ['{mount}']}}")}
    assert sources({**files, "deploy/orders/main.py": ""}) == {"orders": ("deploy/orders",)}


def test_a_unit_name_that_two_files_give_to_different_code_is_asked_about_and_declared_once() -> None:
    files = {}
    for name in ("one", "two"):
        files |= {f"{name}/compose.yaml": compose("web: {build: .}"), f"{name}/Dockerfile": DOCKERFILE}
        files[f"{name}/main.py"] = ""
    found = parts(files)
    assert [one.value.source for one in found.quanta] == [("one",), ("two",)]
    assert len({one.value.name for one in found.quanta}) == 2
    assert [unit for one in found.quanta for unit in one.value.units or (one.value.name,)].count("web") == 1


def test_container_names_and_aliases_are_hosts_and_belong_to_one_quantum() -> None:
    files = {
        "compose.yaml": compose(
            "orders: {build: ./orders, container_name: shop-orders}",
            "billing: {build: ./billing, container_name: shop-orders}",
        )
    }
    files |= {f"{name}/{file}": "FROM x\nCOPY . .\n" for name in ("orders", "billing") for file in ("Dockerfile",)}
    found = quanta({**files, "orders/main.py": "", "billing/main.py": ""})
    assert found["orders"].hosts == ("shop-orders",)
    assert found["billing"].hosts == ()


# Kubernetes, Dockerfiles --------------------------------------------------------------------------------------------


def test_a_workload_whose_image_is_called_like_a_folder_runs_that_folder() -> None:
    files = {"k8s/a.yaml": MANIFEST.format(name="orders-deployment", image="registry.example/team/orders:1")}
    found = parts({**files, "orders/Dockerfile": DOCKERFILE, "orders/main.py": ""})
    assert [one.value for one in found.quanta] == [Quantum("orders", ("orders",), units=("orders-deployment",))]
    assert questions(found) == ""


@pytest.mark.parametrize(
    ("image", "joined"),
    [("YOUR IMAGE HERE", False), ("team/<image>:1", False), ("IMAGE_NAME", False), ("team/shop:1", True)],
)
def test_an_image_that_is_still_to_be_filled_in_is_not_one_that_workloads_share(image: str, joined: bool) -> None:
    """Each is then what it is called itself; a name that may be an image's is believed."""
    names = ("orders", "billing")
    files = {f"k8s/{name}.yaml": MANIFEST.format(name=name, image=image) for name in names}
    files |= {f"{name}/compose.yaml": compose("app: {build: .}") for name in names}
    files |= {f"{name}/{file}": text for name in names for file, text in (("Dockerfile", DOCKERFILE), ("m.py", ""))}
    found = quanta(files)
    assert set(found) == {"orders", "billing"}
    assert any(one.units for one in found.values()) is joined


def test_a_workload_that_only_ends_in_a_folders_name_is_a_guess() -> None:
    files = {"k8s/a.yaml": MANIFEST.format(name="eu-orders-runner", image="team/our-shop-orders:1")}
    found = parts({**files, "orders/Dockerfile": DOCKERFILE, "orders/main.py": ""})
    assert found.quanta[0].value.units == ("eu-orders-runner",)
    assert "eu-orders-runner: that this code is what runs there is told by names alone" in questions(found)


def test_a_workload_that_could_be_two_code_bases_is_neither() -> None:
    files = {"k8s/a.yaml": MANIFEST.format(name="runner", image="team/orders-api")}
    files |= {f"{where}/orders-api/{file}": "FROM x\nCOPY . .\n" for where in "ab" for file in ("Dockerfile",)}
    found = quanta({**files, "a/orders-api/main.py": "", "b/orders-api/main.py": ""})
    assert found["runner"] == Quantum("runner")


def test_a_dockerfile_that_no_deployment_names_is_a_quantum_if_it_copies_code() -> None:
    files = {"orders/Dockerfile": DOCKERFILE, "orders/main.py": "", "Dockerfile": "FROM x\nCOPY . .\n"}
    found = parts(files)
    assert [one.value for one in found.quanta] == [Quantum("orders", ("orders",))]
    assert questions(found) == "Dockerfile:1"


def test_an_image_of_all_services_that_no_deployment_names_is_none_of_them() -> None:
    """Others begin from it, perhaps; it is a quantum where it has code that is nobody else's."""
    files = {"Dockerfile": "FROM x\nCOPY . .\n", "compose.yaml": compose("a: {build: ./svc/a}", "b: {build: ./svc/b}")}
    files |= {f"svc/{name}/{file}": text for name in "ab" for file, text in (("Dockerfile", DOCKERFILE), ("m.py", ""))}
    found = parts(files)
    assert [one.value.name for one in found.quanta] == ["a", "b"]
    assert questions(found) == "Dockerfile:1"
    assert "run" in sources({**files, "run/main.py": ""})


# Folders ------------------------------------------------------------------------------------------------------------


def test_without_any_deployment_folders_with_dependencies_of_their_own_are_asked_about() -> None:
    files = {f"services/{name}/requirements.txt": "" for name in ("orders", "billing")}
    files |= {f"services/{name}/app/main.py": "" for name in ("orders", "billing")}
    found = parts({**files, "compose.yaml": compose("db: {image: postgres}"), "scripts/requirements.txt": ""})
    assert [one.value.source for one in found.quanta] == [("services/billing",), ("services/orders",)]
    assert [one.value for one in found.platform] == ["db"]
    assert questions(found).count("is it a quantum?") == 2


def test_without_dependencies_an_entry_point_makes_a_service_folder() -> None:
    assert sources({"orders/main.py": "", "billing/app.py": "", "common/wire.py": ""}) == {
        "billing": ("billing",),
        "orders": ("orders",),
    }


def test_a_lone_application_is_one_quantum() -> None:
    assert sources({"main.py": "", "README.md": ""}) == {"shop": ("main.py",)}


def test_without_python_code_there_is_no_quantum_with_source() -> None:
    assert not any(source for source in sources({"web/package.json": "{}", "compose.yaml": "services: {}"}).values())


# Shared code and what is left over ----------------------------------------------------------------------------------


def test_a_module_inside_a_package_is_not_meant_by_its_own_name_alone() -> None:
    tables = {"tools/__init__.py": "", "tools/redis.py": "", "orders/main.py": "import redis\n"}
    tables |= {"billing/main.py": "from redis import Redis\n"}
    found = parts({**SHOP, **tables})
    assert found.shared_code == ()
    assert "tools (2 files)" in questions(found)


def test_shared_code_is_found_through_other_shared_code_and_relative_imports() -> None:
    files = {
        "libs/__init__.py": "",
        "libs/wire/__init__.py": "from . import codec\n",
        "libs/wire/codec.py": "",
        "orders/main.py": "import libs.wire\n",
        "billing/main.py": "from libs import (\n    wire,\n)\n",
    }
    assert [one.value for one in parts({**SHOP, **files}).shared_code] == ["libs"]


def test_code_that_nobody_uses_is_asked_about_and_tests_are_not() -> None:
    found = parts({**SHOP, "tools/a.py": "", "tools/b.py": "", "setup.py": "", "tests/test_a.py": ""})
    assert questions(found) == "setup.py\ntools (2 files)"


def test_a_file_of_variables_that_is_not_here_is_asked_for() -> None:
    changed = SHOP["compose.yaml"].replace("    build: ./mail\n", "    build: ./mail\n    env_file: .env\n")
    assert questions(parts({**SHOP, "compose.yaml": changed})) == "compose.yaml:11"
    assert questions(parts({**SHOP, "compose.yaml": changed, ".env": "A=1\n"})) == ""


def test_a_unit_whose_name_cannot_be_written_is_asked_about() -> None:
    odd = SHOP["compose.yaml"] + '  "a\\u202Eb": {image: "team/x"}\n'
    assert questions(parts({**SHOP, "compose.yaml": odd})) == "compose.yaml:15"


# Names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders-service", "orders"),
        ("orders_svc", "orders"),
        ("users-migration-job", "users"),
        ("orders-depl", "orders"),
        ("adservice", "adservice"),
        ("service", "service"),
        ("OrderService", "OrderService"),
        ("api-gateway", "api-gateway"),
    ],
)
def test_names_lose_what_says_how_a_unit_is_deployed(name: str, expected: str) -> None:
    assert clean(name) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["orders-api", "orders-worker"], "orders"),
        (["orders", "orders-mail"], "orders"),
        (["customer-card-api", "customer-card-inbox"], "customer-card"),
        (["api", "redis_pubsub"], ""),
        (["worker-a", "worker-b"], ""),
        ([], ""),
    ],
)
def test_units_are_called_by_the_words_that_they_begin_with(names: list[str], expected: str) -> None:
    assert common_name(names) == expected


# A compose file for each service ----------------------------------------------------------------------------------


def test_services_with_a_compose_file_each_are_told_by_their_code_where_their_units_have_the_same_names() -> None:
    """Such units are nobody's to declare: each runs the code beside its own compose file."""
    units = compose("backend: {build: .}", "queue: {build: .}", "db: {image: postgres}")
    files = {
        f"{folder}/{name}": text
        for folder in ("admin", "main")
        for name, text in (("docker-compose.yml", units), ("Dockerfile", DOCKERFILE), ("app.py", "A = 1\n"))
    }
    found = quanta({**files, "main/migrations/env.py": "", "main/migrations/versions/a.py": ""})
    assert {name: (one.source, one.units) for name, one in found.items()} == {
        "admin": (("admin",), ()),
        "main": (("main",), ()),
    }


def test_a_unit_whose_name_says_nothing_is_called_by_the_folder_of_its_code() -> None:
    units = ("server: {build: ./chat}", "mail: {build: ./src}", "backend: {build: ./backend}")
    files = {f"{folder}/{file}": DOCKERFILE for folder in ("chat", "src", "backend") for file in ("Dockerfile", "m.py")}
    assert set(quanta({**files, "compose.yaml": compose(*units)})) == {"chat", "mail", "backend"}


def test_folders_that_no_dockerfile_builds_are_the_code_of_the_units_that_bear_their_names() -> None:
    """One Dockerfile for all services, told at build time which one to copy."""
    files = {
        "services/orders/pyproject.toml": "",
        "services/orders/app.py": "A = 1\n",
        "services/mail/pyproject.toml": "",
        "services/mail/app.py": "A = 1\n",
        "Dockerfile": "FROM python\nARG name\nCOPY services/${name} .\n",
        "k8s/orders.yaml": MANIFEST.format(name="orders", image="orders"),
        "k8s/mail.yaml": MANIFEST.format(name="mail", image="registry.example/shop/mail:1"),
    }
    found = quanta(files)
    assert {name: one.source for name, one in found.items()} == {
        "orders": ("services/orders",),
        "mail": ("services/mail",),
    }
