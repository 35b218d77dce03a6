"""What a cutover changes beside the locations (the setting, the drop-in): planned, saved before, and put back.

setting.json
  open     true from before the first act until the new service has answered, or everything was put back
  back     whether everything was put back; else the new service has answered
  memory   what gives the setting back as it was before the first move (strata.hostfiles.ini.restore)
  resumed  a cutover before this one died: what it had done is put back too
  live     only where Glance was not stopped: [pid, start] of the process that has not been told of any of it yet; null as soon as
           it was (or may have been), so that putting back has to stop it
  workers  those that it had then: where one of them is gone, somebody else may have told it
  boot     of the host, to which every [pid, start] belongs
  draining the workers that served when it was told, as [pid, start]: until they end they may take images into the old directory
  undo     what puts the setting back as it was before the cutover at work; guard: the drop-in before that
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from strata.hostfiles import ini
from strata.migration import points, replacing, service, workers
from strata.migration.failure import Stopped
from strata.migration.journal import Journal
from strata.migration.spec import Setting, Spec
from strata.migration.workers import Parent, Process

FILE = "setting.json"


@dataclass(frozen=True)
class Plan:
    """The configuration file now and then, the drop-in now, and the document for setting.json."""

    text: str
    wanted: str
    guard: str | None
    document: dict[str, Any]
    resumed: bool

    @property
    def wanted_value(self) -> str | None:
        """What the setting is to say."""
        one = self.document["spec"]["setting"]
        return ini.get(self.wanted, one["section"], one["option"])

    @property
    def changes(self) -> bool:
        return self.text != self.wanted


def at_work(journal: Journal) -> dict[str, Any] | None:
    """The document of a cutover that has not come to its end."""
    found: dict[str, Any] = journal.read(FILE) or {}
    return found if found.get("open") else None


def plan(journal: Journal, spec: Spec, files: Sequence[str] = ()) -> Plan:
    """Reads what there is; writes nothing. files: Glance's configuration files, in the order in which it reads them."""
    one = spec.setting
    _refuse_overruled(one, files)
    text = replacing.read(one.file)
    if text is None:
        raise Stopped(f"Glance's configuration {one.file} does not exist. Name the file that Glance uses.")
    guard = replacing.read(spec.guard.path) if spec.guard else None
    known: dict[str, Any] = journal.read(FILE) or {}
    wanted, memory, undo = _edited(text, one)
    resumed = bool(known.get("open")) and _same(known, spec)
    if resumed:
        # A cutover died: what was before it, and not what it left, is what putting back means.
        undo, guard_before, memory = known["undo"], known["guard"], known["memory"]
    else:
        guard_before = {"path": spec.guard.path, "before": guard} if spec.guard else None
        if text == wanted and known.get("memory") is not None:
            memory = known["memory"]
    document = {
        "open": True,
        "spec": spec.document(),
        "memory": memory,
        "undo": undo,
        "guard": guard_before,
        "resumed": resumed,
    }
    return Plan(text, wanted, guard, document, resumed)


def serving(journal: Journal, plan: Plan, parent: Parent) -> Plan:
    """The plan for a Glance that is not stopped. Of one that a dead cutover may have told of it, nothing is known."""
    known, main = journal.read(FILE) or {}, parent.main.identity
    knows_nothing = not plan.resumed or (untold(known) and known["live"] == main)
    # Those that a dead cutover has seen, if there was one: the others may have come because it was told.
    seen = known.get("workers", []) if plan.resumed else [one.identity for one in parent.children]
    live = {"live": main if knows_nothing else None, "workers": seen, "boot": workers.boot()}
    return replace(plan, document={**plan.document, **live})


def as_told(journal: Journal, plan: Plan) -> dict[str, Any]:
    """The plan's document, with what was noted since of who has been told; who can't read that counts it as told."""
    if "live" not in plan.document:
        return plan.document
    try:
        known = journal.read(FILE) or plan.document
    except (Stopped, OSError):
        known = {}
    return {**plan.document, "live": known.get("live")}


def draining(journal: Journal) -> tuple[Process, ...]:
    """Workers of before a switch that still serve, where the program died that waited for their end."""
    try:
        known: dict[str, Any] = journal.read(FILE) or {}
    except (Stopped, OSError):
        return ()
    return tuple(one for one in _processes(known, "draining") if workers.alive(one))


def untold(document: dict[str, Any]) -> bool:
    """Whether the process that runs is the one of before, and knows nothing of what the cutover has written."""
    if not document.get("live") or document.get("boot") != workers.boot():
        return False
    return all(workers.alive(one) for one in (Process(*document["live"]), *_processes(document, "workers")))


def _processes(document: dict[str, Any], name: str) -> list[Process]:
    """As they were noted; after a boot their numbers are those of others."""
    if document.get("boot") != workers.boot():
        return []
    return [Process(*one) for one in document.get(name, [])]


def put_setting_back(document: dict[str, Any]) -> bool:
    """True when something had to be changed; what somebody else has written since stays."""
    one = Setting(**document["spec"]["setting"])
    text = replacing.read(one.file)
    if text is None:
        raise Stopped(f"Glance's configuration {one.file} is gone; its backup is {one.file}.strata-backup.")
    staged = replacing.stage(one.file, text, before(document, text), backup=False)
    staged.put()
    points.reach("rollback.setting", one.file)
    return staged.new is not None


def before(document: dict[str, Any], text: str) -> str:
    """The configuration as it was before the cutover, made from the present one."""
    one, undo = Setting(**document["spec"]["setting"]), document["undo"]
    now = ini.get(text, one.section, one.option)
    if one.value is not None:
        return ini.restore(text, one.section, one.option, undo["memory"]) if now == one.value else text
    if undo["value"] is None or now == undo["value"]:
        return text
    return ini.set_option(text, one.section, one.option, undo["value"]).text


def put_guard(path: str, text: str | None, *, tell: bool) -> bool:
    """Writes or removes the drop-in, and lets systemd know; False where it is so already.

    tell: lets systemd know in any case: a process that died may have written it and not said so.
    """
    now = replacing.read(path)
    if text is None:
        replacing.staged_at(path).drop()
        replacing.remove(path)
    elif now != text:
        replacing.stage(path, now, text, backup=False).put()
    if now != text or tell:
        points.reach("guard.written", path)
        service.reload()
    return now != text


def close(journal: Journal, document: dict[str, Any], *, back: bool) -> None:
    """It came to its end; back: everything is as before."""
    journal.write(FILE, {**document, "open": False, "back": back})


def _edited(text: str, one: Setting) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """(the text as wanted, the memory that gives back, what puts back)."""
    if one.value is not None:
        edited = ini.set_option(text, one.section, one.option, one.value)
        return edited.text, edited.memory, {"memory": edited.memory}
    memory = one.memory or {}
    wanted = ini.restore(text, one.section, one.option, memory)
    return wanted, memory, {"value": ini.get(text, one.section, one.option)}


def _refuse_overruled(one: Setting, files: Sequence[str]) -> None:
    """What a later file says counts; Glance would start, and take new images where nobody moves them from."""
    real = [os.path.realpath(path) for path in files]
    if one.value is None or os.path.realpath(one.file) not in real:
        return
    for path in files[real.index(os.path.realpath(one.file)) + 1 :]:
        said = ini.get(replacing.read(path) or "", one.section, one.option)
        if said is not None and said != one.value:
            raise Stopped(
                f"{path} sets {one.option} of [{one.section}] to {said}, and counts instead of {one.file}. Nothing was changed. "
                "Take the option out of that file and repeat."
            )


def _same(known: dict[str, Any], spec: Spec) -> bool:
    """Whether the cutover that died wanted the same."""
    return bool(known["spec"]["setting"] == asdict(spec.setting)) and (known["guard"] or {}).get("path") == (
        spec.guard.path if spec.guard else None
    )
