"""What a run says while images move, before and after: pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.clients.glance_migration_move import Move
from strata.clients.glance_migration_run import EVERY, SOON, duration, pause_after, size, words
from strata.provider.kinds.glance_image_migration_told import ahead, cut_off, moved


class Line(NamedTuple):
    state: dict[str, Any]
    line: str


@pytest.mark.parametrize(
    "case",
    [
        Line({}, ""),
        Line({"phase": "copy"}, "copying"),
        Line(
            {
                "phase": "copy",
                "files_done": 12,
                "files_total": 200,
                "bytes_done": 310 << 20,
                "bytes_total": 2 << 30,
                "remaining_seconds": 118,
            },
            "copying 12 of 200 images, 310 MiB of 2.0 GiB, about 2 min left",
        ),
        Line(
            {"phase": "copy", "files_total": 2, "bytes_total": 9, "remaining_seconds": None},
            "copying 0 of 2 images, 0 B of 9 B",
        ),
        Line({"phase": "delta", "files_total": 0}, "Glance stands still: copying what came or changed"),
        Line({"phase": "start"}, "starting Glance"),
        Line({"phase": "a phase of a later program"}, ""),
    ],
    ids=lambda case: case.line or "nothing",
)
def test_progress_is_one_line(case: Line) -> None:
    assert words(case.state) == case.line


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ({}, SOON),
        ({"phase": "copy", "remaining_seconds": 3600}, EVERY),
        ({"phase": "copy", "remaining_seconds": 8}, 2.0),
        ({"phase": "prove", "remaining_seconds": 0}, SOON),
        ({"phase": "prove", "remaining_seconds": None}, SOON),
        ({"phase": "start", "remaining_seconds": 3600}, SOON),
    ],
)
def test_whoever_waits_for_the_next_step_asks_soon(state: dict[str, Any], seconds: float) -> None:
    assert pause_after(state) == seconds


@pytest.mark.parametrize(
    ("bytes", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2 << 30, "2.0 GiB"), (5 << 50, "5120 TiB")],
)
def test_sizes(bytes: int, text: str) -> None:
    assert size(bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.255, "0.26 s"), (40, "40 s"), (89.6, "90 s"), (118, "2 min"), (12600, "3.5 h")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


FOUND = {
    "images": 200,
    "bytes": 2 << 30,
    "images_to_copy": 150,
    "bytes_to_copy": 1 << 30,
    "allocated_to_copy": 512 << 20,
    "free": 48 << 30,
    "load_seconds": 17.2,
    "files_without_image": {"count": 12, "first": [f"/old/{number:02}" for number in range(12)]},
    "images_without_file": {"count": 1, "first": ["lost"]},
    "unknown_in_target": {"count": 0, "first": []},
    "in_other_stores": 3,
}


def test_before_a_move_it_is_told_what_it_would_do() -> None:
    first = "200 images (2.0 GiB) would move from /old to /new on tkstack: 150 images with 1.0 GiB still to be copied"
    assert ahead(FOUND, ["/old"], "/new", "tkstack") == [
        f"{first}, 512 MiB on the disk; 48 GiB are free there.",
        "Glance on tkstack would stand still for about 21 s, of which its start takes 17 s; the copy is made while it runs.",
        "12 files without an image stay where they are: "
        + ", ".join(f"/old/{n:02}" for n in range(10))
        + " and 2 more.",
        "1 image without a file: lost.",
        "3 locations elsewhere or in other stores are left alone.",
    ]


def test_a_mount_that_is_to_come_is_said() -> None:
    told = ahead({**FOUND, "free": None, "load_seconds": None}, ["/old"], "/new", "tkstack")
    assert "/new is not mounted yet, its room is looked at before anything is copied" in told[0]
    assert "for its restart and what comes since, not for the copy" in told[1]


def test_nothing_to_move_is_said() -> None:
    told = ahead({"images": 0}, ["/old"], "/new", "tkstack")
    assert told == ["Nothing is left to move from /old to /new on tkstack."]


def test_after_a_move_it_is_one_line() -> None:
    result = {"images": 200, "bytes": 2 << 30, "downtime_seconds": 21.04, "proven": 200, "of": 200}
    line = "Moved 200 images, 2.0 GiB, from /old to /new on tkstack; Glance stood still for 21 s"
    assert moved(result, ["/old"], "/new", "tkstack") == f"{line}; proven 200 of 200."
    assert moved({**result, "whole": 200}, ["/old"], "/new", "tkstack") == f"{line}; proven 200 of 200."
    sampled = f"{line}; proven 200 of 200, 24 of them in whole."
    assert moved({**result, "whole": 24}, ["/old"], "/new", "tkstack") == sampled
    assert moved({**result, "of": 0}, ["/old"], "/new", "tkstack") == f"{line}."
    told = moved({**result, "reloaded": True}, ["/old"], "/new", "tkstack")
    assert told == f"{line} (it was not stopped, but read its configuration again); proven 200 of 200."


def test_what_ten_minutes_cut_off_is_said() -> None:
    one, two = cut_off(1, "tkstack"), cut_off(2, "tkstack")
    assert one.startswith(
        "One old worker of Glance on tkstack still served a request after ten minutes and was"
    )
    assert two.startswith(
        "2 old workers of Glance on tkstack still served a request after ten minutes and were"
    )


def test_a_run_that_only_proves_says_so() -> None:
    result = {"images": 0, "bytes": 0, "downtime_seconds": 0, "proven": 8, "of": 8}
    line = "Nothing was left to move from /old to /new on tkstack; proven 8 of 8."
    assert moved(result, ["/old"], "/new", "tkstack") == line


def test_sources_in_another_order_are_the_same_move() -> None:
    one, other = Move(("/b", "/a"), "/new", "/conf"), Move(("/a", "/b"), "/new", "/conf")
    assert (one.name, one.arguments) == (other.name, other.arguments)
    assert one.name != Move(("/a",), "/new", "/conf").name


def test_what_a_move_says_beforehand_of_a_glance_that_can_be_told() -> None:
    line = ahead(FOUND, ["/old"], "/new", "tkstack", told=True)[1]
    assert line.startswith(
        "Where its service can be told, Glance on tkstack is told of its new directory while it serves; else: "
    )
    assert line.endswith("the copy is made while it runs.")


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"phase": "locate", "serving": True}, "rewriting the locations"),
        ({"phase": "start", "serving": True}, "Glance takes its new directory, and its old workers end"),
        ({"phase": "copy", "serving": True}, "copying"),
        ({"phase": "rollback", "serving": True}, "putting everything back"),
    ],
)
def test_a_glance_that_serves_on_does_not_stand_still(state: dict[str, object], line: str) -> None:
    assert words(state) == line
