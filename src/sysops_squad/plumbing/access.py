"""Who may call which operation of an API: said above each operation, enforced before a body is read."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from sysops_squad.plumbing.failures import ForbiddenError, UnauthorizedError
from sysops_squad.plumbing.tokens import Caller, Role, TokenVerifier

Operation = TypeVar("Operation", bound=Callable[..., Any])

SCHEME = "bearer"
"""The name of our security scheme in the OpenAPI description."""

_ADMITTED = "admitted_roles"


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


def only(*roles: Role) -> Callable[[Operation], Operation]:
    """The operation is for callers in one of these roles."""

    def mark(operation: Operation) -> Operation:
        setattr(operation, _ADMITTED, frozenset(roles))
        return operation

    return mark


def anyone(operation: Operation) -> Operation:
    """The operation is open: it needs no token."""
    setattr(operation, _ADMITTED, None)
    return operation


def caller_of(request: Request) -> Caller:
    """Who calls an operation that is not open."""
    caller: Caller = request.state.caller
    return caller


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Refusals, for the description of an operation."""
    return {code: {"model": Problem} for code in codes}


class GuardedRoute(APIRoute):
    """An operation that asks for a token before it reads a body. It cannot be made without saying who may call it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not hasattr(endpoint, _ADMITTED):
            raise TypeError(f"{endpoint.__name__} does not say who may call it: put @only(…) or @anyone above it")
        self._admitted: frozenset[Role] | None = getattr(endpoint, _ADMITTED)
        refusals = [400, 413]
        if self._admitted is not None:
            refusals += [401, 403]
            options["openapi_extra"] = {"security": [{SCHEME: []}]}
        if "{" in path:
            refusals.append(404)
        options["responses"] = {**answers(*refusals), **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        admitted = self._admitted
        if admitted is None:
            return handle

        async def guarded(request: Request) -> Response:
            tokens: TokenVerifier = request.app.state.tokens
            caller = tokens.verify(_bearer(request))
            if caller.role not in admitted:
                raise ForbiddenError(f"this is not for the role {caller.role.value}")
            request.state.caller = caller
            return await handle(request)

        return guarded


def _bearer(request: Request) -> str:
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError("a token is needed: send the header Authorization: Bearer …")
    return token
