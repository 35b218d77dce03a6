"""Two runs on one stack: one goes on, the other is told who holds the lock and what to do."""

from __future__ import annotations

import getpass

import pytest

from tests.acceptance.engine.site import Site

pytestmark = pytest.mark.acceptance

UP = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")


def test_a_second_run_is_refused_and_a_preview_works_meanwhile(site: Site) -> None:
    site.fault("job_hang")
    first = site.up_until(lambda: site.jobs("running"))

    second = site.project.up(expect=1)
    assert f"{getpass.getuser()}@" in second.output, "who holds it"
    assert f"(pid {first.process.pid})" in second.output, second
    assert "pulumi cancel" in second.output
    assert "Traceback" not in second.output
    preview = site.project.preview()
    assert "strata:ontap:Volume" in preview.output
    assert first.process.poll() is None, "neither of them disturbs the first"

    site.ontap.calm()
    first.end(expect=0)
    assert len(site.posts()) == 1
    site.settled()


def test_of_two_that_start_at_once_at_most_one_goes_on(site: Site) -> None:
    both = [site.project.start(*UP) for _ in range(2)]
    ran = [one.end() for one in both]

    assert [one.code for one in ran].count(0) <= 1
    for one in ran:
        assert one.code == 0 or "pulumi cancel" in one.output, one
    assert len(site.posts()) <= 1
    if all(one.code for one in ran):
        site.project.up()
    site.settled()
