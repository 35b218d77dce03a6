"""The control interface under /_lab: journal, faults, clock, settings, state, exports. Not journalled itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.ontap.exports import as_json
from lab.ontap.faults import Fault
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.ontap.server import Emulator


@dataclass(frozen=True)
class Call:
    """One request to the control interface, authorized and parsed."""

    emulator: Emulator
    query: Mapping[str, str]
    body: dict[str, Any]


Handler = Callable[[Call], Any]


async def endpoint(request: Request) -> Response:
    """One request to /_lab/…; it needs the administrator's password as the API does."""
    emulator: Emulator = request.app.state.emulator
    if not emulator.authorized(request):
        return JSONResponse({"error": "The control interface needs the administrator's password."}, 401)
    handler = _HANDLERS.get((request.method, request.path_params["what"]))
    if handler is None:
        known = sorted({f"{method} /_lab/{what}" for method, what in _HANDLERS})
        return JSONResponse({"error": f"There is no such control; there are: {', '.join(known)}."}, 404)
    raw = await request.body()
    try:
        body = json.loads(raw) if raw.strip() else {}
        with emulator.system.lock:
            return JSONResponse(handler(Call(emulator, request.query_params, body)))
    except (ValueError, TypeError, KeyError) as error:
        return JSONResponse({"error": str(error)}, 400)


def _journal(call: Call) -> Any:
    since = int(call.query.get("since", "0"))
    writes = call.query.get("writes", "0").lower() in ("1", "true")
    entries = call.emulator.journal.entries(since, writes)
    return {"last": call.emulator.journal.last, "entries": [asdict(each) for each in entries]}


def _clear_journal(call: Call) -> Any:
    call.emulator.journal.clear()
    return {"last": call.emulator.journal.last}


def _faults(call: Call) -> Any:
    return {"faults": call.emulator.faults.listed()}


def _add_fault(call: Call) -> Any:
    known = {each.name for each in fields(Fault)}
    surplus = sorted(set(call.body) - known)
    if surplus:
        raise ValueError(f"A fault has no {', '.join(surplus)}; it has: {', '.join(sorted(known))}.")
    call.emulator.faults.add(Fault(**call.body))
    return {"faults": call.emulator.faults.listed()}


def _clear_faults(call: Call) -> Any:
    release(call.emulator)
    return {"faults": []}


def release(emulator: Emulator) -> None:
    """Take all faults away and let the jobs go on that hang."""
    emulator.faults.clear()
    for job in emulator.system.store.table("jobs").values():
        if job.pop("~hangs", False):
            # What an `applied` hang has done already is not done twice.
            done = job["~fault"]["effect"]
            job["~fault"] = None
            if done:
                job.update({"state": "success", "message": "success", "code": 0})
    emulator.system.settle()


def _advance(call: Call) -> Any:
    call.emulator.system.clock.advance(float(call.body["advance"]))
    call.emulator.system.settle()
    return {"now": call.emulator.system.clock.now()}


def _settings(call: Call) -> Any:
    settings = call.emulator.system.settings
    kinds: dict[str, Callable[[Any], Any]] = {
        "version": str,
        "platform": str,
        "latency": float,
        "job_seconds": float,
        "errors_in_jobs": lambda codes: tuple(str(each) for each in codes),
    }
    for name, value in call.body.items():
        if name not in kinds:
            raise ValueError(f'There is no setting "{name}"; there are: {", ".join(kinds)}.')
        setattr(settings, name, kinds[name](value))
    return asdict(settings)


def _state(call: Call) -> Any:
    return state_of(call.emulator)


def state_of(emulator: Emulator) -> dict[str, Any]:
    """Every record by table, the recovery queue with them."""
    system = emulator.system
    tables: dict[str, list[Document]] = {}
    for name, table in system.store.tables.items():
        tables[name] = [{k.lstrip("~"): v for k, v in each.items()} for each in table.values()]
    return {"tables": tables, "settings": asdict(system.settings), "export_error": system.export_error}


def _exports(call: Call) -> Any:
    return {"exports": as_json(call.emulator.system.exports()), "error": call.emulator.system.export_error}


_HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _clear_journal,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "clock"): _advance,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("GET", "state"): _state,
    ("GET", "exports"): _exports,
}
