"""What the engine said, recorded or made by hand, and what a stack's file says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from strata.drift.engine import Ran
from strata.drift.finding import Finding

STREAMS = Path(__file__).parent / "streams"
VOLUME = "urn:pulumi:lab::strata::strata:components:OntapVolume$strata:ontap:Volume::images"
STACK_FILE = """\
config:
  strata:ontap:
    clusters:
      cluster01: {hostname: c1, username: admin, password: {env: PASSWORD}}
    volumes:
      images:
        cluster: cluster01
        svm: demo-nfs-svm
        aggregate: aggr1
        size: 50GiB
        junctionPath: /images
        efficiency: {dedupe: background}
        exportPolicy:
          rules:
            - {clients: [10.130.208.0/24], readOnly: [sys], readWrite: [sys], superuser: [sys]}
"""


def recorded(name: str, code: int = 0) -> Ran:
    """A recording by its name, `changed.preview`."""
    return Ran(code, (STREAMS / f"{name}.jsonl").read_text(), "")


def ran(*events: Mapping[str, Any], code: int = 0, stderr: str = "") -> Ran:
    """A run that said these events, and that it is over."""
    end = {"summaryEvent": {"result": "failed" if code else "succeeded"}}
    return Ran(code, "".join(json.dumps(event) + "\n" for event in (*events, end)), stderr)


def step(
    op: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    differences: Mapping[str, str] | None = None,
    *,
    event: str = "resourcePreEvent",
    urn: str = VOLUME,
    **more: Any,
) -> dict[str, Any]:
    """One step of the engine; `old` and `new` hold `inputs` and `outputs`."""

    def state(given: Mapping[str, Any] | None) -> Any:
        return given and {"custom": True, **given}

    detailed = differences and {
        path: {"diffKind": kind, "inputDiff": False} for path, kind in differences.items()
    }
    told = {"op": op, "urn": urn, "old": state(old), "new": state(new), "detailedDiff": detailed, **more}
    return {event: {"metadata": told}}


def error(message: str, urn: str | None = None) -> dict[str, Any]:
    """A sentence of the engine or a provider."""
    return {
        "diagnosticEvent": {"severity": "error", "message": f"{message}\n", **({"urn": urn} if urn else {})}
    }


def lines(findings: Iterable[Finding]) -> list[str]:
    """`ontap:Volume/images size 50GiB->60GiB changed both`, sorted."""
    return sorted(
        f"{one.resource} {one.path} {one.declared}->{one.actual} {one.change} {one.net}"
        if one.path
        else f"{one.resource} {one.change} {one.net}"
        for one in findings
    )
