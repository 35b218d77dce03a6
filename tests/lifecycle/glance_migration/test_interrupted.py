"""A run that is cancelled, out of time or cut off; a process that is killed. The next run joins what goes on, or repairs it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from strata.clients.glance_migration import Order, Poll, Program
from strata.clients.glance_migration_run import Died, Follower
from strata.deadline import Clock, Deadline
from strata.errors import Failed, StrataError
from strata.provider.kinds import glance_image_migration_sequence as sequence
from tests.lifecycle.glance_migration.site import NEW, OLD, Declared, Site, declared

UNIT = "/run/units/strata-migration-glance"


def signal_unit(site: Site, number: signal.Signals) -> None:
    """To the whole group of the unit's processes."""
    os.killpg(int(site.path(UNIT).read_text()), number)


@pytest.fixture(autouse=True)
def copied_separately(monkeypatch: pytest.MonkeyPatch) -> None:
    """As what is large."""
    monkeypatch.setattr(sequence, "SEPARATELY", 0)


def site_with_images(site: Site) -> Declared:
    for number in range(2):
        site.upload(f"image-{number}")
    site.mount()
    return declared(site)


def held_at(monkeypatch: pytest.MonkeyPatch, site: Site, command: str) -> asyncio.Event:
    """The first process with that command is stopped as soon as it is begun, and that is told.

    It may hold a lock of the played host's then, so that nobody else gets an answer from there.
    """
    begin, left, stopped = Program.begin, [1], asyncio.Event()

    async def held(self: Program, journal: str, order: Order, deadline: Deadline) -> None:
        await begin(self, journal, order, deadline)
        if order.command == command and left.pop():
            signal_unit(site, signal.SIGSTOP)
            left.append(0)
            stopped.set()

    monkeypatch.setattr(Program, "begin", held)
    return stopped


def on_phase(monkeypatch: pytest.MonkeyPatch, phase: str, act: Callable[[], Awaitable[None]]) -> None:
    """Does that once, when a poll shows the phase for the first time."""
    poll = Program.poll
    done: list[str] = []

    async def polled(self: Program, journal: str, command: str, *, ask: bool) -> Poll:
        found = await poll(self, journal, command, ask=ask)
        if found.state.get("phase") == phase and found.running is not False and not done:
            done.append(phase)
            await act()
        return found

    monkeypatch.setattr(Program, "poll", polled)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_cancelled_run_leaves_the_copy_going_and_the_next_one_joins(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = site_with_images(site)
    held_at(monkeypatch, site, "copy")
    run = asyncio.create_task(move.up())
    await until(lambda: site.path(UNIT).exists() and len(site.host.commands) > 12)
    run.cancel()
    with pytest.raises(StrataError, match="was cancelled"):
        await asyncio.wait_for(run, 10)
    assert move.notes == ["The copy goes on by itself on host tkstack. The next `pulumi up` joins in."]
    asyncio.get_running_loop().call_later(1, signal_unit, site, signal.SIGCONT)
    again = declared(site)
    await again.up()
    assert again.progress[0] == "joining `copy`, which is at work on tkstack"
    assert (await again.drift(), site.served()) == ({}, site.images)


async def test_a_deadline_that_passes_says_that_the_copy_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = site_with_images(site)
    held_at(monkeypatch, site, "copy")
    seconds = [0.0]

    async def sleep(asked: float) -> None:
        seconds[0] += 600
        await asyncio.sleep(0.01)

    hurried = Declared(move.kind, move.inputs, "glance", Clock(lambda: seconds[0], sleep))
    with pytest.raises(StrataError, match=r"was not over after 3600 s\. The copy goes on by itself"):
        await hurried.up()
    signal_unit(site, signal.SIGCONT)
    await declared(site).up()
    assert site.served() == site.images


async def test_a_lost_connection_is_waited_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    move = site_with_images(site)

    async def cut() -> None:
        site.host.drop_after = len(site.host.commands) + 1

    on_phase(monkeypatch, "copy", cut)
    await move.up()
    assert (await move.drift(), site.served()) == ({}, site.images)


async def test_a_copy_that_was_killed_is_begun_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    move = site_with_images(site)
    stopped = held_at(monkeypatch, site, "copy")
    run = asyncio.create_task(move.up())
    await asyncio.wait_for(stopped.wait(), 60)
    signal_unit(site, signal.SIGKILL)
    await run
    assert (await move.drift(), site.served()) == ({}, site.images)


async def test_a_cutover_that_was_killed_while_it_copied_is_begun_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "SEPARATELY", 1 << 30)
    move = site_with_images(site)
    stopped = held_at(monkeypatch, site, "cutover")
    run = asyncio.create_task(move.up())
    await asyncio.wait_for(stopped.wait(), 60)
    signal_unit(site, signal.SIGKILL)
    await run
    assert (await move.drift(), site.served()) == ({}, site.images)


@pytest.mark.parametrize("separately", [0, 1 << 30])
async def test_what_stops_the_copy_leaves_glance_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch, separately: int
) -> None:
    monkeypatch.setattr(sequence, "SEPARATELY", separately)
    move = site_with_images(site)
    damaged = site.path(f"{OLD}/image-1")
    damaged.write_bytes(b"y" * damaged.stat().st_size)
    with pytest.raises(StrataError, match="Glance was not stopped and reads its images from"):
        await move.up()
    assert not [one for one in site.host.systemctl_log() if one.startswith(("stop -- glance", "start"))]


async def test_a_cutover_that_was_killed_is_put_back_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = site_with_images(site)
    before = site.path("/etc/glance/glance-api.conf").read_bytes()
    site.api.silent = True

    async def kill() -> None:
        signal_unit(site, signal.SIGKILL)
        site.api.silent = False

    on_phase(monkeypatch, "start", kill)
    with pytest.raises(StrataError) as caught:
        await move.up()
    assert "ended in phase start with no answer" in str(caught.value)
    assert f"was put back, and Glance runs from {OLD} as before" in str(caught.value)
    assert set(site.locations().values()) == {f"file://{OLD}/{one}" for one in site.images}
    assert site.path("/etc/glance/glance-api.conf").read_bytes() == before
    assert site.host.state()["services"]["glance-api"]["active"]
    again = declared(site)
    await again.up()
    assert (await again.drift(), site.served()) == ({}, site.images)


async def test_a_cutover_that_died_with_its_run_is_put_back_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = site_with_images(site)
    site.api.silent = True

    async def kill_both() -> None:
        signal_unit(site, signal.SIGKILL)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        on_phase(patched, "start", kill_both)
        with pytest.raises(StrataError, match="was cancelled"):
            await move.up()
    site.api.silent = False
    again = declared(site)
    await again.up()
    assert again.progress[0] == "putting back what a move left half-done on tkstack"
    assert (await again.drift(), site.served()) == ({}, site.images)


async def test_one_that_died_when_glance_ran_from_its_new_directory_is_not_said_to_be_put_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old workers may take minutes for their last requests, and the program waits for them."""
    move = site_with_images(site)
    follow, left = Follower.follow, [1]

    async def died(self: Follower, journal: str, command: str, on_phase: Any = None) -> dict[str, Any]:
        answer = await follow(self, journal, command, on_phase)
        if command == "cutover" and left:
            left.pop()
            site.path(f"{journal}/answer-cutover.json").write_text('{"died": 137}')
            raise Died("`cutover` was killed", "start")
        return answer

    monkeypatch.setattr(Follower, "follow", died)
    with pytest.raises(StrataError) as caught:
        await move.up()
    assert f"Glance takes new images in {NEW} already" in str(caught.value)
    assert "put back" not in str(caught.value)
    again = declared(site)
    await again.up()
    assert (await again.drift(), site.served()) == ({}, site.images)


async def test_a_glance_that_does_not_come_up_is_put_back(site: Site) -> None:
    move = site_with_images(site)
    site.host.state(breaks_with=NEW)
    with pytest.raises(StrataError, match=f"Glance runs as before, from {OLD}"):
        await move.up()
    assert set(site.locations().values()) == {f"file://{OLD}/{one}" for one in site.images}
    assert site.host.state()["services"]["glance-api"]["active"]
    site.host.state(breaks_with="")
    await declared(site).up()
    assert site.served() == site.images


async def test_another_run_at_work_is_not_disturbed(site: Site) -> None:
    site_with_images(site)
    program = Program(declared(site).kind._connections.host("tkstack"), "glance")  # type: ignore[attr-defined]
    await program.upload(Deadline(60))
    site.host.sh("systemd-run --unit=strata-migration-glance.service -- /bin/sleep 60")
    journal = f"{program.folder}/moves/x"
    with pytest.raises(Failed, match="Another run is moving Glance's images on host tkstack"):
        await program.begin(journal, Order("copy", ()), Deadline(60))


async def test_an_order_handed_over_twice_is_begun_once(site: Site) -> None:
    move = site_with_images(site)
    program = Program(move.kind._connections.host("tkstack"), "glance")  # type: ignore[attr-defined]
    await program.upload(Deadline(60))
    site.host.systemctl_log()
    order = Order("progress", ())
    for _ in range(2):
        await program.begin(f"{program.folder}/moves/x", order, Deadline(60))
    begun: list[Any] = [one for one in site.host.systemctl_log() if one.startswith("run ")]
    assert len(begun) == 1
