"""The engine's own words, recorded, become exactly the findings that they mean."""

from __future__ import annotations

import pytest

from strata.drift import events
from strata.drift.finding import Trouble
from tests.unit.drift.recordings import lines, recorded

CHANGED = [
    "ontap:ExportPolicy/images rules[0].superuser ['sys']->['none'] changed {net}",
    "ontap:Volume/images efficiency.dedupe background->none changed {net}",
    "ontap:Volume/images size 50GiB->60GiB changed {net}",
]
RULE = "ontap:ExportPolicy/images rules[0].superuser ['sys']->['none'] changed {net}"


def seen_by(net: str, found: list[str]) -> list[str]:
    return [line.format(net=net) for line in found]


PREVIEWS = [
    ("clean", [], "nothing has moved, though the engine reports every output again"),
    ("changed", seen_by("both", CHANGED), "the cluster has moved and up would put it back"),
    (
        "gone",
        [
            "ontap:ExportPolicy/images rules[0].superuser ['sys']->['none'] changed both",
            "ontap:Volume/images gone both",
        ],
        "a deleted volume is one finding, not one per property",
    ),
    (
        "stack_file_moved",
        ["ontap:Volume/images size 51GiB->50GiB changed up"],
        "the stack file moved, the cluster did not",
    ),
    (
        "renamed",
        [
            "ontap:ExportPolicy/images undeclared up",
            "ontap:ExportPolicy/other unmade up",
            "ontap:Volume/images undeclared up",
            "ontap:Volume/other unmade up",
        ],
        "what the program no longer names and what it names anew are findings of their own",
    ),
]


@pytest.mark.parametrize(("name", "expected", "because"), PREVIEWS)
def test_a_preview_holds_both_nets(name: str, expected: list[str], because: str) -> None:
    look = events.of_preview(recorded(f"{name}.preview"), "lab")
    assert lines(look.findings) == expected, because
    assert look.troubles == ()
    assert look.began


REFRESHES = [
    ("clean", [], "nothing has moved"),
    ("changed", seen_by("refresh", CHANGED), "a refresh would take all of it into the state"),
    (
        "gone",
        seen_by("refresh", [RULE, "ontap:Volume/images gone {net}"]),
        "a refresh would drop it from the state",
    ),
]


@pytest.mark.parametrize(("name", "expected", "because"), REFRESHES)
def test_a_refresh_is_the_second_net(name: str, expected: list[str], because: str) -> None:
    look = events.of_refresh(recorded(f"{name}.refresh"), "lab")
    assert lines(look.findings) == expected, because
    assert look.troubles == ()


def test_what_was_looked_at_is_known() -> None:
    look = events.of_preview(recorded("clean.preview"), "lab")
    assert sorted(urn.split("$")[-1] for urn in look.resources) == [
        "strata:ontap:ExportPolicy::images",
        "strata:ontap:Volume::images",
    ]


def test_a_cluster_that_is_down_is_named_and_never_no_drift() -> None:
    look = events.of_preview(recorded("unreachable.preview", 1), "lab")
    (trouble,) = look.troubles
    assert trouble.message.startswith(
        "Reading export policy 2: could not tell, because ONTAP cluster cluster01 at "
    )
    assert "cannot be reached" in trouble.message
    assert trouble.urn is not None
    assert look.findings == ()


def test_a_refresh_goes_on_and_tells_every_resource_that_it_could_not_read() -> None:
    look = events.of_refresh(recorded("unreachable.refresh", 1), "lab")
    assert len(look.troubles) == 2
    assert all("cluster01" in trouble.message for trouble in look.troubles)


def test_what_up_would_refuse_is_trouble_beside_the_drift() -> None:
    look = events.of_preview(recorded("gone_and_refused.preview", 1), "lab")
    assert "ontap:Volume/images gone both" in lines(look.findings)
    assert [type(one) for one in look.troubles] == [Trouble]
    assert "nowhere" in look.troubles[0].message
