"""The control interface under /_lab: journal, faults, clock, settings, state, restart, seeding. Not journalled itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.cloudstack import jobs, system_vms, templates
from lab.cloudstack.config import Settings
from lab.ontap.faults import Fault

if TYPE_CHECKING:
    from lab.cloudstack.server import Emulator
    from lab.cloudstack.system import System

_HIDDEN = {"password", "secretkey", "apikey", "details"}


@dataclass(frozen=True)
class ControlCall:
    """One request to the control interface, authorized and parsed."""

    emulator: Emulator
    query: Mapping[str, str]
    body: dict[str, Any]


async def endpoint(request: Request) -> Response:
    """One request to /_lab/…; it needs the administrator's name and password."""
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
            return JSONResponse(handler(ControlCall(emulator, request.query_params, body)))
    except (ValueError, TypeError, KeyError) as error:
        return JSONResponse({"error": str(error)}, 400)


def _journal(call: ControlCall) -> Any:
    since = int(call.query.get("since", "0"))
    writes = call.query.get("writes", "0").lower() in ("1", "true")
    entries = call.emulator.journal.entries(since, writes)
    return {"last": call.emulator.journal.last, "entries": [asdict(each) for each in entries]}


def _clear_journal(call: ControlCall) -> Any:
    call.emulator.journal.clear()
    return {"last": call.emulator.journal.last}


def _faults(call: ControlCall) -> Any:
    return {"faults": call.emulator.faults.listed()}


def _add_fault(call: ControlCall) -> Any:
    known = {each.name for each in fields(Fault)}
    surplus = sorted(set(call.body) - known)
    if surplus:
        raise ValueError(f"A fault has no {', '.join(surplus)}; it has: {', '.join(sorted(known))}.")
    call.emulator.faults.add(Fault(**call.body))
    return {"faults": call.emulator.faults.listed()}


def _clear_faults(call: ControlCall) -> Any:
    call.emulator.faults.clear()
    jobs.release(call.emulator.system)
    return {"faults": []}


def _advance(call: ControlCall) -> Any:
    call.emulator.system.clock.advance(float(call.body["advance"]))
    call.emulator.system.settle()
    return {"now": call.emulator.system.clock.now()}


def configure(system: System, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change settings by name; each keeps its type."""
    known = {each.name for each in fields(Settings)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f'There is no setting "{name}"; there are: {", ".join(sorted(known))}.')
        setattr(system.settings, name, type(getattr(system.settings, name))(value))
    return asdict(system.settings)


def _settings(call: ControlCall) -> Any:
    return configure(call.emulator.system, call.body)


def _state(call: ControlCall) -> Any:
    return state_of(call.emulator.system)


def state_of(system: System) -> dict[str, Any]:
    """Every record by table without its secrets, and why each zone has no system VMs."""
    shown = {
        name: [{key: value for key, value in row.items() if key not in _HIDDEN} for row in table.values()]
        for name, table in system.store.tables.items()
    }
    why = {zone["name"]: system_vms.why_not(system, zone) for zone in system.rows("zones")}
    return {
        "tables": shown,
        "settings": asdict(system.settings),
        "why_no_system_vms": why,
        "ssvm_error": system.ssvm_error,
    }


def _restart(call: ControlCall) -> Any:
    seconds = call.body.get("seconds")
    call.emulator.system.restart(None if seconds is None else float(seconds))
    return {"down_until": call.emulator.system.down_until}


def _boot(call: ControlCall) -> Any:
    """The service on the management server starts; it listens when it has taken its time."""
    call.emulator.system.restart(0)
    return {"seconds": call.emulator.system.settings.restart_seconds}


def _system_template(call: ControlCall) -> Any:
    """What the database tells the installer of a hypervisor's system template."""
    return templates.system_template(call.emulator.system, str(call.body["hypervisor"]))


def _seed_template(call: ControlCall) -> Any:
    zone = str(call.body["zoneid"])
    if call.emulator.system.live("zones", zone) is None:
        raise ValueError(f'There is no zone "{zone}".')
    templates.seed_template(call.emulator.system, zone)
    call.emulator.system.settle()
    return {"zoneid": zone}


_HANDLERS: dict[tuple[str, str], Callable[[ControlCall], Any]] = {
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _clear_journal,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "clock"): _advance,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("GET", "state"): _state,
    ("POST", "restart"): _restart,
    ("POST", "boot"): _boot,
    ("POST", "systemtemplate"): _system_template,
    ("POST", "template"): _seed_template,
}
