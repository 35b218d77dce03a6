"""The control interface under /_lab: journal, faults and clock, which every emulator has, and what each adds.

It needs the administrator's name and password, and is not journalled itself.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.http.emulator import Emulated, Emulator
from lab.http.faults import Fault

S = TypeVar("S", bound=Emulated)


@dataclass(frozen=True)
class Call(Generic[S]):
    """One request to the control interface, authorized and parsed."""

    emulator: Emulator[S]
    query: Mapping[str, str]
    body: dict[str, Any]


Handler = Callable[[Call[S]], Any]
Handlers = Mapping[tuple[str, str], Handler[S]]


def calm(emulator: Emulator[S], release: Callable[[S], None]) -> None:
    """Take all faults away and let the jobs go on that hang."""
    emulator.faults.clear()
    release(emulator.system)


def control(own: Handlers[S], release: Callable[[S], None]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of /_lab/{what}: the common handlers and the system's `own`; `release` frees jobs that hang."""

    def clear_faults(call: Call[S]) -> Any:
        calm(call.emulator, release)
        return {"faults": []}

    handlers: Handlers[S] = {
        ("GET", "journal"): _journal,
        ("DELETE", "journal"): _clear_journal,
        ("GET", "faults"): _faults,
        ("POST", "faults"): _add_fault,
        ("DELETE", "faults"): clear_faults,
        ("POST", "clock"): _advance,
        **own,
    }

    async def endpoint(request: Request) -> Response:
        emulator: Emulator[S] = request.app.state.emulator
        if not emulator.authorized(request):
            return JSONResponse({"error": "The control interface needs the administrator's password."}, 401)
        handler = handlers.get((request.method, request.path_params["what"]))
        if handler is None:
            known = sorted({f"{method} /_lab/{what}" for method, what in handlers})
            return JSONResponse({"error": f"There is no such control; there are: {', '.join(known)}."}, 404)
        raw = await request.body()
        try:
            body = json.loads(raw) if raw.strip() else {}
            with emulator.system.lock:
                return JSONResponse(handler(Call(emulator, request.query_params, body)))
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


def _journal(call: Call[S]) -> Any:
    since = int(call.query.get("since", "0"))
    writes = call.query.get("writes", "0").lower() in ("1", "true")
    entries = call.emulator.journal.entries(since, writes)
    return {"last": call.emulator.journal.last, "entries": [asdict(each) for each in entries]}


def _clear_journal(call: Call[S]) -> Any:
    call.emulator.journal.clear()
    return {"last": call.emulator.journal.last}


def _faults(call: Call[S]) -> Any:
    return {"faults": call.emulator.faults.listed()}


def _add_fault(call: Call[S]) -> Any:
    known = {each.name for each in fields(Fault)}
    surplus = sorted(set(call.body) - known)
    if surplus:
        raise ValueError(f"A fault has no {', '.join(surplus)}; it has: {', '.join(sorted(known))}.")
    call.emulator.faults.add(Fault(**call.body))
    return {"faults": call.emulator.faults.listed()}


def _advance(call: Call[S]) -> Any:
    call.emulator.system.clock.advance(float(call.body["advance"]))
    call.emulator.system.settle()
    return {"now": call.emulator.system.clock.now()}
