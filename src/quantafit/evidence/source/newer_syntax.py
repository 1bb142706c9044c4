"""Syntax that is newer than the interpreter: written in older words of the same meaning, line by line, then parsed.

Read are type parameters and ``type`` statements (PEP 695, 696), f-strings with any expression in them (PEP 701),
``except A, B:`` (PEP 758), template strings (PEP 750), lazy imports (PEP 810) and unpacking in comprehensions (PEP
798): what Python 3.12 to 3.15 added to the grammar. Only files that the interpreter cannot parse come here, and what
is made of them is parsed by it again.

Every line keeps its number, and every statement its column, save what follows on the line of what was written anew.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field
from keyword import iskeyword

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\f]+|\\\n|\#[^\n]*)
    |(?P<string>(?i:[rbuft]{0,2})(?:\"{3}|'{3}|"|'))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d\w*)|(?P<newline>\n)|(?P<op>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_STARTS = frozenset({"\n", ";", ":"})
_MOST_NESTED = 200


@dataclass(slots=True)
class _Field:
    """An expression in an f-string, as a part of the text."""

    start: int
    end: int
    inside: list[_Token]


@dataclass(slots=True)
class _Token:
    """A token; ``fields`` are those of an f-string, also of the format specifications in it."""

    kind: str
    start: int
    end: int
    text: str
    fields: list[_Field] = field(default_factory=list)


def parse(data: bytes) -> ast.Module:
    """The tree of a file with newer syntax. Raises SyntaxError, ValueError or UnicodeDecodeError where it has other."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    return _Lowering(text + "\n").module()


class _Lexer:
    """Tokens of a text; strings whole, whatever quotes the expressions in an f-string have."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nested = 0

    def failure(self, what: str, at: int) -> SyntaxError:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return SyntaxError(what, ("", line, column, None))

    def tokens(self, start: int, *, field_of: str | None = None) -> tuple[list[_Token], int]:
        """The tokens from ``start`` on and where they end: at the end of the text, or of a field of an f-string."""
        found: list[_Token] = []
        depth, at = 0, start
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            assert match is not None
            kind, end = str(match.lastgroup), match.end()
            if field_of is not None and depth == 0 and self.ends_field(at):
                return found, at
            if kind == "string":
                token = self.string(match)
                found.append(token)
                end = token.end
            elif kind == "newline" and (depth or field_of is not None):
                pass
            elif kind != "skip":
                text = match.group()
                depth += (text in _OPEN) - (text in _CLOSE)
                if kind == "op" and (text == "!" or text == "=" or text in "<>") and self.text[end : end + 1] == "=":
                    end += 1
                found.append(_Token(kind, at, end, self.text[at:end]))
            at = end
        if field_of is not None:
            raise self.failure("'{' was never closed", start)
        return found, at

    def ends_field(self, at: int) -> bool:
        """Whether the expression of a field ends: at ``}``, a conversion, a format specification, or ``=``."""
        mark = self.text[at]
        if mark == "=":
            if self.text[at + 1 : at + 2] == "=" or self.text[at - 1] in "!=<>":
                return False
            return self.text[at + 1 :].lstrip()[:1] in ("}", "!", ":")
        if mark == "!":
            return self.text[at + 1 : at + 2] != "="
        return mark in "}:"

    def string(self, match: re.Match[str]) -> _Token:
        opening = match.group()
        prefix = opening.rstrip("\"'").lower()
        quote = opening[len(prefix) :]
        token = _Token("string", match.start(), match.end(), opening)
        if "f" in prefix or "t" in prefix:
            self.nested += 1
            if self.nested > _MOST_NESTED:
                raise self.failure("too many nested f-strings", match.start())
            token.end = self.pieces(token, match.end(), quote, raw="r" in prefix)
            self.nested -= 1
            return token
        at = match.end()
        while not self.text.startswith(quote, at):
            at += 2 if self.text[at : at + 1] == "\\" else 1
            if at >= len(self.text) or (len(quote) == 1 and self.text[at] == "\n" and self.text[at - 1] != "\\"):
                raise self.failure("unterminated string literal", match.start())
        token.end = at + len(quote)
        return token

    def pieces(self, token: _Token, at: int, quote: str, *, raw: bool, specification: bool = False) -> int:
        """Go through the literal parts of an f-string or of a format specification, and the fields between them."""
        while at < len(self.text):
            if specification and self.text[at] == "}":
                return at
            if self.text.startswith(quote, at):
                if specification:
                    break
                return at + len(quote)
            two = self.text[at : at + 2]
            if not raw and self.text.startswith("\\N{", at):
                at = self.text.find("}", at) + 1 or len(self.text)
            elif two[0] == "\\":
                at += 1 if two[1:] in ("{", "}") else 2
            elif two in ("{{", "}}") and not specification:
                at += 2
            elif two[0] == "{":
                at = self.one_field(token, at + 1, quote, raw)
            elif two[0] == "\n" and len(quote) == 1:
                break
            else:
                at += 1
        raise self.failure("unterminated f-string literal", token.start)

    def one_field(self, token: _Token, at: int, quote: str, raw: bool) -> int:
        """A field, from after its ``{`` to after its ``}``."""
        inside, end = self.tokens(at, field_of=quote)
        token.fields.append(_Field(at, end, inside))
        match = re.compile(r"=?\s*(?:!\s*\w+\s*)?").match(self.text, end)
        at = match.end() if match is not None else end
        if self.text[at : at + 1] == ":":
            at = self.pieces(token, at + 1, quote, raw=raw, specification=True)
        if self.text[at : at + 1] != "}":
            raise self.failure("f-string: expecting '}'", token.start)
        return at + 1


class _Lowering:
    """One text being written in older words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[tuple[int, int, str]] = []
        self.taken: dict[str, _Field] = {}
        """Expressions of f-strings that are parsed by themselves, by the name that stands in for each."""
        self.stem = "_field"
        while self.stem in text:
            self.stem += "_"

    def module(self) -> ast.Module:
        tokens, _ = _Lexer(self.text).tokens(0)
        self.statements(tokens)
        for token in tokens:
            self.string(token)
        tree = ast.parse(self.edited(0, len(self.text)))
        return _PutBack(self).visit(tree) if self.taken else tree

    def expression(self, taken: _Field) -> ast.expr:
        """The tree of an expression that was taken out of an f-string, at its own place."""
        code = self.edited(taken.start, taken.end)
        before = self.text.rfind("\n", 0, taken.start) + 1
        line = self.text.count("\n", 0, taken.start)
        column = len(self.text[before : taken.start].encode()) - 1
        try:
            tree = ast.parse(f"({code}\n)", mode="eval").body
        except SyntaxError as error:
            raise SyntaxError(error.msg, ("", (error.lineno or 1) + line, error.offset or 1, None)) from error
        for node in ast.walk(tree):
            for name, by in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
                at = getattr(node, name, None)
                if at is not None:
                    if at == 1:
                        setattr(node, by, getattr(node, by) + column)
                    setattr(node, name, at + line)
        return tree

    def edited(self, start: int, end: int) -> str:
        """A part of the text with its edits; an edit inside another one belongs to a part that was taken out."""
        made, at = [], start
        for first, last, new in sorted(one for one in self.edits if start <= one[0] and one[1] <= end):
            if first < at:
                continue
            if (first, last) != (start, end):
                made += [self.text[at:first], new]
                at = last
        return "".join([*made, self.text[at:end]])

    # Strings --------------------------------------------------------------------------------------------------------

    def string(self, token: _Token) -> None:
        """An f-string whose expressions older versions cannot read gets names for them; a template is an f-string."""
        if token.kind != "string":
            return
        prefix = token.text.rstrip("\"'")
        quote = token.text[len(prefix) :]
        marks = [at for at, letter in enumerate(prefix) if letter in "tT"]
        for at in marks:
            self.edits.append((token.start + at, token.start + at + 1, "f"))
        lines = 0
        for one in token.fields:
            code = self.text[one.start : one.end]
            nested = any(inner.kind == "string" and inner.fields for inner in one.inside)
            if nested or quote in code or "\\" in code or "#" in code or ("\n" in code and len(quote) == 1):
                name = f"{self.stem}{len(self.taken)}_"
                self.taken[name] = one
                self.edits.append((one.start, one.end, name))
                lines += code.count("\n")
            for inner in one.inside:
                self.string(inner)
        if lines:
            self.edits.append((token.end, token.end, "\\\n" * lines))

    # Statements -----------------------------------------------------------------------------------------------------

    def statements(self, tokens: list[_Token]) -> None:
        before, depth = "\n", 0
        for index, token in enumerate(tokens):
            depth += (token.text in _OPEN) - (token.text in _CLOSE) if token.kind == "op" else 0
            rest = tokens[index + 1 : index + 3]
            words = [one.text for one in rest]
            if token.kind == "op" and token.text in _OPEN and words[:1] == ["*"] and len(words) == 2:
                self.unpacked(tokens, index)
            if token.kind == "name" and len(rest) == 2:
                if token.text in ("def", "class") and words[1] == "[":
                    self.blank(tokens, index + 2)
                elif depth == 0 and before in _STARTS:
                    if token.text == "type" and rest[0].kind == "name" and not iskeyword(words[0]) and words[1] in "[=":
                        self.alias(tokens, index)
                    elif token.text == "lazy" and words[0] in ("import", "from"):
                        self.lazy(tokens, index)
                    elif token.text == "except":
                        self.caught(tokens, index)
            before = token.text

    def blank(self, tokens: list[_Token], opening: int) -> int:
        """Put blanks over brackets and what is in them; lines that end within them are joined. The closing one."""
        depth = 0
        for index in range(opening, len(tokens)):
            depth += (tokens[index].text in _OPEN) - (tokens[index].text in _CLOSE)
            if depth == 0:
                start, end = tokens[opening].start, tokens[index].end
                blanks = "\n".join(" " * len(line) for line in self.text[start:end].split("\n"))
                self.edits.append((start, end, blanks.replace("\n", "\\\n")))
                return index
        return opening

    def alias(self, tokens: list[_Token], at: int) -> None:
        """``type Name[T] = value`` is an assignment that begins where ``type`` stands."""
        name = tokens[at + 1]
        moved = name.text + " " * (name.end - tokens[at].start - len(name.text))
        between = self.text[tokens[at].start : name.end]
        self.edits.append((tokens[at].start, name.end, moved + "\\\n" * between.count("\n")))
        if tokens[at + 2].text == "[":
            self.blank(tokens, at + 2)

    def lazy(self, tokens: list[_Token], at: int) -> None:
        """``lazy import name`` imports name."""
        start, after = tokens[at].start, tokens[at + 1]
        between = self.text[start : after.start]
        self.edits.append((start, after.end, after.text + " " * len(between) + "\\\n" * between.count("\n")))

    def caught(self, tokens: list[_Token], at: int) -> None:
        """``except A, B:`` catches ``(A, B)``."""
        depth, first = 0, at + 2 if tokens[at + 1].text == "*" else at + 1
        listed = False
        for index in range(first, len(tokens)):
            text = tokens[index].text
            if depth == 0 and text in (":", "as", "\n"):
                if listed and text == ":":
                    self.edits.append((tokens[first].start, tokens[first].start, "("))
                    self.edits.append((tokens[index].start, tokens[index].start, ")"))
                return
            listed = listed or (depth == 0 and text == ",")
            depth += (text in _OPEN) - (text in _CLOSE) if tokens[index].kind == "op" else 0

    def unpacked(self, tokens: list[_Token], opening: int) -> None:
        """``[*x for x in xs]`` is ``[y for x in xs for y in x]``, and so is ``{**x for x in xs}``."""
        before = tokens[opening - 1] if opening else None
        if tokens[opening].text == "(" and before is not None and (before.kind != "op" or before.text in _CLOSE):
            return  # the arguments of a call
        mapping = tokens[opening + 2].text == "*"
        first = opening + 2 + mapping
        depth, loop = 0, None
        for index in range(first, len(tokens)):
            text = tokens[index].text
            if depth == 0 and text in _CLOSE:
                break
            if depth == 0 and loop is None and text == ",":
                return
            if depth == 0 and loop is None and tokens[index].kind == "name" and text in ("for", "async"):
                loop = index
            depth += (text in _OPEN) - (text in _CLOSE) if tokens[index].kind == "op" else 0
        else:
            return
        if loop is None:
            return
        start, end = tokens[opening + 1].start, tokens[loop].start
        code = self.text[tokens[first].start : end]
        key, one = f"{self.stem}key", f"{self.stem}one"
        self.edits.append((start, end, (f"{key}: {one} " if mapping else f"{one} ") + "\n" * code.count("\n")))
        source = (
            f"{key}, {one} in ({' '.join(code.split())}).items()" if mapping else f"{one} in ({' '.join(code.split())})"
        )
        self.edits.append((tokens[index].start, tokens[index].start, f" for {source}"))


class _PutBack(ast.NodeTransformer):
    """Puts the expressions of f-strings back where names stand in for them."""

    def __init__(self, lowering: _Lowering) -> None:
        self.lowering = lowering
        self.names = re.compile(rf"{lowering.stem}\d+_")

    def visit_Name(self, node: ast.Name) -> ast.expr:
        taken = self.lowering.taken.get(node.id)
        return self.visit(self.lowering.expression(taken)) if taken is not None else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        for part in node.values:  # f"{expression=}" says the expression
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                part.value = self.names.sub(self.said, part.value)
        self.generic_visit(node)
        return node

    def said(self, match: re.Match[str]) -> str:
        taken = self.lowering.taken[match.group()]
        return self.lowering.text[taken.start : taken.end]


_PRINTED = re.compile(
    rb"^\s*(?:print|exec)\s+[\"'\w]|^\s*raise\s+\w+\s*,|<>|^\s*except\s+[\w.]+\s*,\s*\w+\s*:", re.MULTILINE
)


def looks_like_python_2(data: bytes) -> bool:
    """Whether a file that cannot be parsed has statements as only Python 2 has them."""
    return _PRINTED.search(data) is not None
