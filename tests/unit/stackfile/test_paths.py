"""Paths as operators type them."""

from __future__ import annotations

import pytest

from strata.errors import Failed
from strata.stackfile.located import Path, render
from strata.stackfile.paths import in_configuration, parse


@pytest.mark.parametrize(
    "path",
    [
        ("strata:ontap", "volumes", "images", "size"),
        ("rules", 0, "clients", 12),
        ("strata:cloudstack", "settings", "expunge.delay"),
        ("a[0]", 'say "so"', "b"),
    ],
)
def test_what_is_rendered_can_be_read(path: Path) -> None:
    assert parse(render(path)) == path


@pytest.mark.parametrize("text", ["a..b", ".a", "a.", "a[", "a[x]", 'a["b', "a]b", 'a"b'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(Failed, match="is no path"):
        parse(text)


def test_config_may_be_left_out() -> None:
    assert (
        in_configuration("strata:hosts")
        == in_configuration("config.strata:hosts")
        == ("config", "strata:hosts")
    )
    assert in_configuration("") == ("config",)
