"""Processes that no container file starts, and what Terraform gives to what it runs."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration, Unit
from quantafit.workspace import MemoryWorkspace


def collected(files: dict[str, str]) -> Configuration:
    return collect(MemoryWorkspace({path: dedent(text).lstrip("\n").encode() for path, text in files.items()}))


def bound(unit: Unit) -> dict[str, str | None]:
    return {one.name: one.value for one in unit.environment}


FILES = {
    "a Procfile": ("customer/Procfile", "web: env URL=http://a gunicorn customer.app:app --bind :$PORT\n# no\n"),
    "supervisord": (
        "customer/supervisord.conf",
        """
        [supervisord]
        environment=NOT="mine"
        [program:web]
        command=gunicorn customer.app:app
        environment=URL="http://a",OTHER='b,c',
            MORE=d,MADE="%(ENV_X)s"
        ; comment=1
        """,
    ),
    "a systemd unit": (
        "customer/shop.service",
        """
        [Unit]
        Description=x
        [Service]
        Environment="URL=http://a" "OTHER=b c"
        Environment=MORE=d
        ExecStart=gunicorn customer.app:app
        """,
    ),
    "App Engine": (
        "customer/app.yaml",
        """
        runtime: python313
        service: web
        entrypoint: gunicorn customer.app:app
        env_variables: {URL: http://a, OPEN: "${X}"}
        """,
    ),
    "Render": (
        "render.yaml",
        """
        services:
          - name: web
            rootDir: customer
            startCommand: gunicorn customer.app:app
            envVars: [{key: URL, value: http://a}, {key: HIDDEN, sync: false}]
        """,
    ),
    "DigitalOcean": (
        ".do/app.yaml",
        """
        name: shop
        services: [{name: web, source_dir: /customer, run_command: gunicorn customer.app:app, envs: [{key: URL, value: http://a}]}]
        """,
    ),
    "Fly": ("customer/fly.toml", 'app = "shop"\n[env]\nURL = "http://a"\n'),
    "an ECS task definition": (
        "customer/task.json",
        """
        {"family": "shop", "containerDefinitions": [{"name": "web", "command": ["gunicorn", "customer.app:app"],
          "environment": [{"name": "URL", "value": "http://a"}], "secrets": [{"name": "HIDDEN", "valueFrom": "arn"}]}]}
        """,
    ),
    "Serverless": (
        "customer/serverless.yml",
        """
        provider: {name: aws, environment: {URL: http://a, OPEN: "${self:x}"}}
        functions: {web: {handler: app.handle, environment: {MORE: d}}}
        """,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_process_is_a_unit_with_its_variables(name: str) -> None:
    path, text = FILES[name]
    found = collected({path: text})
    assert found.errors == ()
    (unit,) = found.units
    variables = bound(unit)
    assert variables.pop("URL") == "http://a"
    assert variables.pop("OPEN", None) is None
    assert variables.pop("HIDDEN", None) is None
    assert variables.pop("MADE", None) is None
    assert set(variables.items()) <= {("OTHER", "b,c"), ("OTHER", "b c"), ("MORE", "d")}
    assert unit.command in (
        None,
        "env URL=http://a gunicorn customer.app:app --bind :$PORT",
        "gunicorn customer.app:app",
    )
    assert unit.build in ("customer", ".do/customer", ".do") or unit.build == "customer"
    assert ":" in unit.name
    assert path in found.files


TERRAFORM = """
    variable "billing_host" { default = "billing" }
    variable "open" {}
    # resource "aws_lambda_function" "no" { environment { variables = { NO = "x" } } }
    resource "aws_lambda_function" "customer" {
      function_name = "customer"
      environment {
        variables = {
          PAY_URL  = "http://${var.billing_host}:8000"
          DIRECT   = var.billing_host
          OPEN     = "http://${var.open}"
          MADE     = format("http://%s", var.billing_host)
          JOINED   = "http://" == var.x ? "a" : "b"
          "QUOTED" = "http://quoted"
        }
      }
    }
    resource "aws_ecs_task_definition" "sysops" {
      family = "sysops-task"
      container_definitions = jsonencode([{
        name = "app"
        environment = [
          { name = "PAY_URL", value = "http://billing" },
          { value = "http://first", name = "FIRST" },
          { name = "HIDDEN", valueFrom = aws_secret.x.arn },
        ]
      }])
    }
    resource "google_cloud_run_service" "billing" {
      template { spec { containers { env {
        name  = "SYSOPS_URL"
        value = "http://sysops"
      } } } }
    }
    module "front" {
      source = "./service"
      env_vars = { API_URL = "http://customer" }
    }
    """


def test_terraform_is_read_lexically_and_leaves_open_what_it_cannot_tell() -> None:
    units = {unit.name: bound(unit) for unit in collected({"infra/main.tf": TERRAFORM}).units}
    assert units == {
        "customer": {
            "PAY_URL": "http://billing:8000",
            "DIRECT": "billing",
            "OPEN": None,
            "MADE": None,
            "JOINED": None,
            "QUOTED": "http://quoted",
        },
        "sysops-task": {"PAY_URL": "http://billing", "FIRST": "http://first", "HIDDEN": None},
        "billing": {"SYSOPS_URL": "http://sysops"},
        "front": {"API_URL": "http://customer"},
    }


def test_a_default_in_another_folder_is_no_default_here() -> None:
    (unit,) = collected(
        {
            "a/variables.tf": 'variable "host" { default = "wrong" }',
            "b/main.tf": 'resource "x" "y" { environment = { URL = "http://${var.host}" } }',
        }
    ).units
    assert bound(unit) == {"URL": None}


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                'resource "a" "b" ',
                "{",
                "}",
                "[",
                "]",
                "(",
                ")",
                "=",
                " env ",
                " environment ",
                " variables ",
                " name ",
                " value ",
                '"',
                '"A"',
                '"${var.a}"',
                "${",
                "A",
                "\n",
                "<<EOF\n",
                "EOF\n",
                "#",
                "/*",
                "[program:x]\n",
                "command=",
                "environment=A='",
                "web: ",
                "[Service]\n",
                "services:\n",
                "- name: a\n",
                "env_variables:\n",
                "runtime: a\n",
                "é",
                "\0",
                "\\",
            )
        ]
    ),
    max_size=50,
).map("".join)
NAMES = [
    "a.tf",
    "Procfile",
    "supervisord.conf",
    "x.service",
    "app.yaml",
    "render.yaml",
    "fly.toml",
    "task.json",
    "b.ini",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), PIECES)
def test_no_file_of_processes_makes_the_collection_fail(path: str, text: str) -> None:
    found = collect(MemoryWorkspace({path: text.encode(errors="replace")}))
    assert all(error.place.path == path for error in found.errors)
    assert all(one.place.path == path for unit in found.units for one in unit.environment)


def test_files_made_to_be_slow_are_answered() -> None:
    tree = {
        "a.tf": 'resource "a" "b" {' + "env {" * 20_000 + ' name = "A" ' * 20_000,
        "b.tf": 'resource "a" "b" { name = "A' + "${" * 50_000,
        "c.tf": "<<A\n" * 20_000 + "/*" * 20_000,
        "Procfile": "web: " + "A=b " * 50_000,
        "supervisord.conf": "[program:x]\nenvironment=" + 'A="' * 50_000,
    }
    collect(MemoryWorkspace({path: text.encode() for path, text in tree.items()}))
