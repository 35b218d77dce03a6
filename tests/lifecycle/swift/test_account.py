"""swift:Account from create to delete, against a real Swift."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.swift_account import Account
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import KEY, Bench, Declared

TEMP_URL_KEY = "canary-temp-url-key"
INPUTS: dict[str, Any] = {
    "account": KEY,
    "metadata": {"Owner": "cloud-team", "Cost-Center": "4711"},
    "quota": "10TiB",
    "tempUrlKey": True,
}


def full(bench: Bench, **changes: Any) -> Declared:
    """Everything declared, with credentials that may set a quota."""
    return bench.declared(Account, {**INPUTS, **changes}, tempUrlKey=TEMP_URL_KEY, **bench.reseller)


def plain(bench: Bench, **inputs: Any) -> Declared:
    return bench.declared(Account, {"account": KEY, **inputs})


async def behind(bench: Bench, **headers: str) -> None:
    """Another administrator's hand."""
    sent = {f"X-Account-Meta-{key.replace('_', '-')}": value for key, value in headers.items()}
    await bench.client(**bench.reseller).set_account(sent, "changing it behind our back")


async def test_from_create_to_delete(bench: Bench) -> None:
    account = full(bench)
    await account.preview()
    assert bench.wire.writes == [], "a preview only reads"
    await account.up()
    assert account.id == KEY
    assert len(bench.wire.writes) == 1, "one POST for everything"
    headers = await bench.client().account()
    assert headers is not None
    assert headers["x-account-meta-owner"] == "cloud-team"
    assert headers["x-account-quota-bytes"] == str(10 << 40), "in force, not merely written down"
    assert headers["x-account-meta-temp-url-key"] == TEMP_URL_KEY
    assert headers["x-account-meta-strata-owner"] == account.owner
    assert TEMP_URL_KEY not in str(account.state), "the state holds no secret"
    assert await account.drift() == {}
    await account.destroy()
    left = await bench.client().account() or {}
    assert [name for name in left if "-meta-" in name or "quota" in name] == []
    await account.destroy()


async def test_nothing_to_do_means_no_write(bench: Bench) -> None:
    account = full(bench)
    await account.up()
    before = len(bench.wire.writes)
    await account.up()
    assert len(bench.wire.writes) == before


async def test_an_import_gives_what_was_declared(bench: Bench) -> None:
    account = full(bench)
    await account.up()
    id, state, inputs = await account.imported(KEY)
    assert (id, inputs) == (KEY, INPUTS)
    assert state == account.state
    assert state["path"] == f"/v1/AUTH_{bench.swift.user.partition(':')[0]}"


class Drift(NamedTuple):
    change: dict[str, str]
    found: dict[str, tuple[Any, Any]]
    sent: dict[str, str]
    because: str


BOTH = {"Owner": "cloud-team", "Cost-Center": "4711"}
DRIFTS = [
    Drift(
        {"Owner": "somebody"},
        {"metadata": (BOTH, {**BOTH, "Owner": "somebody"})},
        {"x-account-meta-owner": "cloud-team"},
        because="another value: the other key is not sent",
    ),
    Drift(
        {"Cost_Center": ""},
        {"metadata": (BOTH, {"Owner": "cloud-team"})},
        {"x-account-meta-cost-center": "4711"},
        because="a key is gone",
    ),
    Drift(
        {"Quota_Bytes": "1024"},
        {"quota": ("10TiB", "1KiB")},
        {"x-account-meta-quota-bytes": str(10 << 40)},
        because="another quota",
    ),
    Drift(
        {"Quota_Bytes": ""},
        {"quota": ("10TiB", None)},
        {"x-account-meta-quota-bytes": str(10 << 40)},
        because="no quota any more",
    ),
    Drift(
        {"Temp_URL_Key": "other"},
        {"tempUrlKey": (True, False)},
        {"x-account-meta-temp-url-key": TEMP_URL_KEY},
        because="another key for temporary URLs",
    ),
    Drift({"Colour": "blue"}, {}, {}, because="a key that somebody else has set is theirs"),
]


@pytest.mark.parametrize("case", DRIFTS, ids=lambda case: case.because)
async def test_drift_is_named_and_repaired(bench: Bench, case: Drift) -> None:
    account = full(bench)
    await account.up()
    await behind(bench, **case.change)
    assert await account.drift() == case.found, case.because
    bench.wire.sent.clear()
    await account.up()
    assert [headers for _, _, headers in bench.wire.writes] == ([case.sent] if case.sent else []), (
        case.because
    )
    assert await account.drift() == {}, case.because


async def test_a_key_that_is_taken_out_is_removed_and_the_others_stay(bench: Bench) -> None:
    account = full(bench)
    await account.up()
    await behind(bench, Colour="blue")
    await account.declare(metadata={"Owner": "cloud-team"}, tempUrlKey=False).up()
    headers = await bench.client().account() or {}
    assert "x-account-meta-cost-center" not in headers
    assert "x-account-meta-temp-url-key" not in headers
    assert headers["x-account-meta-colour"] == "blue"
    await account.destroy()
    assert (await bench.client().account() or {})["x-account-meta-colour"] == "blue"


async def test_a_temporary_url_key_that_is_rotated_is_set_anew(bench: Bench) -> None:
    account = full(bench)
    await account.up()
    account.connection["tempUrlKey"] = "canary-rotated"
    assert await account.drift() == {"tempUrlKey": (True, False)}
    await account.up()
    assert (await bench.client().account() or {})["x-account-meta-temp-url-key"] == "canary-rotated"


async def test_a_lost_answer_is_made_good_by_the_next_run(bench: Bench) -> None:
    account = full(bench)
    bench.wire.lose.add("POST")
    with pytest.raises(OperationFailed, match="gave no answer while setting Cost-Center, Owner"):
        await account.up()
    bench.wire.sent.clear()
    await account.up()
    assert bench.wire.writes == [], "it had been done"
    assert await account.drift() == {}


async def test_only_a_reseller_may_set_a_quota_and_the_error_says_so(bench: Bench) -> None:
    account = plain(bench, metadata={"Owner": "x"}, quota="1GiB")
    with pytest.raises(OperationFailed, match="may only be set by a reseller administrator"):
        await account.up()
    assert "x-account-meta-owner" not in (await bench.client().account() or {}), "nothing was done by halves"
    await account.declare(quota=None).up()
    with pytest.raises(InitFailed, match="may only be set by a reseller administrator"):
        await account.declare(quota="1GiB").up()


async def test_another_stacks_account_is_not_touched(bench: Bench) -> None:
    theirs = plain(bench, metadata={"Owner": "them"})
    theirs.stack = "tokyo"
    await theirs.up()
    ours = plain(bench, metadata={"Team": "us"})
    bench.wire.sent.clear()
    with pytest.raises(OperationFailed, match="marked as strata:tokyo/") as caught:
        await ours.preview()
    assert f"pulumi import strata:swift:Account {ours.name} cloudstack" in str(caught.value)
    assert bench.wire.writes == []
    await ours.declare(adopt=True).up()
    assert (await bench.client().account() or {})["x-account-meta-strata-owner"] == ours.owner
    await theirs.destroy()
    assert (await bench.client().account() or {})["x-account-meta-team"] == "us", (
        "no longer theirs to take away"
    )
    assert any("left as it is" in line for line in theirs.said)


async def test_values_that_were_there_before_are_not_overwritten_unasked(bench: Bench) -> None:
    await behind(bench, Owner="somebody", Colour="blue")
    account = plain(bench, metadata={"Owner": "cloud-team"})
    with pytest.raises(OperationFailed, match="with other values of Owner"):
        await account.up()
    await account.declare(adopt=True).up()
    assert await account.drift() == {}
    assert (await bench.client().account() or {})["x-account-meta-colour"] == "blue"


async def test_the_stack_file_needs_a_key_where_one_is_declared(bench: Bench) -> None:
    with pytest.raises(OperationFailed, match="set tempUrlKey under strata:swift"):
        await plain(bench, tempUrlKey=True).preview()


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"Owner_Team": "x"}, "letters, digits and single dashes"),
        ({"Quota-Bytes": "1"}, "a meaning of its own"),
        ({"strata-owner": "x"}, "a meaning of its own"),
        ({"Owner": "x", "owner": "y"}, "does not tell upper and lower case apart"),
        ({"Owner": "two\nlines"}, "printable text on one line"),
        ({"Owner": ""}, "printable text on one line"),
        ({"Owner": "x" * 257}, "at most 256"),
        ({f"Key{index}-{'x' * 30}": "1" for index in range(9)}, "too long together"),
    ],
)
def test_metadata_that_swift_would_refuse_or_change(
    bench: Bench, metadata: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        plain(bench, metadata=metadata).lifecycle.check({"account": KEY, "metadata": metadata})


async def test_umlauts_travel_both_ways(bench: Bench) -> None:
    account = plain(bench, metadata={"Owner": "Führung"})
    await account.up()
    assert await account.drift() == {}


async def test_a_key_that_would_never_match_is_refused_and_not_shown(bench: Bench) -> None:
    account = bench.declared(Account, {"account": KEY, "tempUrlKey": True}, tempUrlKey=f"{TEMP_URL_KEY}%41")
    with pytest.raises(OperationFailed, match="would never match: choose another") as caught:
        await account.preview()
    assert TEMP_URL_KEY not in str(caught.value)
    assert bench.wire.writes == []
