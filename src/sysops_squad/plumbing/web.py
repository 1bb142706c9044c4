"""What the APIs have in common: errors that never repeat what was sent, and the health of a quantum."""

from collections.abc import Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import text

from sysops_squad.plumbing.database import Sessions
from sysops_squad.plumbing.failures import ConflictError, NotFoundError
from sysops_squad.plumbing.outbox import outbox_state
from sysops_squad.plumbing.processes import mask_card_numbers, prepare_process


def new_app(title: str) -> FastAPI:
    """An application whose answers to bad requests name the field and the problem, never the value."""
    app = FastAPI(title=title)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(ConflictError, _conflict)
    return app


def add_health(app: FastAPI, sessions: Sessions, *, outbox: bool) -> None:
    """`GET /health`: the database answers; with an outbox also what waits in it and what has expired."""

    @app.get("/health")
    def health() -> dict[str, Any]:
        with sessions() as session:
            if outbox:
                return {"status": "up", "outbox": outbox_state(session).model_dump()}
            session.execute(text("SELECT 1"))
        return {"status": "up"}


def run_api(name: str, app: FastAPI, host: str, port: int) -> None:
    """Serve HTTP until SIGTERM or SIGINT."""
    prepare_process(name)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": [_without_input(problem) for problem in error.errors()]}, status_code=422)


def _without_input(problem: dict[str, Any]) -> dict[str, Any]:
    place: Sequence[Any] = problem["loc"]
    return {
        "loc": [mask_card_numbers(part) if isinstance(part, str) else part for part in place],
        "msg": mask_card_numbers(problem["msg"]),
        "type": problem["type"],
    }


def _not_found(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": mask_card_numbers(str(error))}, status_code=404)


def _conflict(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": mask_card_numbers(str(error))}, status_code=409)
