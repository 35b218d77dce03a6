"""What ONTAP refuses about a volume, with the codes of facts: ontap 2."""

from __future__ import annotations

import re

from lab.ontap.errors import OntapError
from lab.ontap.model import Document
from lab.ontap.named import refer
from lab.ontap.store import Store
from lab.ontap.unverified import NO_SPACE, SIZE_MINIMUM

_LONGEST_NAME = 203
_MAXIMUM_SIZE = 300 * 2**40


def check_name(name: str) -> None:
    """Letters, digits and underscores; a letter or underscore first; at most 203 characters."""
    if len(name) > _LONGEST_NAME:
        raise OntapError(
            "917886", f"The volume name is too long: {len(name)} characters, at most 203.", "name"
        )
    if not re.match(r"[A-Za-z_]", name):
        raise OntapError("917887", f'Volume name "{name}" must begin with a letter or underscore.', "name")
    if not re.fullmatch(r"\w+", name, re.ASCII):
        raise OntapError("917888", f'Volume name "{name}" contains an invalid character.', "name")


def check_name_is_free(store: Store, svm_uuid: str, name: str, volume_uuid: str | None) -> None:
    """No other volume of the SVM has it, and none is being created with it."""
    for volume in store.table("volumes").values():
        if (volume["svm.uuid"], volume["name"]) == (svm_uuid, name) and volume["uuid"] != volume_uuid:
            words = f'Volume name "{name}" is a duplicate in SVM "{volume["svm.name"]}".'
            raise OntapError("917526", words, "name")
    for job in store.table("jobs").values():
        change = job["~change"]
        pending = job["state"] in ("queued", "running") and not job.get("~hangs")
        creates = (change["table"], change["verb"]) == ("volumes", "create") and change["key"] != volume_uuid
        if pending and creates and (change["body"]["svm.uuid"], change["body"]["name"]) == (svm_uuid, name):
            raise OntapError("13107405", f'Another volume named "{name}" is being created.', "name")


def one_aggregate(store: Store, body: Document) -> None:
    """Exactly one aggregate for a FlexVol, by name or uuid; the body then carries both."""
    given = [each for each in body.get("aggregates", []) if each.get("name") or each.get("uuid")]
    if not given:
        words = 'One of "aggregates.uuid", "aggregates.name", or "style" must be provided.'
        raise OntapError("787140", words, "aggregates")
    if len(given) > 1 or body.get("style") == "flexgroup":
        raise OntapError("918242", "A flexible volume needs exactly one aggregate.", "aggregates")
    name, key = given[0].get("name"), given[0].get("uuid")
    aggregate = refer(
        store,
        "aggregates",
        name,
        key,
        OntapError("917508", f'Aggregate "{name or key}" does not exist.', "aggregates.name"),
        OntapError(
            "787141", '"aggregates.name" and "aggregates.uuid" refer to different aggregates.', "aggregates"
        ),
    )
    body["aggregates"] = [{"name": aggregate["name"], "uuid": aggregate["uuid"]}]


def check_size(size: int) -> None:
    """At least 20 MB."""
    if size < SIZE_MINIMUM:
        words = f"The size {size} is too small; the minimum is {SIZE_MINIMUM} bytes (20 MB)."
        raise OntapError("917534", words, "size")


def check_autosize(volume: Document) -> None:
    """Thresholds and limits in the right order; judged on the volume as it would become."""
    minimum, maximum = autosize_limits(volume)
    if volume["autosize.grow_threshold"] <= volume["autosize.shrink_threshold"]:
        words = "Volume autosize grow threshold must be larger than autosize shrink threshold."
        raise OntapError("917829", words, "autosize.grow_threshold")
    if minimum >= maximum:
        words = "Volume minimum autosize must be smaller than the maximum autosize."
        raise OntapError("917831", words, "autosize.minimum")
    if maximum > _MAXIMUM_SIZE:
        words = "The volume maximum autosize must be smaller than or equal to the maximum volume size."
        raise OntapError("918521", words, "autosize.maximum")
    if minimum > volume["size"]:
        words = "Volume minimum autosize must be less than or equal to the current volume size."
        raise OntapError("918524", words, "autosize.minimum")


def autosize_limits(volume: Document) -> tuple[int, int]:
    """Minimum and maximum; what nobody set follows the size."""
    size = int(volume["size"])
    return volume.get("autosize.minimum", size), volume.get("autosize.maximum", size * 6 // 5)


def committed(store: Store, aggregate_uuid: str, except_volume: str | None = None) -> int:
    """What an aggregate has promised: the sizes of its volumes with guarantee "volume"."""
    return sum(
        int(each["size"])
        for each in store.table("volumes").values()
        if each["guarantee.type"] == "volume"
        and each["aggregates"][0]["uuid"] == aggregate_uuid
        and each["uuid"] != except_volume
    )


def check_space(store: Store, volume: Document) -> None:
    """A guaranteed volume must fit into its aggregate."""
    if volume["guarantee.type"] != "volume":
        return
    aggregate = store.table("aggregates")[volume["aggregates"][0]["uuid"]]
    free = aggregate["space.block_storage.size"] - committed(store, aggregate["uuid"], volume["uuid"])
    if volume["size"] > free:
        words = f'Not enough space in aggregate "{aggregate["name"]}": {volume["size"]} bytes wanted, {free} free.'
        raise OntapError(NO_SPACE, words, "size")
