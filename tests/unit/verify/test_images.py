"""What is said of images that were moved: Glance's own database is asked, by the very script that a host runs."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strata.clients.host import CommandFailed
from strata.stackfile.model import Glance, GlanceStore, StackFile
from strata.verify import images
from strata.verify.check import Check

OLD, OTHER, NEW = "/var/lib/glance/images", "/srv/images", "/glance/images"


@dataclass
class LocalHost:
    """This machine; its python3 is the one that runs the tests."""

    name: str

    async def read(self, script: str, *, doing: str, input: bytes | None = None) -> bytes:
        script = script.replace("python3", sys.executable, 1)
        done = await asyncio.to_thread(subprocess.run, ["sh", "-c", script], input=input, capture_output=True)
        if done.returncode:
            raise CommandFailed(f"{doing} failed: {done.stderr.decode()}", done.returncode, "")
        return done.stdout


@dataclass
class Hosts:
    asked: list[str]

    def host(self, name: str) -> LocalHost:
        self.asked.append(name)
        return LocalHost(name)


def glance(folder: Path, *values: str, **more: str) -> Path:
    """A configuration and a database with one image for each location."""
    with sqlite3.connect(folder / "glance.sqlite") as database:
        database.execute("CREATE TABLE images (id TEXT, name TEXT, deleted BOOLEAN)")
        database.execute("CREATE TABLE image_locations (image_id TEXT, value TEXT, deleted BOOLEAN)")
        for number, value in enumerate(values):
            database.execute("INSERT INTO images VALUES (?, ?, 0)", (f"id{number}", f"image{number}"))
            database.execute("INSERT INTO image_locations VALUES (?, ?, 0)", (f"id{number}", value))
    database.close()
    lines = [f"{name} = {value}" for name, value in more.items()]
    config = folder / "glance-api.conf"
    connection = f"[database]\nconnection = sqlite:///{folder}/glance.sqlite\n"
    config.write_text("\n".join(["[DEFAULT]", *lines, connection]))
    return config


def verified(config: Path, sources: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    async def nothing(*given: Any) -> list[Check]:
        return []

    async def running(*given: Any) -> Check:
        return Check("Glance runs", True, "")

    monkeypatch.setattr(images, "_probe", nothing)
    monkeypatch.setattr(images, "_store", running)
    monkeypatch.setattr(images, "FilesystemStore", lambda connections: None)
    store = GlanceStore(None, NEW, config_file=str(config))
    hosts = Hosts([])
    stack = StackFile(glance=Glance(("tkstack", "tkstack2"), store, migrate_from=sources))
    checks = asyncio.run(images.verify(stack, hosts))  # type: ignore[arg-type]
    assert set(hosts.asked) <= {"tkstack"}, "the first host moves the images, and its database is the one"
    return checks[2:]


@pytest.mark.parametrize(
    ("values", "sources", "holds", "found", "because"),
    [
        (
            [f"file://{NEW}/a", f"file://{NEW}/b"],
            (OLD, OTHER),
            True,
            f"2 images below {NEW}, none below {OLD}, {OTHER}",
            "all is moved",
        ),
        (
            [f"file://{NEW}/a", f"file://{OTHER}/b"],
            (OLD, OTHER),
            False,
            f"1 image below {NEW}, 1 image below {OTHER}: image1 (id1)",
            "an upload while a host still had the old setting",
        ),
        (["file:///var/lib/glance/images2/a"], (OLD,), True, f"0 images below {NEW}, none below {OLD}", "another directory"),
    ],
)  # fmt: skip
def test_no_image_is_left_behind(
    values: list[str],
    sources: tuple[str, ...],
    holds: bool,
    found: str,
    because: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (check,) = verified(glance(tmp_path, *values), sources, monkeypatch)
    assert (check.holds, check.found) == (holds, found), because
    assert check.what == f"no image is left in {', '.join(sources)}"


def test_nothing_is_said_of_a_move_that_is_not_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verified(glance(tmp_path, f"file://{OLD}/a"), (), monkeypatch) == []


def test_a_database_that_cannot_be_asked_is_no_good_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = verified(glance(tmp_path, metadata_encryption_key="canary-key"), (OLD,), monkeypatch)
    assert not check.holds
    assert "metadata_encryption_key" in check.found
    assert "canary" not in check.found
