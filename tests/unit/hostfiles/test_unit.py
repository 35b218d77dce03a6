"""The drop-in says what it must, and can be read back."""

from __future__ import annotations

import pytest

from strata.hostfiles import unit
from strata.hostfiles.unit import Guard

GUARD = Guard(
    "strata:lab/store", "/etc/glance/glance-api.conf#glance_store", "/glance/images/store", "/glance/images"
)


def test_render() -> None:
    text = unit.render(GUARD)
    assert "\nRequiresMountsFor=/glance/images\n" in text
    assert "\nAssertPathIsMountPoint=/glance/images\n" in text
    assert '\nEnvironment="STRATA_STORE_DIRECTORY=/glance/images/store"\n' in text


@pytest.mark.parametrize("path", ["/glance/images", "/with blank/x", "/100%/x", '/quo"te', "/back\\slash"])
def test_read_back(path: str) -> None:
    guard = Guard("strata:lab/store", "/etc/glance/glance-api.conf#glance_store", path, path)
    assert unit.parse(unit.render(guard)) == guard


def test_without_a_mount_nothing_is_required() -> None:
    text = unit.render(Guard("o", "s", "/var/lib/glance/images", None))
    assert "RequiresMountsFor" not in text
    assert "AssertPathIsMountPoint" not in text
    assert unit.parse(text).mount is None
