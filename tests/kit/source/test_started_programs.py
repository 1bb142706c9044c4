"""Programs in shared code, or in nobody's, that only the command lines of units start: whose they are."""

from __future__ import annotations

from textwrap import dedent

import pytest
from source_trees import Seen, architecture, see

SENDS = """
    import pika

    def send():
        pika.BlockingConnection().channel().basic_publish("", "jobs", b"x")  # SITE
"""
LISTENS = """
    import os
    import sys
    import pika

    def work(channel, method, properties, body):
        print(body)

    def listen(name):
        channel = pika.BlockingConnection().channel()
        channel.basic_consume(name, work)
        channel.start_consuming()

    if __name__ == "__main__":
        listen(NAME)  # RUN
"""
BILLING = "billing: {build: {context: ., dockerfile: billing/Dockerfile}, COMMAND}"
SYSOPS = "sysops: {build: {context: ., dockerfile: sysops/Dockerfile}, COMMAND}"
HIDDEN = "it may be this one"


def shop(name: str, units: dict[str, str], path: str = "run.py", **more: str) -> Seen:
    services = {"billing": BILLING, "sysops": SYSOPS, "tool": "tool: {image: tool, COMMAND}"}
    lines = [f"  {services[unit].replace('COMMAND', said)}" for unit, said in units.items()]
    files = {
        "compose.yaml": "\n".join(["services:", *lines]) + "\n",
        "customer/app.py": SENDS,
        "billing/rules.py": "LIMIT = 3\n",
        "billing/Dockerfile": "FROM python:3.12\nCOPY . /app\nWORKDIR /app\n",
        "sysops/rules.py": "LIMIT = 4\n",
        "sysops/Dockerfile": "FROM python:3.12\nCOPY . /app\nWORKDIR /app\n",
        path: LISTENS.replace("NAME", name),
    }
    return see(
        files | {key if "/" in key else key.replace("__", "/"): text for key, text in more.items()},
        architecture(shared=["shared"]),
    )


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("run.py", "command: python run.py"),
        ("run.py", "command: [python3.12, -u, /app/run.py, --verbose]"),
        ("run.py", "entrypoint: [sh, -c, 'sleep 3 && exec python -W ignore run.py']"),
        ("shared/listening.py", "command: python -m shared.listening"),
        ("shared/listening/__main__.py", "command: python -m shared.listening"),
        ("shared/listening.py", "command: python listening.py, working_dir: /app/shared"),
        ("tools/run.py", "command: uv run tools/run.py"),
        ("run.py", "command: python -m debugpy --listen 0.0.0.0:5678 run.py"),
        ("run.py", "command: 'python $$PROGRAM', environment: {PROGRAM: run.py}"),
    ],
)
def test_what_only_one_quantum_starts_is_run_for_it(path: str, command: str) -> None:
    seen = shop('"jobs"', {"billing": command}, path)
    assert seen.sites("billing") == seen.marked()
    assert not seen.unresolved()


CALLED = """
    import pika

    def work(channel, method, properties, body):
        print(body)

    def main():
        channel = pika.BlockingConnection().channel()
        channel.basic_consume("jobs", work)
        channel.start_consuming()
"""
INSTALLED = {
    "pyproject.toml": "[project.scripts]\nlisten = 'shared.listening:main'\n",
    "packages/pyproject.toml": "[tool.poetry.scripts]\nlisten = 'shared.listening:main'\n",
    "other/pyproject.toml": "[tool.poetry.scripts]\nlisten = {reference = 'shared.listening:main', type = 'console'}\n",
    "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    other = a.b:c\n    listen = shared.listening:main\n",
    "setup.py": "import setuptools as s\ns.setup(entry_points={'console_scripts': ['listen=shared.listening:main']})\n",
}
"""A command that runs a function of shared code, as projects say it."""


def installed(file: str, command: str, unit: str = "billing", module: str = "shared/listening.py") -> Seen:
    return shop('"other"', {unit: command}, **{module: CALLED, file: INSTALLED[file]})


@pytest.mark.parametrize("file", INSTALLED)
@pytest.mark.parametrize(
    "command",
    [
        "command: [listen]",
        "command: poetry run listen --verbose",
        "entrypoint: [/usr/local/bin/listen]",
        "entrypoint: [sh, -c, 'sleep 3 && exec listen']",
    ],
)
def test_a_command_that_a_project_installs_starts_its_module(file: str, command: str) -> None:
    seen = installed(file, command)
    assert seen.sites("billing") == seen.marked()
    assert not seen.unresolved()


def test_it_may_be_that_of_a_package() -> None:
    seen = installed("pyproject.toml", "command: listen", module="shared/listening/__init__.py")
    assert seen.sites("billing") == seen.marked()


def test_two_projects_may_mean_different_modules_by_it() -> None:
    other = {"other/pyproject.toml": "[project.scripts]\nlisten = 'shared.hearing:main'\n"}
    files = {"shared/listening.py": CALLED, "shared/hearing.py": CALLED, "pyproject.toml": INSTALLED["pyproject.toml"]}
    seen = shop('"other"', {"billing": "command: listen"}, **files, **other)
    assert any("listening.py or shared/hearing.py" in why or "hearing.py or shared/listening.py" in why
               for why in map(str, seen.evidence.unresolved))  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "command"),
    [
        ("tool", "command: listen"),
        ("billing", "command: [echo, listen]"),
        ("billing", "command: python listen"),
        ("billing", "command: listener"),
    ],
)
def test_words_that_are_no_such_command_are_silent(unit: str, command: str) -> None:
    seen = installed("pyproject.toml", command, unit)
    assert not seen.sites("billing")
    assert not seen.evidence.unresolved


@pytest.mark.parametrize("broken", ["[project.scripts\nlisten = 'a:b'", "[project.scripts]\nlisten = 3\n"])
def test_a_project_that_cannot_be_read_installs_nothing(broken: str) -> None:
    seen = shop('"other"', {"billing": "command: listen"}, **{"shared/listening.py": CALLED, "pyproject.toml": broken})
    assert not seen.sites("billing")


def test_a_dockerfile_starts_it() -> None:
    dockerfile = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD ["python", "run.py"]\n'
    seen = shop('"jobs"', {"billing": "restart: always"}, billing__Dockerfile=dockerfile)
    assert seen.sites("billing") == seen.marked()


def test_a_kubernetes_workload_starts_it() -> None:
    workload = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: billing}
        spec:
          template:
            spec:
              containers:
                - {name: billing, image: shop, command: [python, run.py]}
        """
    seen = shop('"jobs"', {"tool": "restart: always"}, **{"billing.yaml": dedent(workload)})
    assert seen.sites("billing") == seen.marked()


@pytest.mark.parametrize(
    ("name", "billing", "sysops"),
    [
        ('os.environ["QUEUE"]', "environment: {QUEUE: jobs}", "environment: {QUEUE: alarms}"),
        ("sys.argv[1]", "command: python run.py jobs", "command: python run.py alarms"),
    ],
)
def test_what_the_units_tell_apart_is_of_each_its_own(name: str, billing: str, sysops: str) -> None:
    units = {"billing": billing, "sysops": sysops}
    units = {unit: said if "command" in said else f"command: python run.py, {said}" for unit, said in units.items()}
    seen = shop(name, units)
    assert seen.sites("billing") == seen.marked()
    assert not seen.sites("sysops")


DECIDED = {
    "a branch": '"jobs" if os.environ["SERVICE"] == "billing" else "alarms"',
    "a table": '{"billing": "jobs", "sysops": "alarms"}[os.environ["SERVICE"]]',
    "one constant": '"jobs"',
}


@pytest.mark.parametrize("name", DECIDED.values(), ids=DECIDED)
def test_what_it_does_alike_for_several_is_in_doubt(name: str) -> None:
    started = "command: python run.py, environment: {SERVICE: "
    seen = shop(name, {"billing": started + "billing}", "sysops": started + "sysops}"})
    assert not seen.sites("billing") | seen.sites("sysops")
    for quantum in ("billing", "sysops"):
        doubts = seen.unresolved("publish", quantum)
        assert {str(one.place) for one in doubts} >= seen.marked("RUN")
        assert any("run.py" in one.why and "quanta.yaml" in one.why for one in doubts)
    assert any(HIDDEN in one.why for one in seen.unresolved("publish"))


def test_a_variable_that_all_units_bind_alike_tells_nothing_apart() -> None:
    started = "command: python run.py, environment: {QUEUE: jobs}"
    seen = shop('os.environ["QUEUE"]', {"billing": started, "sysops": started})
    assert not seen.sites("billing") | seen.sites("sysops")
    assert seen.unresolved("publish", "billing")


def test_a_unit_of_nobody_that_starts_it_too_leaves_doubt() -> None:
    started = "command: python run.py"
    seen = shop('"jobs"', {"billing": started, "tool": started})
    assert not seen.sites("billing")
    assert any("the unit tool" in one.why for one in seen.unresolved("publish", "billing"))


@pytest.mark.parametrize("named", ["orders", "{os.environ['SERVICE']}"])
def test_what_a_program_of_several_imports_is_in_doubt_too(named: str) -> None:
    run = f"""
        import importlib
        import os

        if os.environ["SERVICE"] == "billing":
            importlib.import_module(f"shared.{named}")
        """
    worker = dedent(LISTENS.partition("if __name__")[0]) + "\nlisten('jobs')\n"
    started = "command: python run.py, environment: {SERVICE: "
    units = {"billing": started + "orders}", "sysops": started + "sysops}"}
    more = {"run.py": run, "shared__orders.py": worker}
    seen = shop("", units, **more)
    assert not seen.sites("billing") | seen.sites("sysops")
    assert seen.unresolved("publish", "billing")
    seen = shop("", {"billing": units["billing"]}, **more)
    assert seen.sites("billing") == seen.marked()


def test_what_own_code_imports_is_in_no_doubt() -> None:
    worker = dedent(LISTENS.partition("if __name__")[0]) + "\nlisten('jobs')\n"
    seen = shop(
        "",
        {"billing": "command: python run.py", "sysops": "command: python run.py"},
        **{"run.py": "from shared import orders\n", "shared__orders.py": worker},
        **{"billing__more.py": "from shared import orders\n"},
    )
    assert seen.sites("billing") == seen.marked()
    assert not seen.unresolved(quantum="billing")
    assert not seen.sites("sysops")
    assert seen.unresolved("publish", "sysops")


def test_what_leads_to_own_code_is_its_own() -> None:
    run = """
        import os

        if os.environ["SERVICE"] == "billing":
            from billing.worker import listen
            listen()
        else:
            from sysops.watch import watch
            watch()
        """
    worker = LISTENS.partition("if __name__")[0].replace("def listen(name)", "def listen(name='jobs')")
    started = "command: python run.py, environment: {SERVICE: "
    seen = shop(
        "",
        {"billing": started + "billing}", "sysops": started + "sysops}"},
        **{"run.py": run, "billing__worker.py": worker, "sysops__watch.py": "def watch():\n    pass\n"},
    )
    assert seen.sites("billing") == seen.marked()
    assert not seen.map.imports
    assert {one.quantum for one in seen.map.unresolved if one.could_be == ("import",)} == {"billing", "sysops"}


def test_a_bare_name_that_lies_just_somewhere_is_not_guessed() -> None:
    seen = shop('"jobs"', {"billing": "command: python run.py"}, "tools/deep/run.py")
    assert not seen.sites("billing")
    (doubt,) = seen.unresolved("publish", "billing")
    assert doubt.what == "run.py"
    assert "tools/deep/run.py" in doubt.why
    assert "quanta.yaml" in doubt.why


QUIET = {
    "a file of its own": ("command: python billing/main.py", {"billing__main.py": "print(1)\n"}),
    "a file of its own by its bare name": ("command: python main.py", {"billing__main.py": "print(1)\n"}),
    "no Python": ("command: redis-server --appendonly yes", {}),
    "text for the interpreter": ("command: [python, -c, 'print(\"run.py\")']", {}),
    "a library": ("command: python -m gunicorn run.py", {}),
    "a file as an argument of another program": ("command: lint run.py", {}),
    "a file that is not in the tree": ("command: python other.py", {}),
    "a test": ("command: python tests/test_all.py", {"tests__test_all.py": "print(1)\n"}),
}


@pytest.mark.parametrize(("command", "more"), QUIET.values(), ids=QUIET)
def test_look_alikes_are_silent(command: str, more: dict[str, str]) -> None:
    seen = shop('"jobs"', {"billing": command}, **more)
    assert not seen.sites("billing")
    assert not seen.unresolved(quantum="billing")
    assert not seen.unresolved()


def test_a_unit_of_no_quantum_starts_it_for_nobody() -> None:
    seen = shop('"jobs"', {"tool": "command: python run.py"})
    assert not seen.sites("billing")
    assert not seen.map.unresolved
