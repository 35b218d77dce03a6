"""Storage efficiency: `volume efficiency on` is `efficiency.dedupe = background` (facts: ontap 0.1 and 0.2)."""

from __future__ import annotations

from lab.ontap.errors import OntapError
from lab.ontap.model import Document
from lab.ontap.store import Store
from lab.ontap.unverified import UNKNOWN_EFFICIENCY_POLICY

FEATURES = (
    "efficiency.dedupe",
    "efficiency.compression",
    "efficiency.compaction",
    "efficiency.cross_volume_dedupe",
)
UNSET_POLICY = "-"


def enabled(volume: Document) -> bool:
    """The read-only state: at least one feature is on."""
    return any(volume.get(feature, "none") != "none" for feature in FEATURES)


def check_efficiency(store: Store, body: Document, platform: str) -> None:
    """What is refused at once: setting the state outside FSx, and a policy that does not exist."""
    if "efficiency.state" in body and platform != "fsx":
        words = 'Setting "efficiency.state" is not supported on this platform.'
        raise OntapError("6881640", words, "efficiency.state")
    policy = body.get("efficiency.policy.name")
    known = policy in ("", UNSET_POLICY, None) or store.find("efficiency_policies", "name", policy)
    if not known:
        words = f'Volume efficiency policy "{policy}" does not exist.'
        raise OntapError(UNKNOWN_EFFICIENCY_POLICY, words, "efficiency.policy.name")


def created_efficiency(body: Document, platform: str) -> None:
    """Defaults at create. The policy is accepted there and has no effect: a read keeps showing "-"."""
    body.pop("efficiency.policy.name", None)
    wanted = body.pop("efficiency.state", None)
    if wanted == "enabled" and platform == "fsx":
        body.setdefault("efficiency.dedupe", "background")
    for feature in FEATURES:
        body.setdefault(feature, "none")


def modified_efficiency(volume: Document, body: Document) -> None:
    """Fold a PATCH into the volume; policy and compression are refused while efficiency is off, in the job."""
    wanted = body.pop("efficiency.state", None)
    if wanted == "enabled" and not enabled(volume):
        body.setdefault("efficiency.dedupe", "background")
    if wanted == "disabled":
        body.update(dict.fromkeys(FEATURES, "none"))
    others = [each for each in FEATURES if each != "efficiency.compression"]
    on = enabled(volume) or any(body.get(each, "none") != "none" for each in others)
    asks_compression = body.get("efficiency.compression", "none") != "none"
    if not on and (asks_compression or "efficiency.policy.name" in body):
        raise OntapError("6881332", f'Failed to modify volume "{volume["name"]}": Operation is not enabled.')
    volume.update({name: value for name, value in body.items() if name.startswith("efficiency.")})


def view_efficiency(volume: Document, schedules: dict[str, str]) -> Document:
    """The computed part of the record."""
    on = enabled(volume)
    policy = (volume.get("efficiency.policy.name") or UNSET_POLICY) if on else UNSET_POLICY
    return {
        "efficiency.state": "enabled" if on else "disabled",
        "efficiency.policy.name": policy,
        "efficiency.schedule": schedules.get(policy, "-"),
        "efficiency.op_state": "idle",
        "efficiency.volume_path": f"/vol/{volume['name']}",
    }
