"""What the control interface tells and changes of a management server: settings, state, restart, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from lab.cloudstack import system_vms, templates
from lab.cloudstack.config import Settings
from lab.cloudstack.system import System
from lab.http.control import Call, Handlers

_HIDDEN = {"password", "secretkey", "apikey", "details"}


def configure(system: System, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change settings by name; each keeps its type."""
    known = {each.name for each in fields(Settings)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f'There is no setting "{name}"; there are: {", ".join(sorted(known))}.')
        setattr(system.settings, name, type(getattr(system.settings, name))(value))
    return asdict(system.settings)


def _settings(call: Call[System]) -> Any:
    return configure(call.emulator.system, call.body)


def _state(call: Call[System]) -> Any:
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


def _restart(call: Call[System]) -> Any:
    seconds = call.body.get("seconds")
    call.emulator.system.restart(None if seconds is None else float(seconds))
    return {"down_until": call.emulator.system.down_until}


def _boot(call: Call[System]) -> Any:
    """The service on the management server starts; it listens when it has taken its time."""
    call.emulator.system.restart(0)
    return {"seconds": call.emulator.system.settings.restart_seconds}


def _system_template(call: Call[System]) -> Any:
    """What the database tells the installer of a hypervisor's system template."""
    return templates.system_template(call.emulator.system, str(call.body["hypervisor"]))


def _seed_template(call: Call[System]) -> Any:
    zone = str(call.body["zoneid"])
    if call.emulator.system.live("zones", zone) is None:
        raise ValueError(f'There is no zone "{zone}".')
    templates.seed_template(call.emulator.system, zone)
    call.emulator.system.settle()
    return {"zoneid": zone}


def _user_templates(call: Call[System]) -> Any:
    """What users have stored, by name, in the image store `store`: no command of the emulator makes such a template."""
    store, names = call.body.get("store"), list(call.body["names"])
    table = call.emulator.system.store.table("user_templates")
    table.clear()
    for number, name in enumerate(names, start=1):
        id = f"t{number}"
        shown = {"id": id, "name": name, "templatetype": "USER", "downloaddetails": [{"datastoreId": store}]}
        table[id] = {"uuid": id, "~n": number, "store": store, "shown": shown}
    call.emulator.system.commit()
    return {"names": names}


CONTROLS: Handlers[System] = {
    ("GET", "settings"): _settings,
    ("POST", "settings"): _settings,
    ("GET", "state"): _state,
    ("POST", "restart"): _restart,
    ("POST", "boot"): _boot,
    ("POST", "systemtemplate"): _system_template,
    ("POST", "template"): _seed_template,
    ("POST", "usertemplates"): _user_templates,
}
