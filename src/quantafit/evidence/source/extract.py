"""From bytes to facts: one file's code as plain nested tuples, and nothing about any other file.

Facts are the interface between the parser and everything above it: whichever parser reads a file, it must produce these
shapes, which hold only strings, numbers, None, booleans, bytes and tuples (they can be marshalled and compared).

Expressions
    ("const", value) ("name", id) ("attr", base, name) ("call", line, column, callee, args, keywords)
    ("item", base, index) ("slice", low, high) ("text", parts) ("binary", operator, left, right) ("either", values)
    ("list", items) ("tuple", items) ("set", items) ("dict", pairs) ("await", line, value) ("lambda", function)
    ("each", element, key, generators) ("yield", value) ("walrus", name, value) ("star", value) ("other", children)
    ("unary", operator, operand) ("compare", left, ((operator, right), …)) ("formatted", value, its format)
    Positions are those of the statement an expression stands in: a reader looks for statements.

Statements
    ("do", line, expression) ("set", line, targets, expression) ("augment", line, target, operator, expression)
    ("annotate", line, target, annotation, expression or None) ("return", line, expression or None)
    ("if", line, test, body, otherwise) ("loop", line, target or None, expression, body, otherwise)
    ("with", line, ((expression, target or None), …), body) ("try", line, body, handlers, otherwise, final)
    ("break", line) ("continue", line) ("raise", line, expression or None) ("def", line, function)
    ("class", line, class) ("import", line, pairs)
    ("from", line, level, module, pairs) ("global", names) ("match", line, subject, ((pattern, guard, body), …))
    ("assert", line, test, message or None) ("delete", line, targets)
"""

from __future__ import annotations

import ast
import gc
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quantafit.errors import QuantafitError
from quantafit.evidence.source import newer_syntax
from quantafit.evidence.source.values import short_name

Expr = tuple[Any, ...]
Stmt = tuple[Any, ...]
NONE: Expr = ("const", None)
_VERSION = ".".join(map(str, sys.version_info[:2]))


class UnreadableError(QuantafitError):
    """A Python file that cannot be decoded or parsed; carries the line and column of the trouble."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: ``kind`` is ``positional``, ``keyword``, ``rest`` (``*args``) or ``options`` (``**kwargs``)."""

    name: str
    kind: str
    annotation: Expr | None
    default: Expr | None


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A function, method or lambda.

    ``name`` is qualified within its file (``Relay.run``); of a second function of one name the line is part of it
    (``Relay.run@20``), so that what is defined inside finds the function around it.
    """

    name: str
    line: int
    column: int
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    returns: Expr | None
    body: tuple[Stmt, ...]
    generator: bool
    in_class: str | None

    @property
    def short(self) -> str:
        """The name that the code knows it by where it is defined."""
        return short_name(self.name)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class; ``name`` is qualified within its file, and has the line in it where it is the second of its name."""

    name: str
    line: int
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]

    @property
    def short(self) -> str:
        """The name that the code knows it by where it is defined."""
        return short_name(self.name)


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """One file. ``body`` are the module's own statements; ``calls`` counts call expressions."""

    path: str
    body: tuple[Stmt, ...]
    functions: int
    calls: int


def extract(data: bytes, path: str) -> ModuleFacts:
    """The facts of one file. Raises UnreadableError where it cannot be decoded or parsed."""
    collecting = gc.isenabled()
    gc.disable()  # parsing only allocates; a tenth of its time goes into collections that find nothing
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file's own SyntaxWarnings are not ours to print
            tree = _parsed(data, path)
        return _Extractor(path).module(tree)
    except SyntaxError as error:
        if newer_syntax.looks_like_python_2(data):
            hint = "it looks like Python 2, which nothing here can read: convert it, or leave it out of source"
        else:
            hint = f"read as Python {_VERSION}, with the newer syntax that is known: does Python itself read it?"
        what = f"{error.msg or 'not valid'}; {hint}"
        raise UnreadableError(what, error.lineno or 1, error.offset or 1) from error
    except UnicodeDecodeError as error:
        raise UnreadableError(str(error), data.count(b"\n", 0, error.start) + 1, 1) from error
    except ValueError as error:
        raise UnreadableError(str(error), 1, 1) from error
    except RecursionError as error:
        raise UnreadableError("nested too deeply to be read", 1, 1) from error
    finally:
        if collecting:
            gc.enable()


def _parsed(data: bytes, path: str) -> ast.Module:
    """The tree of a file, also where its syntax is newer than the interpreter; of two errors, the one further down."""
    try:
        return ast.parse(data, path)
    except SyntaxError as first:
        try:
            return newer_syntax.parse(data)
        except SyntaxError as second:
            raise (second if (second.lineno or 0) > (first.lineno or 0) else first) from None


class _Extractor:
    def __init__(self, path: str) -> None:
        self.path = path
        self.functions = 0
        self.calls = 0
        self.scope: list[str] = []
        self.classes: list[str | None] = [None]
        self.line = 1
        self.column = 1
        self.yields: list[bool] = [False]
        self.named: set[str] = set()

    def module(self, tree: ast.Module) -> ModuleFacts:
        body = self.block(tree.body)
        return ModuleFacts(self.path, body, self.functions, self.calls)

    # Statements -------------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[ast.stmt]) -> tuple[Stmt, ...]:
        result: list[Stmt] = []
        for statement in statements:
            self.line, self.column = statement.lineno, statement.col_offset + 1
            method = getattr(self, "stmt_" + type(statement).__name__, None)
            if method is None:
                continue
            made = method(statement)
            if made is not None:
                result.append(made)
        return tuple(result)

    def stmt_Expr(self, node: ast.Expr) -> Stmt | None:
        if isinstance(node.value, ast.Constant):
            return None
        return ("do", node.lineno, self.expr(node.value))

    def stmt_Assign(self, node: ast.Assign) -> Stmt:
        value = self.expr(node.value)
        return ("set", node.lineno, tuple(self.expr(target) for target in node.targets), value)

    def stmt_TypeAlias(self, node: Any) -> Stmt:
        return ("set", node.lineno, (self.expr(node.name),), self.expr(node.value))

    def stmt_AugAssign(self, node: ast.AugAssign) -> Stmt:
        return ("augment", node.lineno, self.expr(node.target), type(node.op).__name__, self.expr(node.value))

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> Stmt:
        value = self.expr(node.value) if node.value else None
        return ("annotate", node.lineno, self.expr(node.target), self.expr(node.annotation), value)

    def stmt_Return(self, node: ast.Return) -> Stmt:
        return ("return", node.lineno, self.expr(node.value) if node.value else None)

    def stmt_If(self, node: ast.If) -> Stmt:
        test = self.expr(node.test)
        return ("if", node.lineno, test, self.block(node.body), self.block(node.orelse))

    def stmt_For(self, node: ast.For | ast.AsyncFor) -> Stmt:
        source, target = self.expr(node.iter), self.expr(node.target)
        return ("loop", node.lineno, target, source, self.block(node.body), self.block(node.orelse))

    stmt_AsyncFor = stmt_For

    def stmt_While(self, node: ast.While) -> Stmt:
        test = self.expr(node.test)
        return ("loop", node.lineno, None, test, self.block(node.body), self.block(node.orelse))

    def stmt_With(self, node: ast.With | ast.AsyncWith) -> Stmt:
        items = tuple(
            (self.expr(item.context_expr), self.expr(item.optional_vars) if item.optional_vars else None)
            for item in node.items
        )
        return ("with", node.lineno, items, self.block(node.body))

    stmt_AsyncWith = stmt_With

    def stmt_Try(self, node: ast.Try) -> Stmt:
        body = self.block(node.body)
        handlers = tuple(
            (self.expr(handler.type) if handler.type else None, handler.name, self.block(handler.body))
            for handler in node.handlers
        )
        return ("try", node.lineno, body, handlers, self.block(node.orelse), self.block(node.finalbody))

    stmt_TryStar = stmt_Try

    def stmt_Raise(self, node: ast.Raise) -> Stmt:
        return ("raise", node.lineno, self.expr(node.exc) if node.exc else None)

    def stmt_Break(self, node: ast.Break) -> Stmt:
        return ("break", node.lineno)

    def stmt_Continue(self, node: ast.Continue) -> Stmt:
        return ("continue", node.lineno)

    def stmt_Assert(self, node: ast.Assert) -> Stmt:
        return ("assert", node.lineno, self.expr(node.test), self.expr(node.msg) if node.msg else None)

    def stmt_Delete(self, node: ast.Delete) -> Stmt:
        return ("delete", node.lineno, tuple(self.expr(target) for target in node.targets))

    def stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Stmt:
        line = node.lineno
        return ("def", line, self.function(node, node.name))

    stmt_AsyncFunctionDef = stmt_FunctionDef

    def stmt_ClassDef(self, node: ast.ClassDef) -> Stmt:
        bases = tuple(self.expr(base) for base in node.bases)
        keywords = tuple((keyword.arg, self.expr(keyword.value)) for keyword in node.keywords)
        decorators = tuple(self.expr(decorator) for decorator in node.decorator_list)
        own, name = self.named_apart(node.name, node.lineno)
        self.scope.append(own)
        self.classes.append(name)
        body = self.block(node.body)
        self.classes.pop()
        self.scope.pop()
        return ("class", node.lineno, ClassFacts(name, node.lineno, bases, keywords, decorators, body))

    def stmt_Import(self, node: ast.Import) -> Stmt:
        return ("import", node.lineno, tuple((alias.name, alias.asname) for alias in node.names))

    def stmt_ImportFrom(self, node: ast.ImportFrom) -> Stmt:
        pairs = tuple((alias.name, alias.asname) for alias in node.names)
        return ("from", node.lineno, node.level, node.module or "", pairs)

    def stmt_Global(self, node: ast.Global | ast.Nonlocal) -> Stmt:
        return ("global", tuple(node.names), isinstance(node, ast.Global))

    stmt_Nonlocal = stmt_Global

    def stmt_Match(self, node: ast.Match) -> Stmt:
        subject = self.expr(node.subject)
        cases = tuple(
            (self.pattern(case.pattern), self.expr(case.guard) if case.guard else None, self.block(case.body))
            for case in node.cases
        )
        return ("match", node.lineno, subject, cases)

    def pattern(self, node: ast.pattern, way: tuple[Expr, ...] = ()) -> tuple[tuple[str, tuple[Expr, ...]], ...]:
        """The names that a pattern binds, each with its way there from the subject.

        The way is of steps: ``("attr", name)``, ``("field", position)`` or ``("item", key)``.
        """
        inner: list[tuple[ast.pattern, tuple[Expr, ...]]] = []
        match node:
            case ast.MatchClass():
                inner = [(one, (*way, ("field", at))) for at, one in enumerate(node.patterns)]
                named = zip(node.kwd_attrs, node.kwd_patterns, strict=True)
                inner += [(one, (*way, ("attr", name))) for name, one in named]
            case ast.MatchMapping():
                pairs = zip(node.keys, node.patterns, strict=True)
                inner = [(one, (*way, ("item", self.expr(key)))) for key, one in pairs]
            case ast.MatchSequence():
                starred = any(isinstance(one, ast.MatchStar) for one in node.patterns)
                at: list[Expr] = [("item", NONE if starred else ("const", n)) for n in range(len(node.patterns))]
                pairs_of = zip(node.patterns, at, strict=True)
                inner = [(one, way if isinstance(one, ast.MatchStar) else (*way, step)) for one, step in pairs_of]
            case ast.MatchOr():
                inner = [(one, way) for one in node.patterns]
            case ast.MatchAs() if node.pattern is not None:
                inner = [(node.pattern, way)]
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        own = ((name, way),) if name else ()
        return (*own, *(found for one, path in inner for found in self.pattern(one, path)))

    # Functions --------------------------------------------------------------------------------------------------

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> FunctionFacts:
        self.functions += 1
        at = (self.line, self.column)
        decorators = tuple(self.expr(item) for item in getattr(node, "decorator_list", ()))
        parameters = self.parameters(node.args)
        returns = getattr(node, "returns", None)
        annotation = self.expr(returns) if returns is not None else None
        in_class = self.classes[-1]
        own, qualified = self.named_apart(name, node.lineno)
        self.scope += [own, "<locals>"]
        self.classes.append(None)
        self.yields.append(False)
        if isinstance(node, ast.Lambda):
            body: tuple[Stmt, ...] = (("return", at[0], self.expr(node.body)),)
        else:
            body = self.block(node.body)
        generator = self.yields.pop()
        self.classes.pop()
        del self.scope[-2:]
        self.line, self.column = at
        return FunctionFacts(qualified, at[0], at[1], parameters, decorators, annotation, body, generator, in_class)

    def named_apart(self, name: str, line: int) -> tuple[str, str]:
        """The name of what is defined, and that qualified within the file: of a second one the line is part of both."""
        qualified = ".".join((*self.scope, name))
        if qualified in self.named:
            name, qualified = f"{name}@{line}", f"{qualified}@{line}"
        self.named.add(qualified)
        return name, qualified

    def parameters(self, args: ast.arguments) -> tuple[Parameter, ...]:
        positional = [*args.posonlyargs, *args.args]
        missing = len(positional) - len(args.defaults)
        defaults: list[ast.expr | None] = [*([None] * missing), *args.defaults]
        result = [self.parameter(arg, "positional", default) for arg, default in zip(positional, defaults, strict=True)]
        if args.vararg:
            result.append(self.parameter(args.vararg, "rest", None))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            result.append(self.parameter(arg, "keyword", default))
        if args.kwarg:
            result.append(self.parameter(args.kwarg, "options", None))
        return tuple(result)

    def parameter(self, arg: ast.arg, kind: str, default: ast.expr | None) -> Parameter:
        annotation = self.expr(arg.annotation) if arg.annotation else None
        return Parameter(arg.arg, kind, annotation, self.expr(default) if default else None)

    # Expressions ------------------------------------------------------------------------------------------------

    def expr(self, node: ast.expr) -> Expr:
        method = _EXPRESSIONS.get(type(node))
        if method is not None:
            made: Expr = method(self, node)
            return made
        children = tuple(self.expr(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return ("other", children)

    def constant(self, node: ast.Constant) -> Expr:
        return ("const", node.value if not isinstance(node.value, complex | type(...)) else None)

    def call(self, node: ast.Call) -> Expr:
        self.calls += 1
        callee = self.expr(node.func)
        args = tuple(self.expr(arg) for arg in node.args)
        keywords = tuple((keyword.arg, self.expr(keyword.value)) for keyword in node.keywords)
        return ("call", self.line, self.column, callee, args, keywords)

    def unary(self, node: ast.UnaryOp) -> Expr:
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            number = node.operand.value
            if isinstance(number, int | float):
                return ("const", -number)
        return ("unary", type(node.op).__name__, self.expr(node.operand))

    def compare(self, node: ast.Compare) -> Expr:
        pairs = zip(node.ops, node.comparators, strict=True)
        return ("compare", self.expr(node.left), tuple((type(op).__name__, self.expr(right)) for op, right in pairs))

    def joined(self, node: Any) -> Expr:
        """An f-string, or a template string of Python 3.14."""
        return ("text", tuple(self.part(part) for part in node.values))

    def part(self, node: Any) -> Expr:
        if isinstance(node, ast.Constant):
            return self.expr(node)
        value = self.expr(node.value)
        spec = node.format_spec
        made_here = spec is not None and any(not isinstance(part, ast.Constant) for part in spec.values)
        return ("formatted", value, self.joined(spec)) if made_here else value

    def lambda_(self, node: ast.Lambda) -> Expr:
        return ("lambda", self.function(node, f"<lambda:{node.lineno}:{node.col_offset + 1}>"))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Expr:
        generators = tuple(
            (self.expr(item.target), self.expr(item.iter), tuple(self.expr(test) for test in item.ifs))
            for item in node.generators
        )
        if isinstance(node, ast.DictComp):
            return ("each", self.expr(node.value), self.expr(node.key), generators)
        return ("each", self.expr(node.elt), None, generators)

    def yield_(self, node: ast.Yield | ast.YieldFrom) -> Expr:
        self.yields[-1] = True
        value = self.expr(node.value) if node.value else NONE
        return ("yield", ("star", value) if isinstance(node, ast.YieldFrom) else value)

    def subscript(self, node: ast.Subscript) -> Expr:
        base = self.expr(node.value)
        if isinstance(node.slice, ast.Slice):
            low = self.expr(node.slice.lower) if node.slice.lower else None
            high = self.expr(node.slice.upper) if node.slice.upper else None
            return ("item", base, ("slice", low, high))
        return ("item", base, self.expr(node.slice))

    def dict_(self, node: ast.Dict) -> Expr:
        pairs = zip(node.keys, node.values, strict=True)
        return ("dict", tuple((self.expr(key) if key else None, self.expr(value)) for key, value in pairs))

    def many(self, tag: str, items: Iterable[ast.expr]) -> Expr:
        return (tag, tuple(self.expr(item) for item in items))


_EXPRESSIONS: dict[type[ast.expr], Any] = {
    ast.Constant: _Extractor.constant,
    ast.Name: lambda self, node: ("name", node.id),
    ast.Attribute: lambda self, node: ("attr", self.expr(node.value), node.attr),
    ast.Call: _Extractor.call,
    ast.UnaryOp: _Extractor.unary,
    ast.Compare: _Extractor.compare,
    ast.JoinedStr: _Extractor.joined,
    ast.Lambda: _Extractor.lambda_,
    ast.ListComp: _Extractor.comprehension,
    ast.SetComp: _Extractor.comprehension,
    ast.GeneratorExp: _Extractor.comprehension,
    ast.DictComp: _Extractor.comprehension,
    ast.Yield: _Extractor.yield_,
    ast.YieldFrom: _Extractor.yield_,
    ast.Subscript: _Extractor.subscript,
    ast.Dict: _Extractor.dict_,
    ast.List: lambda self, node: self.many("list", node.elts),
    ast.Tuple: lambda self, node: self.many("tuple", node.elts),
    ast.Set: lambda self, node: self.many("set", node.elts),
    ast.BoolOp: lambda self, node: self.many("either", node.values),
    ast.IfExp: lambda self, node: ("choose", self.expr(node.test), self.expr(node.body), self.expr(node.orelse)),
    ast.BinOp: lambda self, node: ("binary", type(node.op).__name__, self.expr(node.left), self.expr(node.right)),
    ast.Await: lambda self, node: ("await", self.line, self.expr(node.value)),
    ast.NamedExpr: lambda self, node: ("walrus", node.target.id, self.expr(node.value)),
    ast.Starred: lambda self, node: ("star", self.expr(node.value)),
}
if hasattr(ast, "TemplateStr"):  # from Python 3.14 on
    _EXPRESSIONS[ast.TemplateStr] = _Extractor.joined


HOLDING = frozenset({tuple, FunctionFacts, ClassFacts})
"""The types of the parts of a file that have parts themselves."""


def texts_in(body: Iterable[Any]) -> set[str]:
    """All names and texts of a part of a file."""
    found: set[str] = set()
    stack: list[Any] = [tuple(body)]
    while stack:
        top = stack.pop()
        if type(top) is FunctionFacts:
            top = (top.decorators, *((p.annotation, p.default) for p in top.parameters), top.body)
        elif type(top) is ClassFacts:
            top = (top.bases, top.keywords, top.decorators, top.body)
        for part in top:
            if type(part) is str:
                found.add(part)
            elif type(part) in HOLDING:
                stack.append(part)
    return found
