"""Which versions lock and requirement files admit."""

from __future__ import annotations

from textwrap import dedent

import pytest

from quantafit.evidence.configuration import collect
from quantafit.model import Configuration
from quantafit.workspace import MemoryWorkspace


def read(files: dict[str, str]) -> Configuration:
    return collect(MemoryWorkspace({path: dedent(text).lstrip("\n").encode() for path, text in files.items()}))


def pins(files: dict[str, str], distribution: str = "faststream") -> set[tuple[str, str]]:
    return {(one.specifier, str(one.place)) for one in read(files).pins if one.distribution == distribution}


FILES = {
    "requirements with options and comments": (
        "requirements.txt",
        """
        # faststream==9
        -i https://index.example/simple
        FastStream[rabbit]==0.6.1 ; python_version > "3.9"  # pinned
        """,
        "==0.6.1",
        3,
    ),
    "a continued line with hashes": (
        "requirements/base.txt",
        """
        faststream==0.6.1 \\
            --hash=sha256:00 \\
            --hash=sha256:11
        """,
        "==0.6.1",
        1,
    ),
    "a range": ("requirements-prod.in", "faststream>=0.5,<0.7\n", "<0.7,>=0.5", 1),
    "an address": ("requirements.txt", "faststream @ git+https://example.org/faststream\n", "", 1),
    "a project": (
        "pyproject.toml",
        """
        [project]
        name = "billing"
        dependencies = [
            "faststream[rabbit]~=0.6.0",
        ]
        """,
        "~=0.6.0",
        4,
    ),
    "a dependency group": ("pyproject.toml", '[dependency-groups]\ndev = ["faststream<0.7"]\n', "<0.7", 2),
    "poetry's caret": ("pyproject.toml", '[tool.poetry.dependencies]\nfaststream = "^0.5.4"\n', "<0.6,>=0.5.4", 2),
    "poetry's table": (
        "pyproject.toml",
        '[tool.poetry.group.app.dependencies]\nfaststream = {version = "~0.6", extras = ["rabbit"]}\n',
        "<0.7,>=0.6",
        2,
    ),
    "poetry's exact version": ("pyproject.toml", '[tool.poetry.dependencies]\nfaststream = "0.6.1"\n', "==0.6.1", 2),
    "a path": ("pyproject.toml", '[tool.poetry.dependencies]\nfaststream = {path = "../faststream"}\n', "", 2),
    "Pipfile": ("Pipfile", '[packages]\nfaststream = "*"\n', "", 2),
    "setup.cfg": ("setup.cfg", "[options]\ninstall_requires =\n    faststream>=0.7\n", ">=0.7", 3),
    "setup.py": (
        "setup.py",
        'from setuptools import setup\n\nsetup(\n    extras_require={"faststream": ["faststream[rabbit]>=0.7"]},\n)\n',
        ">=0.7",
        4,
    ),
    "Conda": ("environment.yml", "dependencies:\n  - python=3.12\n  - conda-forge::faststream=0.6\n", "==0.6.*", 3),
    "Conda's pip": ("environment.yml", "dependencies:\n  - pip:\n      - faststream==0.6.1\n", "==0.6.1", 3),
    "poetry.lock": (
        "poetry.lock",
        """
        [[package]]
        name = "fast-depends"
        version = "2.4.12"

        [[package]]
        name = "faststream"
        version = "0.6.1"
        description = ""
        """,
        "==0.6.1",
        7,
    ),
    "Pipfile.lock": (
        "Pipfile.lock",
        """
        {"_meta": {"hash": {"sha256": "0"}},
         "default": {
            "faststream": {
                "hashes": ["sha256:00"],
                "version": "==0.6.1"
            }}}
        """,
        "==0.6.1",
        5,
    ),
    "a Dockerfile": (
        "Dockerfile",
        """
        FROM python:3.12
        RUN apt-get update && \\
            pip install --no-cache-dir -r requirements.txt "faststream==0.6.1" && rm -rf /var/cache/apt
        """,
        "==0.6.1",
        3,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_admits_versions(name: str) -> None:
    path, text, specifier, line = FILES[name]
    found = read({path: text})
    assert pins({path: text}) == {(specifier, f"{path}:{line}")}
    assert path in found.files
    assert found.errors == ()
    assert {one.exact for one in found.pins if one.distribution == "faststream"} == {
        specifier.startswith("==") and not specifier.endswith("*")
    }


def test_included_files_speak_for_the_file_that_includes_them() -> None:
    """The line is the one that says so; the file is the one that is installed from."""
    found = read(
        {
            "billing/requirements.txt": "-r ../common/base.txt\n-c ../constraints.txt\n",
            "common/base.txt": "faststream>=0.5\n",
            "constraints.txt": "faststream==0.6.1\nkafka-python==2.0.2\n",
        }
    )
    (pin,) = found.pins
    assert (pin.specifier, pin.exact, str(pin.place)) == (">=0.5,==0.6.1", True, "constraints.txt:1")
    assert (pin.file, pin.folders) == ("billing/requirements.txt", ("billing",))


def test_the_lock_of_a_workspace_speaks_for_its_members() -> None:
    lock = """
    [[package]]
    name = "billing"
    version = "0.1.0"
    source = { editable = "services/billing" }

    [[package]]
    name = "faststream"
    version = "0.6.1"
    source = { registry = "https://index.example/simple" }
    """
    found = next(one for one in read({"uv.lock": lock}).pins if one.distribution == "faststream")
    assert found.folders == (".", "services/billing")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "-r requirements.txt\n-r missing.txt\n./wheels/faststream.whl\n???\n"),
        ("notes.txt", "faststream==0.6.1\n"),
        ("requirements-dev.txt", "faststream==0.6.1\n"),
        ("requirements/test.txt", "faststream==0.6.1\n"),
        ("poetry.lock", "nonsense"),
        ("{{name}}/pyproject.toml", "[project]\nname = {{name}}\n"),
        ("environment.yaml", "name: prod\n"),
        ("Dockerfile", "FROM python\nRUN pipx install 'faststream\nRUN echo faststream==0.6\n"),
    ],
)
def test_what_admits_nothing_is_silent(path: str, text: str) -> None:
    assert pins({path: text}) == set()
    assert read({path: text}).errors == ()


@pytest.mark.parametrize("path", ["pyproject.toml", "Pipfile", "setup.cfg"])
def test_a_project_that_cannot_be_read_is_an_error(path: str) -> None:
    """A pin that was meant to decide must not go missing unnoticed."""
    (error,) = read({path: "[project\nx\n"}).errors
    assert error.place.path == path


def test_a_file_in_utf_16_is_read() -> None:
    workspace = MemoryWorkspace({"requirements.txt": "faststream==0.6.1\r\n".encode("utf-16")})
    assert [one.specifier for one in collect(workspace).pins] == ["==0.6.1"]
