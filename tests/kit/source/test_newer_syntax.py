"""Syntax newer than the interpreter: the same facts as the same program in older words, at the same lines."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.source import newer_syntax
from quantafit.evidence.source.extract import UnreadableError, extract

SAME = {
    "a type parameter": ("def f[T](x: T) -> T:\n    return x\n", "def f(x: T) -> T:\n    return x\n"),
    "type parameters of all kinds": (
        "class A[T: (int, str) = int, *Ts, **P](B[T]):\n    def go[K](self): pass\n",
        "class A(B[T]):\n    def go(self): pass\n",
    ),
    "type parameters over lines": (
        "class A[\n    T,  # of )\n]:\n    x = 1\ny = 2\n",
        "class A \\\n \\\n :\n    x = 1\ny = 2\n",
    ),
    "an asynchronous function": ("async def f[T](x): await x()\n", "async def f   (x): await x()\n"),
    "a type statement": ("type X = list[int]\ny = 1\n", "X = list[int]\ny = 1\n"),
    "a type statement with parameters": ("if x: type X[T: int] = list[T]\n", "if x: X = list[T]\n"),
    "type as a name": (
        "type = 1\ntype.x = 2\ntype: int = 3\ntype(x)\ntype X = 4\n",
        "type = 1\ntype.x = 2\ntype: int = 3\ntype(x)\nX = 4\n",
    ),
    "the same quotes": ('x = f"{a["b"]} c"\n', "x = f\"{a['b']} c\"\n"),
    "a backslash": ('x = f"{a("\\t")}"\n', "x = f\"{a('\t')}\"\n"),
    "a comment and lines": ('x = f"{\n    a(1)  # }"\n}" ; y = 2\nz = 3\n', 'x = f"{a(1)}" \\\n \\\n ; y = 2\nz = 3\n'),
    "nested without end": ('x = f"{f"{f"{a(1)}"}"}"\n', "x = f\"{f'''{f'{a(1)}'}'''}\"\n"),
    "a conversion and a format": ('x = f"{a["b"]!r:>{w["c"]}} {n:%Y}"\n', "x = f\"{a['b']!r:>{w['c']}} {n:%Y}\"\n"),
    "comparisons": ('x = f"{a["b"] != c}{a["b"]>=c}{a["b"] == c}"\n',
                    "x = f\"{a['b'] != c}{a['b']>=c}{a['b'] == c}\"\n"),
    "an expression that says itself": ('x = f"{a["b"] = }"\n', "x = f'a[\"b\"] = {a[\"b\"]!r}'\n"),
    "a raw text": ('x = rf"\\d{a["b"]}\\""\n', "x = rf'''\\d{a[\"b\"]}\\\"'''\n"),
    "a character by its name": ('x = f"\\N{EM DASH}{a["b"]}{{}}"\n', "x = f\"\\N{EM DASH}{a['b']}{{}}\"\n"),
    "three quotes": ('x = f"""{\na["""b"""]\n}\n"""\ny = 1\n', "x = f'''{\na[\"\"\"b\"\"\"]\n}\n'''\ny = 1\n"),
    "a template": ('x = t"a {b(1)}" rt"{c}"\n', 'x = f"a {b(1)}" rf"{c}"\n'),
    "except without brackets": (
        "try:\n    a()\nexcept A, b.C:\n    d()\nexcept* E, F:\n    g()\n".replace("except*", "except"),
        "try:\n    a()\nexcept (A, b.C):\n    d()\nexcept (E, F):\n    g()\n",
    ),
    "except* without brackets": ("try: a()\nexcept* A, B:\n    d()\n", "try: a()\nexcept* (A, B):\n    d()\n"),
    "lazy imports": (
        "lazy import a.b as c\nlazy from . import (\n    d,\n)\nlazy = 1\nif x: lazy import e\n",
        "import a.b as c\nfrom . import (\n    d,\n)\nlazy = 1\nif x: import e\n",
    ),
    "unpacking in comprehensions": (
        "a = [*x for x in y]\nb = {*x for x in y}\nc = (*f(x, 1) for x in y if x)\n",
        "a = [_fieldone for x in y for _fieldone in x]\nb = {_fieldone for x in y for _fieldone in x}\n"
        "c = (_fieldone for x in y if x for _fieldone in f(x, 1))\n",
    ),
    "unpacking of mappings": (
        "a = {**x for x in y}\nb = 1\n",
        "a = {_fieldkey: _fieldone for x in y for _fieldkey, _fieldone in x.items()}\nb = 1\n",
    ),
    "lines that end as elsewhere": ("type X = 1\r\nlazy import y\rz = 1\n", "X = 1\nimport y\nz = 1\n"),
    "a mark at the beginning": ("\ufefftype X = 1\n", "X = 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_newer_syntax_gives_the_facts_of_older_syntax_at_the_same_lines(name: str) -> None:
    newer, older = SAME[name]
    assert extract(newer.encode(), "x.py") == extract(older.encode(), "x.py")


def test_another_encoding_is_read() -> None:
    newer = "# coding: latin-1\ntype X = 'é'\n".encode("latin-1")
    assert extract(newer, "x.py") == extract("# coding: latin-1\nX = 'é'\n".encode("latin-1"), "x.py")


NAMES = st.sampled_from(["a", "b.c", "d(1)", "e['k']", "f(g, h='i')['j']", "(k or 'l')", "m if n else 'o'", "[p, *q]"])
TEXTS = st.text(st.sampled_from("xyz é:!#=-"), max_size=6)


@given(st.lists(st.tuples(TEXTS, NAMES), min_size=1, max_size=4), TEXTS, st.booleans())
@settings(deadline=None)
def test_an_expression_means_the_same_with_any_quotes(parts: list[tuple[str, str]], end: str, lines: bool) -> None:
    older = "".join(f"{text}{{{code}}}" for text, code in parts) + end
    code_of = "{{\n {} # }}\n}}" if lines else "{{{}}}"
    newer = "".join(text + code_of.format(code.replace("'", '"')) for text, code in parts) + end
    after = "\\\n" * (2 * len(parts) if lines else 0)
    made = extract(f'x = f"{newer}"; y = 1\nz = 2\n'.encode(), "x.py")
    assert made == extract(f'x = f"{older}"{after}; y = 1\nz = 2\n'.encode(), "x.py")


OWN = sorted(Path(newer_syntax.__file__).parents[2].rglob("*.py"))


@pytest.mark.parametrize("path", OWN[::8], ids=lambda path: path.stem)
def test_a_file_in_older_syntax_is_left_as_it_is(path: Path) -> None:
    data = path.read_bytes()
    assert ast.dump(newer_syntax.parse(data)) == ast.dump(ast.parse(data))


@given(st.text(st.sampled_from("abft\"'{}[]()\\\n :=!#*,exr"), max_size=40))
@settings(deadline=None)
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for begins in ("", 'type X = f"', "except ", "def f["):
        try:
            extract((begins + text).encode(), "x.py")
        except UnreadableError:
            continue


WRONG = {
    "a text without an end": ('type X = 1\nx = f"{a["b"]}\n', 2),
    "a bracket without an end": ("lazy import a\nx = (\n", 2),
    "a wrong expression in a text": ('type X = 1\ny = 2\nx = f"{a["b"] b}"\n', 3),
    "a wrong statement further down": ("type X = 1\n\nx = = 2\n", 3),
    "names in an except without brackets": ("try: a()\nexcept A, B as c: pass\n", 2),
    "a text that ends after a conversion": ('type X = 1\nx = f"{a!r', 2),
    "a text that ends after a star": ("type X = 1\nx = [*", 2),
    "deep nesting": ("x = " + 'f"{' * 300 + "1" + '}"' * 300 + "\n", 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_python_reads_is_an_error_at_its_line(name: str) -> None:
    text, line = WRONG[name]
    with pytest.raises(UnreadableError) as caught:
        extract(text.encode(), "x.py")
    assert caught.value.line == line
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in caught.value.message


PYTHON_2 = ('print "hello"\n', "exec code in names\n", "raise ValueError, 'x'\n", "x = a <> b\n", "print x, y\n")


@pytest.mark.parametrize("text", PYTHON_2)
def test_python_2_is_an_error_that_says_so(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        extract(text.encode(), "x.py")
    assert "Python 2" in caught.value.message
