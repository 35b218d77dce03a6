"""The emulator as an ASGI application: faults, the API, the journal, restarts, and the control interface."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from lab.cloudstack import api, control
from lab.cloudstack.commands import changes
from lab.cloudstack.config import Config
from lab.cloudstack.errors import ApiError, unauthorized
from lab.cloudstack.system import System
from lab.cloudstack.wire import Answer, Asked, asked, redacted
from lab.ontap.disconnect import CuttableProtocol, HalfAnswer, NoAnswer
from lab.ontap.faults import Fault, Faults
from lab.ontap.journal import Journal

PATH = "/client/api"
_METHODS = ["GET", "POST", "PUT", "DELETE"]
_EVERY = 0.1


@dataclass(frozen=True)
class Emulator:
    """What the application works on; also in `app.state.emulator`. Faults' paths are `/client/api/<command>`."""

    system: System
    journal: Journal
    faults: Faults

    def authorized(self, request: HttpRequest) -> bool:
        """Whether the request carries the administrator's name and password."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        config = self.system.config
        wanted = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
        return scheme.lower() == "basic" and hmac.compare_digest(given.strip().encode(), wanted.encode())


def create_app(config: Config) -> Starlette:
    """The application for one management server; its state is read from `config.data_dir` and kept there."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    emulator = Emulator(System(config), Journal(config.journal_file), Faults())
    routes = [
        Route("/_lab/{what}", control.endpoint, methods=_METHODS),
        Route(PATH, _endpoint, methods=_METHODS),
        Route(PATH + "/", _endpoint, methods=_METHODS),
    ]
    app = Starlette(routes=routes, lifespan=_lifespan)
    app.state.emulator = emulator
    return app


def new_server(app: Starlette) -> uvicorn.Server:
    """A server for the application, plain HTTP as in the seed."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    task = asyncio.create_task(_tick(app.state.emulator))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _tick(emulator: Emulator) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        emulator.system.settle()
        await asyncio.to_thread(emulator.system.deliver)


async def _endpoint(http: HttpRequest) -> Response:
    """One request to the API, journalled; while the server restarts there is no answer."""
    emulator: Emulator = http.app.state.emulator
    if http.method not in ("GET", "POST"):
        return Response(status_code=405)
    began = time.monotonic()
    request = asked(http.method, http.url.query, await http.body(), http.cookies.get("JSESSIONID"))
    name = request.command or ""
    down = emulator.system.down
    faults = [] if down else emulator.faults.take("POST" if changes(name) else "GET", f"{PATH}/{name}")
    answer = Answer(0, None, "") if down else await _answer(emulator, request, faults)
    left_alone = down or any(each.effect in ("reset", "lost_answer") for each in faults)
    emulator.journal.add(
        time=emulator.system.clock.now(),
        method=http.method,
        path=http.url.path,
        query=redacted(request.pairs),
        body=None,
        status=None if left_alone else answer.status,
        client=http.headers.get("user-agent", ""),
        duration_ms=round((time.monotonic() - began) * 1000, 3),
        write=changes(name),
    )
    if left_alone:
        return NoAnswer()
    kind = HalfAnswer if any(each.effect == "truncate" for each in faults) else Response
    return _response(kind, answer, request)


async def _answer(emulator: Emulator, request: Asked, faults: list[Fault]) -> Answer:
    system = emulator.system
    if system.settings.latency:
        await system.clock.sleep(system.settings.latency)
    for fault in faults:
        if fault.effect == "delay":
            await system.clock.sleep(fault.seconds)
        elif fault.effect == "status":
            code = int(fault.code) if fault.code.isdigit() and len(fault.code) == 4 else None
            return api.refusal(system, request, ApiError(fault.status, fault.message, code))
        elif fault.effect == "reset":
            return Answer(0, None, "")
        elif fault.effect == "unauthorized":
            return api.refusal(system, request, unauthorized())
    return api.serve(system, request, next((each.job_fault for each in faults if each.job_fault), None))


def _response(kind: type[Response], answer: Answer, request: Asked) -> Response:
    content, media = answer.encoded(request.params.get("response", "").lower() == "json")
    headers = {**answer.headers, "X-Content-Type-Options": "nosniff"}
    made = kind(content, answer.status, headers, media)
    for name, value in answer.cookies.items():
        session = name == "JSESSIONID"
        made.set_cookie(
            name,
            value,
            path="/client" if session else "/",
            httponly=True,
            samesite=None if session else "lax",
        )
    return made
