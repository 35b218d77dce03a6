"""The emulator as an ASGI application: faults, the API, the journal, restarts, and the control interface."""

from __future__ import annotations

import asyncio
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from lab.cloudstack import api
from lab.cloudstack.commands import changes
from lab.cloudstack.config import Config
from lab.cloudstack.control import CONTROLS
from lab.cloudstack.errors import ApiError, unauthorized
from lab.cloudstack.jobs import release
from lab.cloudstack.system import System
from lab.cloudstack.wire import Answer, Asked, asked, redacted
from lab.http.control import control
from lab.http.disconnect import HalfAnswer, NoAnswer
from lab.http.emulator import Emulator
from lab.http.faults import Fault, Faults
from lab.http.journal import Journal
from lab.http.serving import server_config
from lab.http.ticking import ticking

PATH = "/client/api"
_METHODS = ["GET", "POST", "PUT", "DELETE"]


def create_app(config: Config) -> Starlette:
    """The application for one management server; its state is read from `config.data_dir` and kept there."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    system = System(config)

    async def step() -> None:
        system.settle()
        await asyncio.to_thread(system.deliver)

    routes = [
        Route("/_lab/{what}", control(CONTROLS, release), methods=_METHODS),
        Route(PATH, _endpoint, methods=_METHODS),
        Route(PATH + "/", _endpoint, methods=_METHODS),
    ]
    app = Starlette(routes=routes, lifespan=ticking(step))
    # Faults' paths are `/client/api/<command>`.
    app.state.emulator = Emulator(system, Journal(config.journal_file), Faults())
    return app


def new_server(app: Starlette) -> uvicorn.Server:
    """A server for the application, plain HTTP as in the seed."""
    return uvicorn.Server(server_config(app))


async def _endpoint(http: HttpRequest) -> Response:
    """One request to the API, journalled; while the server restarts there is no answer."""
    emulator: Emulator[System] = http.app.state.emulator
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


async def _answer(emulator: Emulator[System], request: Asked, faults: list[Fault]) -> Answer:
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
