"""The run, the connection or the host dies in a phase of the move; the next `up` ends in the same good state.

Three moves here meet a death in every phase: one whose Glance is stopped, one whose Glance goes on serving, one whose
host is switched off. Each death in each phase by itself takes an hour and a half: `make test-migration-matrix`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from lab.glance.population import specimens
from tests.acceptance.migration.site import MOUNT, STORE_MOVED, STORE_RESTARTED, Site
from tests.acceptance.project import Started

pytestmark = [pytest.mark.acceptance, pytest.mark.migration, pytest.mark.timeout(1200)]

PHASES = ("copy", "check", "stop", "delta", "verify", "own", "locate", "setting", "start", "prove")
"""As the program on the host notes them: `check` is that before the stop, the one before the copy is a look of the run's.

`ready` is only noted where a second host has to be stopped first.
"""
FEW = "few-images"
PATIENCE = 400.0


def killed(site: Site, run: Started) -> None:
    """SIGKILL to the engine and everything of it, the provider included."""
    run.kill()
    assert run.end().code == -signal.SIGKILL
    run.sweep()
    site.let_go()
    site.project.pulumi("cancel", "--yes")


def cut(site: Site, run: Started) -> None:
    """Every connection to the host ends; the run may go on by itself or fail."""
    site.cut_connections()
    site.let_go()


def switched_off(site: Site, run: Started) -> None:
    """The host loses its power, and what was not synced; the run finds nobody and is ended."""
    site.lab.host.reset()
    run.interrupt()
    run.end(timeout=PATIENCE)
    site.lab.host.wait_for_ssh()


Death = Callable[[Site, Started], None]
DEATHS: dict[str, Death] = {"killed": killed, "cut": cut, "switched off": switched_off}


@dataclass(frozen=True)
class Case:
    """A death in a phase, and what is dangerous about it."""

    phase: str
    death: Death
    because: str


STORY = (
    Case("copy", killed, "the copy goes on without the run, and the next one joins it"),
    Case("check", cut, "a run that loses its connection before anything is stopped has nothing to put back"),
    Case("stop", killed, "Glance is about to stand still and nobody waits for it"),
    Case("delta", cut, "the program ends the window by itself, without a connection"),
    Case("verify", killed, "nothing was changed yet, and Glance stands still"),
    Case("own", cut, "the same, one step later"),
    Case("locate", killed, "the transaction is not done, or done and not noted"),
    Case("setting", cut, "locations are new, the setting is the old one"),
    Case("start", killed, "everything is new and Glance does not answer yet"),
    Case("prove", cut, "Glance runs from the new place, and a probe image may be left"),
)
SERVING = (
    Case("copy", cut, "the copy goes on without a connection"),
    Case("check", killed, "nothing is written yet"),
    Case("own", cut, "the same, one step later"),
    Case("locate", killed, "Glance serves old and new locations while the transaction is done or not"),
    Case("start", cut, "Glance is told to read its new setting, and old workers end"),
    Case("prove", killed, "Glance runs from the new place, and a probe image may be left"),
)
"""Glance is told to read its configuration again: nothing stops, so there is no last delta of a stop.

`setting` lasts milliseconds here: whoever is to be stopped in it may be in `start` already, and that would be missed next.
"""
BLACKOUTS = (
    Case(
        "copy", switched_off, "what the host held in memory of half a copy is gone, and its journal is true"
    ),
    Case(
        "setting",
        switched_off,
        "locations are new, the setting is the old one, and Glance starts with the host",
    ),
)


@pytest.fixture(scope="module")
def few(site: Site) -> Iterator[Site]:
    """Eight images in Glance's own directory, and a project whose volume is not mounted yet."""
    site.populate(specimens(8, 24 * 1024 * 1024, prefix="few"))
    site.keep(FEW)
    yield site
    site.lab.host.machine.forget(FEW)


@dataclass
class Move:
    """One move, with as many runs as it takes."""

    site: Site
    run: Started

    def dies(self, case: Case) -> None:
        """Holds the program in the phase and lets the death come."""
        phase = self.site.held(self.run)
        late = PHASES.index(phase) - PHASES.index(case.phase)
        assert late in (0, 1) or (case.phase, phase) == ("check", "copy"), (
            f"held in {phase}, not {case.phase}"
        )
        case.death(self.site, self.run)

    def goes_on(self) -> None:
        """Another run, where the last one is no more."""
        if self.run.process.poll() is not None:
            self.run = self.site.start_up()

    def ends_well(self) -> None:
        """Whatever became of the last run, Glance runs; and after one more everything is as it should be."""
        if self.run.process.poll() is None:
            self.run.end(timeout=PATIENCE)
        self.site.lab.host.wait_for_glance()
        self.site.up()
        self.site.is_good()


@contextmanager
def _move(site: Site, *phases: str, store: str = STORE_RESTARTED) -> Iterator[Move]:
    """A move that begins, its program to be held in these phases; what it said last is printed when the test fails."""
    site.go_back(FEW)
    site.declare(MOUNT, store)
    site.hold(*phases)
    move = Move(site, site.start_up())
    try:
        yield move
    except BaseException:
        print(site.state())
        raise
    finally:
        move.run.kill()
        move.run.sweep()


def test_a_move_whose_runs_die_in_every_phase_ends_well(few: Site) -> None:
    with _move(few, *(case.phase for case in STORY)) as move:
        for case in STORY:
            move.dies(case)
            move.goes_on()
        move.ends_well()


def test_a_move_that_stops_nothing_and_whose_runs_die_in_every_phase_ends_well(few: Site) -> None:
    with _move(few, *(case.phase for case in SERVING), store=STORE_MOVED) as move:
        before = few.started()
        for case in SERVING:
            move.dies(case)
            assert few.lab.host.ssh("systemctl is-active glance-api").code == 0, case.because
            move.goes_on()
        move.ends_well()
        assert few.started() == before, "Glance was never stopped"


@pytest.mark.parametrize(
    "blackouts",
    [
        pytest.param(BLACKOUTS, id="twice"),
        pytest.param(
            tuple(Case(phase, switched_off, "one after the other") for phase in PHASES),
            id="in every phase",
            marks=pytest.mark.migration_matrix,
        ),
    ],
)
def test_a_move_whose_host_loses_its_power_ends_well(few: Site, blackouts: tuple[Case, ...]) -> None:
    first, *others = blackouts
    with _move(few, first.phase) as move:
        move.dies(first)
        for case in others:
            few.hold(case.phase)
            move.goes_on()
            move.dies(case)
        move.ends_well()


@pytest.mark.migration_matrix
@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize(
    ("store", "phase"),
    [
        *(pytest.param(STORE_RESTARTED, phase, id=f"{phase}-stopped") for phase in PHASES),
        *(pytest.param(STORE_MOVED, case.phase, id=f"{case.phase}-serving") for case in SERVING),
    ],
)
def test_every_death_in_every_phase_ends_well(few: Site, store: str, phase: str, death: str) -> None:
    with _move(few, phase, store=store) as move:
        move.dies(Case(phase, DEATHS[death], "one death by itself"))
        move.ends_well()
