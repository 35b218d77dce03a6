"""What the control interface tells and changes of an emulated cluster: settings, state, exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from lab.http.control import Call, Handlers
from lab.ontap.exports import as_json
from lab.ontap.model import Document
from lab.ontap.system import System


def release(system: System) -> None:
    """Let the jobs go on that hang."""
    for job in system.store.table("jobs").values():
        if job.pop("~hangs", False):
            # What an `applied` hang has done already is not done twice.
            done = job["~fault"]["effect"]
            job["~fault"] = None
            if done:
                job.update({"state": "success", "message": "success", "code": 0})
    system.settle()


def _settings(call: Call[System]) -> Any:
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


def _state(call: Call[System]) -> Any:
    return state_of(call.emulator.system)


def state_of(system: System) -> dict[str, Any]:
    """Every record by table, the recovery queue with them."""
    tables: dict[str, list[Document]] = {}
    for name, table in system.store.tables.items():
        tables[name] = [{k.lstrip("~"): v for k, v in each.items()} for each in table.values()]
    return {"tables": tables, "settings": asdict(system.settings), "export_error": system.export_error}


def _exports(call: Call[System]) -> Any:
    return {"exports": as_json(call.emulator.system.exports()), "error": call.emulator.system.export_error}


CONTROLS: Handlers[System] = {
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("GET", "state"): _state,
    ("GET", "exports"): _exports,
}
