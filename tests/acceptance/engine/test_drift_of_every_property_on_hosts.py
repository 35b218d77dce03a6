"""Every managed property of mounts, of Glance's store and of the move of images, changed outside: a look names exactly these."""

from __future__ import annotations

import dataclasses

import pytest

from strata.provider.fields import Role, row, wire_name
from strata.provider.registry import KINDS
from tests.acceptance.engine.every_kind_site import EveryKind
from tests.acceptance.engine.outside_changes_of_hosts import ROUNDS
from tests.acceptance.engine.test_drift_of_every_property import ON_HOSTS, look

pytestmark = pytest.mark.acceptance


def managed() -> set[str]:
    """`host:Mount options` for every kind and every property that an update can change."""
    return {
        f"{kind.token.removeprefix('strata:')} {wire_name(one.name)}"
        for kind in KINDS
        for one in dataclasses.fields(kind.Args)
        if row(one).role is Role.MANAGED and kind.token.removeprefix("strata:").startswith(ON_HOSTS)
    }


def test_no_managed_property_of_a_host_is_forgotten() -> None:
    assert managed() == {name for together in ROUNDS for one in together for name in one.managed}


def test_every_managed_property_of_a_host_is_seen_and_put_back(every_kind: EveryKind) -> None:
    for together in ROUNDS:
        for one in together:
            one.change(every_kind.host)
        found = look(every_kind.whole, expect=7)
        assert set(found) == {name for one in together for name in one.findings}
        assert all(one["declared"] != one["actual"] for one in found.values())
        # What is not put back shows in the next round, where it is not expected.
        every_kind.project.up("--refresh")
        assert every_kind.host.served() == every_kind.host.images, "Glance serves every image"
    assert look(every_kind.whole, expect=0) == {}
