"""Moving Glance's images to NFS: Strata against the plain recipe (stop, `cp -a`, edit, start), on the lab's guest.

    python -m benchmarks.migration [--count 200] [--bytes 2000000000] [--rounds 1] [--proof auto all]

All sides begin with the same guest (a snapshot of it), an empty volume that is mounted, and cold caches. Total is what an
operator waits for: for the plain recipe until Glance answers again, with nothing proven; for Strata all of `pulumi up`: the
copies, each read back from the volume and compared with its hash, the change, the old workers' end, and the download through
Glance of the images that `--proof` says. Downtime is from the stop, or the signal, to the first answer of the API.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.environment import Lab
from lab.glance.images import CONFIG, STORE
from lab.glance.population import specimens
from tests.acceptance.migration.site import MOUNT, NEW, STORE_MOVED, VOLUME, Site
from tests.acceptance.project import Project

BEFORE = "benchmark"
TOTAL_AT_MOST, DOWNTIME_AT_MOST = 1.3, 0.1

PLAIN = f"""\
set -e
now() {{ date +%s.%N; }}
begin=$(now)
systemctl stop glance-api
cp -a {STORE}/. {NEW}/
sed -i 's#^filesystem_store_datadir.*#filesystem_store_datadir = {NEW}#' {CONFIG}
systemctl start glance-api
answers() {{
    exec 3<>/dev/tcp/127.0.0.1/9292 && printf 'GET /v2/images HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q 200
}} 2>/dev/null
until (answers); do sleep 0.1; done
echo "$begin $(now)"
"""


@dataclass(frozen=True)
class Took:
    """Seconds in all, and of standing still."""

    total: float
    downtime: float


def plain(site: Site) -> Took:
    """By hand; the volume is mounted already, as it is at the first step that can be compared."""
    site.host(f"mkdir -p {NEW} && mount -t nfs 10.130.208.55:/moved {NEW} && chown glance:glance {NEW}")
    ran = site.lab.host.ssh("bash -s", stdin=PLAIN, timeout=3600)
    if ran.code != 0:
        raise SystemExit(f"the plain recipe failed: {ran}")
    begin, end = (float(word) for word in ran.output.split()[-2:])
    site.host(f"umount {NEW} || umount --lazy {NEW}")
    return Took(end - begin, end - begin)


def strata(site: Site, proof: str) -> Took:
    """By declaration: move and proof in one `up`; the volume is mounted by one before."""
    site.declare(MOUNT)
    site.up()
    site.declare(MOUNT, STORE_MOVED.replace("keepSource: true", f"keepSource: true, proof: {proof}"))
    began = time.monotonic()
    run = site.start_up()
    ran = run.end(timeout=3600, expect=0)
    total = time.monotonic() - began
    print(ran.output, flush=True)
    site.lab.host.wait_for_glance()
    return Took(total, site.journal("downtime_seconds"))


def prepare(lab: Lab, folder: Path, count: int, total: int) -> Site:
    """A guest as new with its images, and a volume."""
    lab.down()
    lab.reset(print_progress, parts=("ontap", "nfs", "host"))
    # Without a server behind it the management service asks for one every two seconds.
    lab.ssh("systemctl stop cloudstack-management")
    project = Project.make(folder / "project", VOLUME.format(lab=lab.name))
    project.up()
    site = Site(lab, project)
    site.populate(specimens(count, total, prefix="benchmark"))
    site.host("sync; echo 3 > /proc/sys/vm/drop_caches")
    site.keep(BEFORE)
    return site


def print_progress(part: str, words: str) -> None:
    print(f"{part}: {words}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Strata's move of images against the plain recipe.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=2_000_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--proof", nargs="+", default=["auto", "all"], help="images to download afterwards")
    chosen = parser.parse_args()
    lab = Lab("benchmark")
    sides: dict[str, Callable[[Site], Took]] = {"plain recipe": plain}
    sides |= {f"Strata, proof: {proof}": partial(strata, proof=proof) for proof in chosen.proof}
    with tempfile.TemporaryDirectory() as folder:
        try:
            site = prepare(lab, Path(folder), chosen.count, chosen.bytes)
            for number in range(chosen.rounds):
                took = {}
                for name, side in sides.items():
                    site.go_back(BEFORE)
                    took[name] = side(site)
                    print_progress(f"round {number + 1}, {name}", f"{took[name]}")
                report(took, chosen.count, chosen.bytes)
        finally:
            lab.down()


def report(took: Mapping[str, Took], count: int, total: int) -> None:
    """A line each; the first is the measure of the others."""
    by_hand = next(iter(took.values()))
    print(f"\n{count} images, {total / 1e9:.2g} GB")
    print(f"{'':24}{'total':>10}{'ratio':>8}{'downtime':>12}{'ratio':>8}")
    for name, one in took.items():
        print(
            f"{name:24}{one.total:8.1f} s{one.total / by_hand.total:8.2f}"
            f"{one.downtime:10.1f} s{one.downtime / by_hand.downtime:8.3f}"
        )
    print(f"{'asked for, at most':24}{'':10}{TOTAL_AT_MOST:8.2f}{'':12}{DOWNTIME_AT_MOST:8.3f}", flush=True)


if __name__ == "__main__":
    main()
