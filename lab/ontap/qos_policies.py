"""QoS policies of an SVM: a fixed or an adaptive limit. Source: facts: ontap 2 (QoS) and 8."""

from __future__ import annotations

import uuid
from collections.abc import Collection as Names
from dataclasses import replace

from lab.ontap.errors import OntapError
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.named import svm_of
from lab.ontap.system import System
from lab.ontap.unverified import QOS_POLICY_IN_USE

_NUMBERS = (
    "fixed.max_throughput_iops",
    "fixed.max_throughput_mbps",
    "fixed.min_throughput_iops",
    "fixed.min_throughput_mbps",
    "adaptive.expected_iops",
    "adaptive.peak_iops",
    "adaptive.absolute_min_iops",
)

QOS_POLICIES = Collection(
    table="qos_policies",
    path="/api/storage/qos/policies",
    keys=("uuid",),
    identity=("uuid", "name"),
    by_job=True,
    verbs=frozenset({"read", "create", "modify", "remove"}),
    references={"svm": "/api/svm/svms"},
    fields=(
        Field("uuid"),
        Field("name", "pc"),
        Field("svm.name", "p"),
        Field("svm.uuid", "p"),
        Field("policy_class"),
        Field("scope"),
        Field("object_count", shape=Shape.INTEGER),
        Field("fixed.capacity_shared", "pc", Shape.FLAG),
        *(Field(name, "pc", Shape.INTEGER) for name in _NUMBERS),
    ),
    unmodelled=("adaptive", "burst", "pgid"),
)


class QosPolicies:
    """The behaviour of /api/storage/qos/policies."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """The policy with the number of volumes under it."""
        return {**document, "object_count": len(_users(system, document["uuid"]))}

    def check(self, system: System, change: Change) -> Change:
        """Judge the request."""
        table = system.store.table("qos_policies")
        if change.verb == "create":
            body = dict(change.body)
            if not body.get("name"):
                raise OntapError("2", 'The field "name" is required.', "name")
            svm_of(system.store, body)
            if any(each["name"] == body["name"] for each in table.values()):
                raise OntapError("8454154", f'A QoS policy named "{body["name"]}" exists already.', "name")
            _check_limits(body)
            return replace(change, key=str(uuid.uuid4()), body=body)
        if change.key not in table:
            raise OntapError("4", f"entry doesn't exist (QoS policy {change.key})", "uuid")
        if change.verb == "modify":
            _check_kind(table[change.key], change.body)
            _check_limits({**table[change.key], **change.body})
        elif users := _users(system, change.key):
            words = f'QoS policy "{table[change.key]["name"]}" is in use by volume "{users[0]["name"]}".'
            raise OntapError(QOS_POLICY_IN_USE, words)
        return change

    def apply(self, system: System, change: Change) -> None:
        """What the job does."""
        table = system.store.table("qos_policies")
        if change.verb == "create":
            fixed = {"policy_class": "user_defined", "scope": "svm"}
            shared = {} if _adaptive(change.body) else {"fixed.capacity_shared": False}
            table[change.key] = {"uuid": change.key, **fixed, **shared, **change.body}
        elif change.verb == "modify":
            table[change.key].update(change.body)
        else:
            del table[change.key]


def _users(system: System, key: str) -> list[Document]:
    return [each for each in system.store.table("volumes").values() if each.get("qos.policy.uuid") == key]


def _adaptive(body: Document) -> bool:
    return any(name.startswith("adaptive.") for name in body)


def _check_kind(policy: Document, body: Document) -> None:
    if _adaptive(body) and not _adaptive(policy):
        raise OntapError("8454327", "A fixed QoS policy cannot be made adaptive.", "adaptive")
    if _adaptive(policy) and any(name.startswith("fixed.") for name in body):
        raise OntapError("8454328", "An adaptive QoS policy cannot be made fixed.", "fixed")


def _check_limits(body: Document) -> None:
    for unit in ("iops", "mbps"):
        low, high = body.get(f"fixed.min_throughput_{unit}", 0), body.get(f"fixed.max_throughput_{unit}", 0)
        if high and low > high:
            words = "The minimum throughput is larger than the maximum throughput."
            raise OntapError("8454194", words, f"fixed.min_throughput_{unit}")
