"""Circuit breakers that are given a function to call: pybreaker 1.4.1, aiobreaker 1.2.0."""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Callback, Keywords, Library, Rest, Type

_BREAKER = "pybreaker.CircuitBreaker"
_CALLS = Call(calls=(Callback(Arg(0, "func"), star=Rest(1), keywords=Keywords(), result=True),))

BREAKERS = Library(
    distribution="pybreaker",
    modules=("pybreaker", "aiobreaker"),
    calls={
        _BREAKER: Call(returns=_BREAKER),
        **dict.fromkeys((f"{_BREAKER}.call", f"{_BREAKER}.call_async"), _CALLS),
        f"{_BREAKER}.__call__": Call(returns=Arg(0, "func")),
        **plain(_BREAKER, ("open", "close", "half_open", "calling", "add_listener", "add_listeners")),
        **plain(_BREAKER, ("remove_listener", "add_excluded_exception", "is_system_error")),
    },
    types={_BREAKER: Type()},
    aliases={"aiobreaker.CircuitBreaker": _BREAKER},
    inert=True,
)

LIBRARIES = (BREAKERS,)
