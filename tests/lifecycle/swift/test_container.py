"""swift:Container from create to delete, against a real Swift."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.clients.swift import Object, SwiftClient
from strata.errors import InvalidInput
from strata.provider.codec import UNKNOWN
from strata.provider.kinds.swift_container import Container
from strata.provider.outcome import OperationFailed

from .conftest import KEY, Bench, Declared

INPUTS: dict[str, Any] = {
    "account": KEY,
    "name": "backups",
    "storagePolicy": "gold",
    "readAcl": ".r:*,.rlistings",
    "writeAcl": "test2:tester2",
    "quota": "500GiB",
    "metadata": {"Owner": "cloud-team"},
}


def declared(bench: Bench, **changes: Any) -> Declared:
    inputs = {key: value for key, value in {**INPUTS, **changes}.items() if value is not None}
    return bench.declared(Container, inputs)


def plain(bench: Bench, **inputs: Any) -> Declared:
    return bench.declared(Container, {"account": KEY, "name": "backups", **inputs})


async def fill(bench: Bench, *names: str) -> None:
    """Objects that somebody has stored in the container."""
    from swiftclient import client as swift  # type: ignore[import-untyped]

    url, token = swift.get_auth(bench.swift.auth_url, bench.swift.user, bench.swift.key, auth_version="1")
    for name in names:
        swift.put_object(url, token, "backups", name, b"content")


async def test_from_create_to_delete(bench: Bench) -> None:
    container = declared(bench)
    await container.preview()
    assert bench.wire.writes == [], "a preview only reads"
    await container.up()
    assert container.id == "cloudstack/backups"
    assert [method for method, _, _ in bench.wire.writes] == ["PUT"], "made and marked in one request"
    headers = await bench.client().container("backups")
    assert headers is not None
    assert headers["x-storage-policy"] == "gold"
    assert headers["x-container-read"] == ".r:*,.rlistings"
    assert headers["x-container-meta-strata-owner"] == container.owner
    assert await container.drift() == {}
    await container.destroy()
    assert await bench.client().container("backups") is None
    await container.destroy()


async def test_nothing_to_do_means_no_write(bench: Bench) -> None:
    container = declared(bench)
    await container.up()
    before = len(bench.wire.writes)
    await container.up()
    assert len(bench.wire.writes) == before


async def test_an_import_gives_what_was_declared(bench: Bench) -> None:
    container = declared(bench)
    await container.up()
    id, state, inputs = await container.imported("cloudstack/backups")
    assert (id, inputs, state) == (container.id, INPUTS, container.state)


class Drift(NamedTuple):
    change: dict[str, str]
    found: dict[str, tuple[Any, Any]]
    sent: dict[str, str]
    because: str


DRIFTS = [
    Drift(
        {"X-Remove-Container-Read": "x"},
        {"readAcl": (".r:*,.rlistings", "")},
        {"x-container-read": ".r:*,.rlistings"},
        because="nobody may read any more",
    ),
    Drift(
        {"X-Container-Write": "test2:tester2,test3:tester3"},
        {"writeAcl": ("test2:tester2", "test2:tester2,test3:tester3")},
        {"x-container-write": "test2:tester2"},
        because="one more may write",
    ),
    Drift(
        {"X-Container-Meta-Quota-Bytes": "5"},
        {"quota": ("500GiB", "5B")},
        {"x-container-meta-quota-bytes": str(500 << 30)},
        because="another quota",
    ),
    Drift(
        {"X-Container-Meta-Owner": "somebody"},
        {"metadata": ({"Owner": "cloud-team"}, {"Owner": "somebody"})},
        {"x-container-meta-owner": "cloud-team"},
        because="another value of a key",
    ),
    Drift({"X-Container-Meta-Colour": "blue"}, {}, {}, because="a key that somebody else has set is theirs"),
]


@pytest.mark.parametrize("case", DRIFTS, ids=lambda case: case.because)
async def test_drift_is_named_and_repaired(bench: Bench, case: Drift) -> None:
    container = declared(bench)
    await container.up()
    await bench.client().set_container("backups", case.change, "changing it behind our back")
    assert await container.drift() == case.found, case.because
    bench.wire.sent.clear()
    await container.up()
    assert [headers for _, _, headers in bench.wire.writes] == ([case.sent] if case.sent else []), (
        case.because
    )
    assert await container.drift() == {}, case.because


async def test_a_container_that_disappeared_is_made_again(bench: Bench) -> None:
    container = declared(bench)
    await container.up()
    await bench.client().remove_container("backups", "removing it behind our back")
    assert not await container.refresh()
    await container.up()
    assert await container.drift() == {}


async def test_what_is_no_longer_declared_is_removed_or_left(bench: Bench) -> None:
    container = declared(bench, metadata={"Owner": "cloud-team", "Team": "storage"})
    await container.up()
    await container.declare(readAcl="", metadata={"Owner": "cloud-team"}, quota=None).up()
    headers = await bench.client().container("backups") or {}
    assert "x-container-read" not in headers, "an empty rule takes the access away"
    assert "x-container-meta-team" not in headers, "a key that was taken out is removed"
    assert headers["x-container-meta-quota-bytes"] == str(500 << 30), (
        "what is left out is not managed any more"
    )


async def test_a_lost_answer_makes_no_second_one_and_no_stranger(bench: Bench) -> None:
    container = declared(bench)
    bench.wire.lose.add("PUT")
    with pytest.raises(OperationFailed, match="gave no answer while making container backups"):
        await container.up()
    bench.wire.sent.clear()
    await container.up()
    assert bench.wire.writes == [], "it had been done"
    assert await container.drift() == {}


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (True, "marked as strata:tokyo/"),
        (False, "exists already and was not made by this stack"),
    ],
)
async def test_a_container_of_that_name_that_is_not_ours(bench: Bench, theirs: bool, words: str) -> None:
    if theirs:
        other = plain(bench, metadata={"Owner": "them"})
        other.stack = "tokyo"
        await other.up()
    else:
        await bench.client().put_container("backups", {}, "making it behind our back")
    bench.wire.sent.clear()
    ours = plain(bench, metadata={"Team": "us"}, quota="1GiB")
    with pytest.raises(OperationFailed, match=words) as caught:
        await ours.up()
    assert f"pulumi import strata:swift:Container {ours.name} cloudstack/backups" in str(caught.value)
    assert bench.wire.writes == []
    await ours.declare(adopt=True).up()
    assert await ours.drift() == {}
    assert ours.state["marked"] == ours.owner


async def test_objects_keep_a_container_unless_they_are_to_go_too(bench: Bench) -> None:
    container = plain(bench)
    await container.up()
    await fill(bench, "one", "two", "ünïcode/three four?")
    with pytest.raises(OperationFailed, match=r"holds objects \(one, two, ünïcode/three four\?, …\)"):
        await container.destroy()
    assert len(await bench.client().objects("backups")) == 3
    await container.declare(deletion="objects").destroy()
    assert await bench.client().container("backups") is None


async def test_a_policy_that_the_cluster_does_not_have_is_seen_at_preview(bench: Bench) -> None:
    with pytest.raises(OperationFailed, match=r"does not have\. Known are: Policy-0, gold"):
        await plain(bench, storagePolicy="silver").preview()


async def test_a_container_in_another_policy_is_not_taken_over(bench: Bench) -> None:
    await bench.client().put_container("backups", {}, "making it behind our back")
    with pytest.raises(OperationFailed, match="lies in the storage policy Policy-0, not gold"):
        await plain(bench, storagePolicy="gold", adopt=True).preview()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "a/b"}, "without a slash"),
        ({"name": "x" * 257}, "at most 256"),
        ({"readAcl": ".rlisting"}, "rules that begin with a dot"),
        ({"writeAcl": ".r:*"}, "for readAcl only"),
        ({"writeAcl": "lab:me, .ref:*"}, "for readAcl only"),
        ({"writeAcl": "lab:me,.rlistings"}, "for readAcl only"),
        ({"readAcl": ".r:-*."}, "names no host"),
        ({"readAcl": ".r:"}, "names no host"),
        ({"readAcl": "lab:50%25"}, "without percent escapes"),
        ({"metadata": {"Full": "50%25"}}, "read back as '50%'"),
        ({"deletion": "all"}, "allowed are 'refuse', 'objects'"),
        ({"quota": "1GB"}, "did you mean 1GiB"),
    ],
)
def test_what_cannot_be_right_is_said_before_any_call(
    bench: Bench, changes: dict[str, Any], words: str
) -> None:
    container = plain(bench, **changes)
    with pytest.raises(InvalidInput, match=words):
        container.lifecycle.check(container.inputs)


@pytest.mark.parametrize(
    ("written", "kept", "because"),
    [
        (" .r:* , .rlistings ", ".r:*,.rlistings", "blanks mean nothing"),
        (
            ".referrer:.example.com,.ref:-bad.example.com",
            ".r:.example.com,.r:-bad.example.com",
            "one spelling",
        ),
        (".r:*.example.com", ".r:.example.com", "a star before a domain says nothing more"),
        (".r: *, .referrer : *.x.com", ".r:*,.r:.x.com", "blanks around the colon mean nothing"),
        (".r:*,.r:-*.evil.com,.r:- bad.com", ".r:*,.r:-.evil.com,.r:-bad.com", "who is denied likewise"),
        (".r:**.example.com", ".r:.example.com", "Swift takes one star a time, and is sent what it keeps"),
        (".r:-*,.r:*", ".r:-*,.r:*", "a star alone stays"),
        ("lab:John Doe,*:me,,*:*", "lab:John Doe,*:me,*:*", "names are left as they are"),
    ],
)
async def test_rules_in_any_spelling_are_no_drift(
    bench: Bench, written: str, kept: str, because: str
) -> None:
    container = plain(bench, readAcl=written)
    await container.up()
    assert await container.drift() == {}, because
    assert (await bench.client().container("backups") or {})["x-container-read"] == kept, because


async def test_dots_within_a_name_are_no_rule_about_referrers(bench: Bench) -> None:
    container = plain(bench, writeAcl="corp.research:alice, my.r")
    await container.up()
    assert await container.drift() == {}
    assert (await bench.client().container("backups") or {})[
        "x-container-write"
    ] == "corp.research:alice,my.r"


async def test_a_percent_sign_that_is_no_escape_is_no_drift(bench: Bench) -> None:
    container = plain(bench, metadata={"Full": "50%", "Odd": "%ff%zz"})
    await container.up()
    assert await container.drift() == {}


def test_what_the_engine_does_not_know_yet_passes(bench: Bench) -> None:
    container = plain(bench, metadata={"Zone": UNKNOWN})
    assert container.lifecycle.check(container.inputs)["metadata"] == {"Zone": UNKNOWN}


async def test_a_container_that_cannot_go_and_shows_no_objects(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = plain(bench)
    await container.up()
    await fill(bench, "one")

    async def nothing(self: SwiftClient, container: str, limit: int | None = None) -> list[Object]:
        return []

    monkeypatch.setattr(SwiftClient, "objects", nothing)
    with pytest.raises(OperationFailed, match="holds objects and was left as it is"):
        await container.destroy()
    monkeypatch.undo()
