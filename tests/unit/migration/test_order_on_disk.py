"""What a power failure would show: a name is only given to what is on the disk, and the journal only says what is true."""

from __future__ import annotations

import os

import pytest

from strata.migration import recording
from strata.migration.journal import Journal
from tests.unit.migration.site_of_glance import Site, at


@pytest.fixture
def steps(synced: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syncs with the writes, the renames and the removals among them."""
    rename, remove, write, own = os.replace, os.unlink, os.pwrite, os.utime

    def named(handle: int) -> str:
        return os.readlink(f"/proc/self/fd/{handle}")

    def pwrite(handle: int, content: bytes, at: int) -> int:
        count = write(handle, content, at)
        synced.append(f"write {named(handle)}")
        return count

    def utime(handle: int, ns: tuple[int, int]) -> None:
        synced.append(f"own {named(handle)}")
        own(handle, ns=ns)

    def replace(old: str, new: str) -> None:
        synced.append(f"rename {new}")
        rename(old, new)

    def unlink(path: str) -> None:
        synced.append(f"remove {path}")
        remove(path)

    monkeypatch.setattr(os, "pwrite", pwrite)
    monkeypatch.setattr(os, "utime", utime)
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
    ours = [step for step in steps if part in step or step in (f"rename {place}", str(site.new), copied)]
    assert ours == [f"write {part}", f"own {part}", part, f"rename {place}", str(site.new), copied]


def test_a_copy_that_lay_there_is_on_the_disk_before_it_is_proven(site: Site, steps: list[str]) -> None:
    place, copied = site.new / "image-01", str(site.journal / "copied.jsonl")
    place.write_bytes((site.old / "image-01").read_bytes())
    site.done("copy")
    ours = [step for step in steps if str(place) in step or step == copied]
    assert ours[:4] == [str(place), f"own {place}", str(place), copied], "read back from the disk, then owned"


@pytest.mark.parametrize(("every", "syncs"), [(1000.0, 1), (0.0, 20)])
def test_every_name_is_on_the_disk_before_the_journal_is(
    site: Site, steps: list[str], monkeypatch: pytest.MonkeyPatch, every: float, syncs: int
) -> None:
    """In groups: a sync for each of thousands of small images would take longer than their copies."""
    monkeypatch.setattr(recording, "EVERY", every)
    lines = Journal(str(site.journal)).proofs
    seen: list[int] = []
    at("copy.recorded", lambda path: seen.append(len(lines())), times=99)
    site.done("copy", "--workers", "1")
    assert seen == list(range(1, 21)), "a death of the program takes no line"
    copied, folder = str(site.journal / "copied.jsonl"), str(site.new)
    ours = [step for step in steps if step in (copied, folder) or step.startswith(f"rename {folder}/")]
    assert ours.count(copied) == syncs
    assert ours[-1] == copied, "at the end at the latest"
    for number in [number for number, step in enumerate(ours) if step == copied]:
        assert ours[:number].count(folder) > ours[:number].count(copied)
    # One thread reads back and names, so that these come in pairs.
    names = [step for step in ours if step != copied]
    assert [step == folder for step in names] == [False, True] * 20


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
