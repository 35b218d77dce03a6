"""What a power failure would show: a name is only given to what is on the disk, and the journal only says what is true."""

from __future__ import annotations

import os

import pytest

from tests.unit.migration.site_of_glance import Site, at


@pytest.fixture
def steps(synced: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syncs with the renames and the removals among them."""
    rename, remove = os.replace, os.unlink

    def replace(old: str, new: str) -> None:
        synced.append(f"rename {new}")
        rename(old, new)

    def unlink(path: str) -> None:
        synced.append(f"remove {path}")
        remove(path)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "unlink", unlink)
    return synced


def test_a_copy_is_synced_then_named_then_proven(site: Site, steps: list[str]) -> None:
    site.done("copy")
    site.upload("late")
    steps.clear()
    site.done("delta")
    part, place, copied = (
        str(site.new / ".strata-late.part"),
        str(site.new / "late"),
        str(site.journal / "copied.jsonl"),
    )
    ours = [step for step in steps if step in (part, f"rename {place}", str(site.new), copied)]
    named = ours.index(f"rename {place}")
    assert ours[:named].count(part) >= 2, "its bytes; its owner, mode and time"
    assert ours[named:] == [f"rename {place}", str(site.new), copied]


def test_the_old_locations_are_on_the_disk_before_the_database_changes(site: Site, steps: list[str]) -> None:
    site.done("copy")
    site.done("delta")
    steps.clear()
    saved = str(site.journal / "locations.json")
    at("locate.saved", lambda path: steps.append("the database"))
    site.done("locate")
    assert steps.index("the database") > steps.index(f"rename {saved}") + 1
    named = steps.index(f"rename {saved}")
    assert steps[named - 1 : named + 2] == [f"{saved}.new", f"rename {saved}", str(site.journal)]


def test_a_removal_lasts_before_the_journal_says_so(site: Site, steps: list[str]) -> None:
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    steps.clear()
    site.done("prune", ids=["image-06"])
    gone = steps.index(f"remove {site.old / 'image-06'}")
    assert steps[gone + 1] == str(site.old)
