"""What the APIs have in common: who is let in, errors that never repeat what was sent, and the health of a quantum."""

import ipaddress
import logging
from collections.abc import Sequence
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from sysops_squad.plumbing.access import SCHEME, GuardedRoute, anyone, only
from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    TooManyAttemptsError,
    UnauthorizedError,
    describe,
    unusable,
)
from sysops_squad.plumbing.outbox import OutboxState, outbox_state
from sysops_squad.plumbing.processes import mask_card_numbers, prepare_process
from sysops_squad.plumbing.shield import Shield
from sysops_squad.plumbing.tokens import Role, TokenVerifier

logger = logging.getLogger(__name__)


def _without_zero(value: str) -> str:
    if "\0" in value:
        raise ValueError("a text has no character 0")
    return value


Text = Annotated[str, AfterValidator(_without_zero)]
"""A text that every database can keep: PostgreSQL refuses the character 0."""


class RequestBody(BaseModel):
    """Base of what the APIs accept: no unknown field, no value of another type. No error quotes a value."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, hide_input_in_errors=True)


class Health(BaseModel):
    """Whether the quantum works, and nothing else: this operation is open."""

    status: str


def new_app(title: str, tokens: TokenVerifier) -> FastAPI:
    """An application whose every operation says who may call it, and whose refusals never repeat what was sent."""
    # No pages of documentation: whoever may know the API has this repository.
    app = FastAPI(title=title, openapi_url=None, docs_url=None, redoc_url=None)
    app.router.route_class = GuardedRoute
    app.state.tokens = tokens
    app.add_middleware(Shield)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(InterfaceError, _database_away)
    app.add_exception_handler(UnauthorizedError, _unauthorized)
    app.add_exception_handler(ForbiddenError, _forbidden)
    app.add_exception_handler(TooManyAttemptsError, _too_many_attempts)
    return app


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of an application, with its security scheme."""
    described = app.openapi()
    described["components"]["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return described


def add_health(app: FastAPI, sessions: Sessions) -> None:
    """`GET /health`: whether the database answers."""

    @app.get("/health", responses={503: {"model": Health}})
    @anyone
    def health() -> Any:
        try:
            with sessions() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            logger.warning("the database does not answer: %s", describe(error))
            return JSONResponse({"status": "down"}, status_code=503)
        return Health(status="up")


def add_outbox(app: FastAPI, sessions: Sessions) -> None:
    """`GET /outbox`: what waits to be sent, and what was too old for it."""

    @app.get("/outbox")
    @only(Role.ADMINISTRATOR)
    def show_outbox() -> OutboxState:
        with sessions() as session:
            return outbox_state(session)


def run_api(name: str, app: FastAPI, host: str, port: int, trusted_proxies: str = "") -> None:
    """Serve HTTP until SIGTERM or SIGINT.

    Who calls is the other end of the connection; only a proxy that is trusted may name another address for it.
    """
    prepare_process(name)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
    )


def network_of(request: Request) -> str:
    """Where a request comes from: an IPv4 address, or the network of 64 bits that one IPv6 customer has to itself."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((int(address), 64), strict=False))


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": [_without_input(problem) for problem in error.errors()]}, status_code=422)


def _without_input(problem: dict[str, Any]) -> dict[str, Any]:
    place: Sequence[Any] = problem["loc"]
    if problem["type"] == "extra_forbidden":
        # The name of a field that we do not know is the sender's text, whatever it is.
        place = place[:-1]
    return {
        "loc": [mask_card_numbers(part) if isinstance(part, str) else part for part in place],
        "msg": mask_card_numbers(problem["msg"]),
        "type": problem["type"],
    }


def _not_found(_request: Request, error: Exception) -> JSONResponse:
    return _problem(404, error)


def _conflict(_request: Request, error: Exception) -> JSONResponse:
    return _problem(409, error)


def _database_away(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    logger.warning("%s", unusable(error))
    return JSONResponse({"detail": "the database cannot be used at the moment"}, status_code=503)


def _unauthorized(_request: Request, error: Exception) -> JSONResponse:
    return _problem(401, error, {"WWW-Authenticate": "Bearer"})


def _forbidden(_request: Request, error: Exception) -> JSONResponse:
    return _problem(403, error)


def _too_many_attempts(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyAttemptsError)
    return _problem(429, error, {"Retry-After": str(error.seconds)})


def _problem(status: int, error: Exception, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": mask_card_numbers(str(error))}, status_code=status, headers=headers)
