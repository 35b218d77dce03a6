"""The emulator as an ASGI application: authentication, faults, the API, the journal, and the control interface."""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from lab.http.control import control
from lab.http.disconnect import HalfAnswer, NoAnswer
from lab.http.emulator import Emulator
from lab.http.faults import Fault, Faults
from lab.http.journal import Journal
from lab.http.ticking import ticking
from lab.ontap import rest
from lab.ontap.catalogue import RECORDS, resolve
from lab.ontap.config import Config
from lab.ontap.control import CONTROLS, release
from lab.ontap.errors import OntapError, not_found
from lab.ontap.links import wants_links
from lab.ontap.rest import Answer, Request
from lab.ontap.system import System
from lab.ontap.unverified import UNAUTHORIZED

_METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"]


def create_app(config: Config) -> Starlette:
    """The application for one emulated cluster; its state is read from `config.data_dir` and kept there."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    system = System(config, RECORDS)
    emulator = Emulator(system, Journal(config.journal_file), Faults())

    async def step() -> None:
        system.settle()

    routes = [
        Route("/_lab/{what}", control(CONTROLS, release), methods=_METHODS),
        Route("/{path:path}", _endpoint, methods=_METHODS),
    ]
    app = Starlette(routes=routes, lifespan=ticking(step))
    app.state.emulator = emulator
    return app


async def _endpoint(http: HttpRequest) -> Response:
    """One request to the API, journalled."""
    emulator: Emulator[System] = http.app.state.emulator
    began = time.monotonic()
    faults = emulator.faults.take(http.method, http.url.path)
    body, malformed = _body(await http.body())
    answer = await _answer(emulator, http, body, malformed, faults)
    left_alone = any(each.effect in ("reset", "lost_answer") for each in faults)
    emulator.journal.add(
        time=emulator.system.clock.now(),
        method=http.method,
        path=http.url.path,
        query=dict(http.query_params),
        body=body,
        status=None if left_alone else answer.status,
        client=http.headers.get("x-dot-client-app") or http.headers.get("user-agent", ""),
        duration_ms=round((time.monotonic() - began) * 1000, 3),
    )
    if left_alone:
        return NoAnswer()
    kind = HalfAnswer if any(each.effect == "truncate" for each in faults) else Response
    links = wants_links(http.headers.get("accept"))
    media = "application/hal+json" if links and answer.status < 400 else "application/json"
    return kind(json.dumps(answer.body), answer.status, answer.headers, media)


async def _answer(
    emulator: Emulator[System], http: HttpRequest, body: Any, malformed: bool, faults: list[Fault]
) -> Answer:
    system = emulator.system
    try:
        if system.settings.latency:
            await system.clock.sleep(system.settings.latency)
        for fault in faults:
            if fault.effect == "delay":
                await system.clock.sleep(fault.seconds)
            elif fault.effect == "status":
                error = OntapError(fault.code, fault.message, status=fault.status)
                return Answer(fault.status, error.document(), dict(fault.headers or {}))
            elif fault.effect == "reset":
                return Answer(0, {})
        if not emulator.authorized(http) or any(each.effect == "unauthorized" for each in faults):
            headers = {"WWW-Authenticate": 'Basic realm="ONTAP"'}
            return Answer(401, OntapError(UNAUTHORIZED, "User is not authorized.").document(), headers)
        if malformed:
            raise OntapError("2", "The body of the request is not valid JSON.")
        return await _serve(system, _request(system, http, body, faults))
    except OntapError as error:
        return Answer(error.status, error.document())


async def _serve(system: System, request: Request) -> Answer:
    if request.method == "GET":
        with system.lock:
            system.settle()
            return rest.read(system, request)
    with system.lock:
        system.settle()
        try:
            answer, jobs = rest.write(system, request)
        finally:
            system.commit()
    if jobs and request.return_timeout and await rest.wait_for(system, jobs, request.return_timeout):
        return rest.waited(request, answer, jobs)
    return answer


def _request(system: System, http: HttpRequest, body: Any, faults: list[Fault]) -> Request:
    """The request stripped of HTTP; an SVM context in a header counts like the filter `svm.name`."""
    target = resolve(http.url.path)
    if target is None:
        raise OntapError("3", f'API not found: "{http.url.path}".', status=404)
    if http.method not in ("GET", "POST", "PATCH", "DELETE"):
        raise OntapError("3", f"{http.method} is not supported on {http.url.path}.")
    query = {name: value for name, value in http.query_params.items() if value != ""}
    svm = _svm_context(system, http)
    if svm is not None and target.collection.field("svm.name"):
        query.setdefault("svm.name", svm)
    job_fault = next((each.job_fault for each in faults if each.job_fault), None)
    return Request(http.method, target, query, body, wants_links(http.headers.get("accept")), job_fault)


def _svm_context(system: System, http: HttpRequest) -> str | None:
    """The SVM of X-Dot-SVM-Name or X-Dot-SVM-UUID (facts: ontap 4)."""
    name, key = http.headers.get("x-dot-svm-name"), http.headers.get("x-dot-svm-uuid")
    for field, value in (("name", name), ("uuid", key)):
        if value:
            svm = system.store.find("svms", field, value)
            if svm is None:
                raise not_found(f'SVM "{value}"', "svm")
            return str(svm["name"])
    return None


def _body(raw: bytes) -> tuple[Any, bool]:
    """The parsed body, and whether it was no JSON."""
    if not raw.strip():
        return None, False
    try:
        return json.loads(raw), False
    except ValueError:
        return None, True


__all__ = ["create_app"]
