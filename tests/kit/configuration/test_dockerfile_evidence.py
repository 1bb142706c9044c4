"""What Dockerfiles say of images."""

from __future__ import annotations

import pytest

from quantafit.evidence.configuration import collect
from quantafit.evidence.configuration.commands import command_line
from quantafit.evidence.configuration.dockerfile import Image, image, is_dockerfile, parse
from quantafit.evidence.configuration.units import unit_name
from quantafit.workspace import MemoryWorkspace


def built(text: str, target: str | None = None, **arguments: str) -> Image:
    dockerfile = parse(text, "Dockerfile")
    assert dockerfile.errors == ()
    found = image(dockerfile, target, arguments)
    assert found is not None
    return found


def env(text: str, **arguments: str) -> dict[str, str | None]:
    return {one.name: one.value for one in built(f"FROM x\n{text}", **arguments).environment}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ENV A=1", {"A": "1"}),
        ("env A=1 B=2", {"A": "1", "B": "2"}),
        ("ENV A the rest of it", {"A": "the rest of it"}),
        ("ENV A\tthe 'quoted'  rest", {"A": "the quoted  rest"}),
        ("ENV A=\"two words\" B='one $B' C=x\\ y", {"A": "two words", "B": "one $$B", "C": "x y"}),
        ("ENV A=1 \\\n  # comment\n\n  B=2", {"A": "1", "B": "2"}),
        ("ENV A=\\$HOME", {"A": "$$HOME"}),
        ("ENV A=1\nENV B=$A/${A}/${NONE:-d}", {"A": "1", "B": "1/1/d"}),
        ("ENV P=/x:$PATH", {"P": "/x:$PATH"}),
        ("ENV A=1\nENV A=2 B=$A", {"A": "2", "B": "1"}),
        ("ARG V=1\nENV A=$V", {"A": "1"}),
        ("ARG V\nENV A=${V}", {"A": "${V}"}),
        ("ENV A=", {"A": ""}),
        ("RUN <<EOF\nENV A=1\nEOF\nENV B=2", {"B": "2"}),
        ("RUN <<-'E' cat <<F\n\tE\nENV A=1\nF\nENV B=2", {"B": "2"}),
        ("# ENV A=1", {}),
        ("HEALTHCHECK CMD env A=1", {}),
    ],
)
def test_env_gives_bindings(text: str, found: dict[str, str]) -> None:
    assert env(text) == found


def test_a_build_argument_beats_its_default() -> None:
    assert env("ARG V=1\nENV A=$V", V="2") == {"A": "2"}


def test_arguments_before_the_first_stage_reach_a_stage_that_asks_for_them() -> None:
    assert built("ARG V=1\nFROM x\nENV A=$V\nARG V\nENV B=$V").environment[1].value == "1"
    assert built("ARG V=1\nFROM x\nENV A=$V\nARG V\nENV B=$V").environment[0].value == "$V"


def test_each_binding_stands_on_its_own_line() -> None:
    found = built("FROM x\nENV A=1 \\\n    B=2\n  ENV C=3\n").environment
    assert [(one.place.line, one.place.column) for one in found] == [(2, 5), (3, 5), (4, 7)]


@pytest.mark.parametrize(
    ("text", "copies"),
    [
        ("COPY src /app", ("src",)),
        ("COPY a b c /app/", ("a", "b", "c")),
        ("ADD a.tar.gz /app", ("a.tar.gz",)),
        ('COPY ["with blank", "/app"]', ("with blank",)),
        ('COPY --chown=app:app --chmod=755 ["a", "b", "/app/"]', ("a", "b")),
        ("COPY --link a /app", ("a",)),
        ("COPY requirements*.txt ./", ("requirements*.txt",)),
        ("ENV D=src\nCOPY ${D}/a .", ("src/a",)),
        ("ADD https://example.org/x.tar /x", ()),
        ("COPY <<EOF /etc/x\nCOPY a b\nEOF", ()),
        ("COPY --from=nginx /etc/nginx /etc/nginx", ()),
        ("COPY src /app\nCOPY src /app2", ("src",)),
    ],
)
def test_copy_gives_the_sources(text: str, copies: tuple[str, ...]) -> None:
    assert built(f"FROM x\n{text}").copies == copies


def test_what_is_copied_from_an_earlier_stage_was_copied_there() -> None:
    text = (
        "FROM x AS build\nCOPY src /src\nFROM y\nCOPY a .\nFROM z\nCOPY --from=build /src /app\nCOPY --from=1 /a /a\n"
    )
    assert built(text).copies == ("src", "a")


def test_a_stage_begins_from_an_earlier_one() -> None:
    text = "FROM x AS Base\nENV A=1\nCMD run\nFROM base\nENV B=$A\nFROM y AS other\n"
    assert built(text, "1").command == "run"
    assert [one.value for one in built(text, "1").environment] == ["1", "1"]
    assert (built(text, "base").environment[0].name, built(text).environment) == ("A", ())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('CMD ["python", "-m", "shop"]', "python -m shop"),
        ("CMD python -m shop $X", "python -m shop $X"),
        ('ENTRYPOINT ["python"]\nCMD ["a.py"]', "python a.py"),
        ('CMD ["a.py"]\nENTRYPOINT ["python"]', "python a.py"),
        ("ENTRYPOINT python a.py\nCMD b", "python a.py"),
        ('CMD ["sh", "-c", "python a.py"]', "sh -c 'python a.py'"),
        ("CMD [broken", "[broken"),
        ("CMD a\nCMD b", "b"),
        ("RUN a", None),
    ],
)
def test_entrypoint_and_command_become_one_line(text: str, line: str | None) -> None:
    found = built(f"FROM x\n{text}")
    assert command_line(None, None, found.entrypoint, found.command) == line


def test_an_entrypoint_resets_the_command_of_the_stage_below() -> None:
    assert built('FROM x AS a\nCMD ["a"]\nFROM a\nENTRYPOINT ["b"]').command is None


def test_working_directories_add_up() -> None:
    assert built("FROM x\nWORKDIR /app\nWORKDIR src").working_dir == "/app/src"


def test_another_escape_character_is_respected() -> None:
    assert built("# escape=`\nFROM x\nCOPY a `\n  b c\\\nCMD d").copies == ("a", "b")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("FROM x\nCOPPY a b\n", 2, "'COPPY' is not a Dockerfile instruction"),
        ("FROM x\nENV A\n", 2, "ENV without a value"),
        ("FROM x\nCMD\n", 2, "CMD without an argument"),
        ("RUN a\n", 1, "no FROM"),
        ("", 1, "no FROM"),
        ("FROM x\nRUN <<EOF\nabc\n", 2, "here-document EOF never ends"),
    ],
)
def test_what_is_no_dockerfile_is_an_error_with_its_place(text: str, line: int, message: str) -> None:
    (error,) = parse(text, "Dockerfile").errors
    assert (error.place.line, message in error.message) == (line, True)


@pytest.mark.parametrize(
    "name", ["Dockerfile", "a/Dockerfile.prod", "billing.Dockerfile", "Containerfile", "dockerfile"]
)
def test_a_dockerfile_is_told_by_its_name(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name", ["Dockerfile.dockerignore", "Dockerfile.j2", "Dockerfiles", ".dockerfile", "dockerfile.py"]
)
def test_what_only_looks_like_a_dockerfile_is_none(name: str) -> None:
    assert not is_dockerfile(name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("services/billing/Dockerfile", "billing"),
        ("services/billing/Dockerfile.prod", "billing"),
        ("services/billing/docker/Dockerfile", "billing"),
        ("docker/Dockerfile.billing", "billing"),
        ("deploy/billing.Dockerfile", "billing"),
        ("billing.Dockerfile", "billing"),
        ("Dockerfile", "."),
    ],
)
def test_a_unit_is_named_after_the_dockerfiles_folder(path: str, name: str) -> None:
    assert unit_name(path) == name


def test_a_dockerfile_that_nothing_refers_to_is_a_unit_of_its_own() -> None:
    (unit,) = collect(
        MemoryWorkspace(
            {
                "services/billing/Dockerfile": "FROM x AS a\nFROM y\nCOPY services/billing /app\nCMD run\nENV A=1\n",
                "services/billing/app.py": "",
            }
        )
    ).units
    assert (unit.name, unit.build, unit.dockerfile) == ("billing", ".", "services/billing/Dockerfile")
    assert (unit.copies, unit.command, unit.place.line) == (("services/billing",), "run", 2)
    assert unit.hosts == ()


def test_its_build_context_is_the_nearest_folder_that_has_what_it_copies() -> None:
    (unit,) = collect(
        MemoryWorkspace({"billing/Dockerfile": "FROM x\nCOPY app dist ./\n", "billing/app/a.py": "", "app/a.py": ""})
    ).units
    assert (unit.build, unit.copies) == ("billing", ("billing/app", "billing/dist"))


def test_a_dockerfile_that_is_not_text_is_an_error_with_its_place() -> None:
    found = collect(MemoryWorkspace({"a/Dockerfile": b"FROM x\nENV A=\xff\n"}))
    ((error),) = found.errors
    assert (str(error.place), error.message) == ("a/Dockerfile:2", "byte 0xff is not UTF-8; save the file as UTF-8")
    assert found.units == ()
