"""Answers that say nothing about the object are waited out; answers that say no are taken at once; nothing is made twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.acceptance.engine.site import Site

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Passing:
    """A trouble that goes away by itself."""

    name: str
    effect: str
    sent: int
    because: str
    rule: dict[str, Any] = field(default_factory=dict)


PASSING = [
    Passing(
        "busy",
        "status",
        4,
        "a POST that was answered 503 did nothing and is sent again",
        {"times": 3, "headers": {"Retry-After": "1"}},
    ),
    Passing(
        "reset",
        "reset",
        4,
        "after a closed connection the volume is looked for, and is not there",
        {"times": 3},
    ),
    Passing("lost answer", "lost_answer", 1, "the volume is found by its name and mark, so no second POST"),
]


@pytest.mark.parametrize("trouble", PASSING, ids=lambda trouble: trouble.name)
def test_a_create_goes_through_and_makes_one_volume(site: Site, trouble: Passing) -> None:
    site.fault(trouble.effect, **trouble.rule)

    ran = site.project.up()

    assert len(site.posts()) == trouble.sent, f"{trouble.because}\n{ran}"
    assert site.volume()["nas"]["path"] == "/images"
    site.settled()


def test_reads_that_say_nothing_are_repeated(site: Site) -> None:
    site.project.up()
    site.fault("status", method="GET", times=2)
    site.fault("reset", method="GET", after=2, times=1)
    since = site.ontap.journal.last

    site.project.drift(expect=0)

    reads = [one for one in site.ontap.journal.entries(since) if one.path.startswith("/api/storage/volumes")]
    assert [one.status for one in reads][:4] == [503, 503, None, 200]


def test_a_wrong_password_is_said_at_once(site: Site) -> None:
    site.point(password="wrong-password")

    ran = site.project.up(expect=1)

    refused = [one for one in site.ontap.journal.entries() if one.status == 401]
    by_place = {(one.method, one.path, str(one.query)) for one in refused}
    assert refused
    assert len(refused) == len(by_place), "a refusal was asked for again"
    assert "cluster01" in ran.output
    assert "password" in ran.output
    assert "wrong-password" not in ran.output


def test_what_the_cluster_refuses_is_not_sent_again(site: Site) -> None:
    site.fault("status", status=400, code="918252", message="Invalid junction path.", times=0)

    ran = site.project.up(expect=1)

    assert len(site.posts()) == 1
    assert "918252" in ran.output
    assert site.volumes() == []
