"""What the engine says, event by event, as findings and troubles. Pure.

A stream of `preview --refresh` holds both looks: an event `refresh` for every resource that was read, then what `up`
would do to it. In the stream of `refresh --preview-only` the operation is what the refresh itself would do to the state.
Outputs never make a finding: what counts is the detailed difference, which the provider makes of declared properties only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from strata.drift import paths
from strata.drift.engine import Ran
from strata.drift.finding import Change, Finding, Look, Net, Trouble, kind_of

NO_SUCH_STACK: Final = 6
"""The engine's exit code for a stack that its backend does not know."""
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's mark for a value that is known only after something else was made."""
ROOT: Final = "pulumi:pulumi:Stack"
NOT_RESOURCES: Final = (ROOT, "pulumi:providers:")
"""A provider is how systems are reached: a rotated password is no drift."""
CHANGES: Final = ("update", "replace", "create-replacement")
SAYS_NOTHING: Final = ("preview failed", "refresh failed", "an unhandled error occurred: program exited")
"""What the engine adds to the sentence that tells the reason."""

Event = Mapping[str, Any]
Reader = Callable[[Event], Iterator[Finding]]


@dataclass(frozen=True)
class _Step:
    """One step of the engine: `old` and `new` are None where there is none."""

    event: str
    op: str
    urn: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    differences: Mapping[str, str]

    @property
    def counts(self) -> bool:
        """Whether it is about a resource on a system, not about a component or a provider."""
        custom = (self.new or self.old or {}).get("custom", False)
        return bool(custom) and not kind_of(self.urn).startswith(NOT_RESOURCES)


def of_preview(ran: Ran, stack: str) -> Look:
    """The look that `preview --refresh` had: both nets."""
    return _look(ran, stack, _of_preview)


def of_refresh(ran: Ran, stack: str) -> Look:
    """The look that `refresh --preview-only` had: the net of the refresh alone."""
    return _look(ran, stack, _of_refresh)


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each property once; what both looks saw is of both, with the declaration of the program."""
    by_place: dict[tuple[str, str], Finding] = {}
    gone = set()
    for one in findings:
        other = by_place.get((one.urn, one.path))
        if one.change is Change.GONE:
            gone.add(one.urn)
        if other is None:
            by_place[one.urn, one.path] = one
        else:
            up = one if one.net is Net.UP else other
            net = one.net if one.net is other.net else Net.BOTH
            by_place[one.urn, one.path] = replace(up, net=net, replaces=one.replaces or other.replaces)
    return tuple(
        replace(one, change=Change.GONE) if one.change is Change.UNMADE and one.urn in gone else one
        for one in by_place.values()
    )


def _look(ran: Ran, stack: str, findings_of: Callable[[_Step], Iterator[Finding]]) -> Look:
    if ran.code == NO_SUCH_STACK:
        return Look(began=False, never_up=True)
    events = list(_events(ran.stdout))
    steps = [step for event in events for step in _steps(event)]
    if any(step.op == "create" and kind_of(step.urn) == ROOT for step in steps):
        return Look(never_up=True)
    return Look(
        findings=merged(finding for step in steps if step.counts for finding in findings_of(step)),
        troubles=tuple(dict.fromkeys(_troubles(ran, events, stack))),
        resources=frozenset(step.urn for step in steps if step.counts),
        began=bool(steps),
    )


def _of_preview(step: _Step) -> Iterator[Finding]:
    if step.event == "resOutputsEvent" and step.op == "refresh":
        yield from _refreshed(step)
    # The event before the operation: the one after it is missing where the provider refuses the operation.
    elif step.event == "resourcePreEvent" and step.op in CHANGES:
        yield from _changed(step, Net.UP, declared=_inputs(step.new), actual=_known(step.old))
    elif step.event == "resourcePreEvent" and step.op in ("create", "import"):
        yield Finding(step.urn, Change.UNMADE, Net.UP)
    elif step.event == "resourcePreEvent" and step.op == "delete":
        yield Finding(step.urn, Change.UNDECLARED, Net.UP)


def _of_refresh(step: _Step) -> Iterator[Finding]:
    if step.event == "resOutputsEvent" and step.op in ("update", "delete"):
        yield from _refreshed(step)


def _refreshed(step: _Step) -> Iterator[Finding]:
    if step.new is None:
        yield Finding(step.urn, Change.GONE, Net.REFRESH)
    elif step.differences:
        yield from _changed(step, Net.REFRESH, declared=_inputs(step.old), actual=_known(step.new))


def _changed(
    step: _Step, net: Net, declared: Callable[[str], Any], actual: Callable[[str], Any]
) -> Iterator[Finding]:
    if not step.differences:
        yield Finding(step.urn, Change.UNFINISHED, net)
    for path, kind in step.differences.items():
        wanted = declared(path)
        # It follows from another resource that has to be made first, and that one is a finding.
        if not _holds_unknown(wanted):
            yield Finding(
                step.urn, Change.CHANGED, net, path, wanted, actual(path), replaces=kind.endswith("-replace")
            )


def _inputs(state: Mapping[str, Any] | None) -> Callable[[str], Any]:
    return lambda path: paths.at((state or {}).get("inputs") or {}, path)


def _known(state: Mapping[str, Any] | None) -> Callable[[str], Any]:
    """What was observed, and where nothing was, what was recorded."""

    def value(path: str) -> Any:
        observed = paths.at((state or {}).get("outputs") or {}, path)
        return paths.at((state or {}).get("inputs") or {}, path) if observed is None else observed

    return value


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return any(map(_holds_unknown, value)) if isinstance(value, list) else value == UNKNOWN


def _steps(event: Event) -> Iterator[_Step]:
    for name in ("resourcePreEvent", "resOutputsEvent"):
        if body := event.get(name):
            told = body["metadata"]
            by_path = {
                path: one.get("diffKind", "update") for path, one in (told.get("detailedDiff") or {}).items()
            }
            differences = by_path or dict.fromkeys(told.get("diffs") or (), "update")
            yield _Step(name, told["op"], told["urn"], told.get("old"), told.get("new"), differences)


def _troubles(ran: Ran, events: list[Event], stack: str) -> Iterator[Trouble]:
    told = list(_told(events))
    yield from told
    if ran.code and not told:
        words = [line.strip().removeprefix("error: ") for line in ran.stderr.splitlines() if line.strip()]
        answer = " ".join(words) or "nothing"
        yield Trouble(
            f"The engine could not look at stack {stack} (exit code {ran.code}); it said: "
            f"{_harmless(answer).rstrip('.')}."
        )
    if not ran.code and not any("summaryEvent" in event for event in events):
        yield Trouble(
            f"The engine's answer about stack {stack} can't be read: it is not the stream of events that the engine "
            "of this release writes. Run `make setup` and repeat."
        )


def _told(events: list[Event]) -> Iterator[Trouble]:
    for event in events:
        told = event.get("diagnosticEvent") or {}
        message = told.get("message", "").strip()
        if told.get("severity") == "error" and not message.startswith(SAYS_NOTHING):
            yield Trouble(_harmless(message.removeprefix("Preview failed: ")), told.get("urn") or None)


def _harmless(text: str) -> str:
    """A sentence that may quote a system, without what a terminal would obey."""
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)


def _events(stdout: str) -> Iterator[Event]:
    for line in stdout.splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(event, dict):
            yield event
