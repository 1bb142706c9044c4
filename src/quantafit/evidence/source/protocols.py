"""What Python calls without its name being written: operators, tests, ``len()``, texts made of objects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from quantafit.evidence.source.calling import Calling
from quantafit.evidence.source.state import Frame
from quantafit.evidence.source.values import Bound, Const, Func, Instance, Value, choice, options

OPERATORS = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv", "Mod": "mod",
    "MatMult": "matmul", "LShift": "lshift", "RShift": "rshift", "BitOr": "or", "BitAnd": "and", "BitXor": "xor",
    "Pow": "pow",
}  # fmt: skip
_BEHIND = {operator: (f"__{name}__", f"__r{name}__") for operator, name in OPERATORS.items()}
"""The methods behind an operator: of its left side, and of its right."""
UNARY = {"USub": ("__neg__",), "UAdd": ("__pos__",), "Invert": ("__invert__",)}
TRUTH = ("__bool__", "__len__")
SHOWN = ("__format__", "__str__", "__repr__")
_COMPARED = {
    "Eq": (("__eq__",), ("__eq__",)),
    "NotEq": (("__ne__", "__eq__"), ("__ne__", "__eq__")),
    "Lt": (("__lt__",), ("__gt__",)),
    "LtE": (("__le__",), ("__ge__",)),
    "Gt": (("__gt__",), ("__lt__",)),
    "GtE": (("__ge__",), ("__le__",)),
}
"""Which methods a comparison asks of its left side, and which of its right side."""
ITERATING = ("__iter__", "__next__", "__aiter__", "__anext__")
ENTERING, LEAVING = ("__enter__", "__aenter__"), ("__exit__", "__aexit__")
AT_ANY_TIME = frozenset({"__call__", "__del__", "__getattribute__", "__instancecheck__", "__subclasscheck__"})
"""Methods that are called without any sign of it in the code that is read."""


@lru_cache(maxsize=256)
def _keys(kind: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The places that are asked for names of methods."""
    return tuple((kind, name) for name in names)


class Protocols(Calling):
    """The methods behind operators and built-in functions. Most of them matter for what they do, not for their result.

    Objects that only a caller can tell are not asked here: methods of shared classes that nobody is seen to call are
    looked at when all has come to rest (:mod:`.observe`).
    """

    def implied(self, frame: Frame, value: Value, names: tuple[str, ...], args: tuple[Value, ...] = ()) -> Value | None:
        """Call the first of some methods that an object has, where calling one of that name may lead to anything."""
        self.account.reads.update(_keys("leading", names))
        if self.leading.isdisjoint(names):
            return None
        self.not_told(value, names)
        return self.first_of(frame, value, names, args)

    def not_told(self, value: Value, names: Iterable[str]) -> None:
        """Note which methods may be called on what only a caller can tell."""
        if any(not isinstance(option, Instance | Const) for option in options(value)):
            self.untold.update(names)

    def first_of(self, frame: Frame, value: Value, names: Iterable[str], args: tuple[Value, ...]) -> Value | None:
        """What the first of some methods gives that an object of the program has; None where it has none."""
        results = []
        for option in options(value):
            if not isinstance(option, Instance):
                continue
            found = (self.find_name(option.id, name) for name in names)
            method = next((one for one in found if isinstance(one, Func)), None)
            if method is not None:
                results.append(self.call(frame, Bound(method, option), args, {}))
        return choice(results) if results else None

    def operated(self, frame: Frame, operator: str, left: Value, right: Value) -> Value | None:
        """What a method behind an operator gives: of the left side, else of the right."""
        methods = _BEHIND.get(operator)
        if methods is None or (isinstance(left, Const) and isinstance(right, Const)):
            return None
        self.account.reads.update(_keys("method", methods))
        for method, side, other in zip(methods, (left, right), (right, left), strict=True):
            if method in self.methods:
                self.not_told(side, (method,))
                made = self.first_of(frame, side, (method,), (other,))
                if made is not None:
                    return made
        return None

    def compared(self, frame: Frame, operator: str, left: Value, right: Value) -> None:
        if operator in ("In", "NotIn"):
            if self.implied(frame, right, ("__contains__",), (left,)) is None:
                self.gone_through(frame, right)
            return
        first, second = _COMPARED.get(operator, ((), ()))
        if first and self.implied(frame, left, first, (right,)) is None:
            self.implied(frame, right, second, (left,))

    def tested(self, frame: Frame, value: Value) -> None:
        """Whether a value is true is asked."""
        self.implied(frame, value, TRUTH)

    def gone_through(self, frame: Frame, value: Value) -> None:
        """Something goes through all elements of a value."""
        self.account.reads.update(_keys("leading", ITERATING))
        if not self.leading.isdisjoint(ITERATING):
            self.not_told(value, ITERATING)
            if any(isinstance(one, Instance) for one in options(value)):
                self.iterated(frame, value)

    def shown(self, frame: Frame, value: Value) -> Value:
        """The text made of a value: of an object, what its method for that gives."""
        if isinstance(value, Const):
            return value
        self.account.reads.update(_keys("method", SHOWN))
        if self.methods.isdisjoint(SHOWN):
            return value
        self.not_told(value, SHOWN)
        if not any(isinstance(one, Instance) for one in options(value)):
            return value
        made = [self.first_of(frame, one, SHOWN, ()) or one for one in options(value)]
        return choice(made)

    def spread_out(self, frame: Frame, value: Value) -> tuple[Value, ...]:
        """The elements of ``*value``."""
        self.not_told(value, ITERATING)
        if any(isinstance(one, Instance) for one in options(value)) and not self.elements(value):
            return (self.iterated(frame, value),)
        return self.elements(value)
