"""Reports to write: one with everything that there can be, and one that is too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from strata.drift.finding import Change, Finding, Net, Place, Trouble
from strata.drift.report import AcceptedFinding, Report, StackReport, UnmanagedObject
from tests.unit.drift.recordings import VOLUME

CHECKED = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
FILE = "stacks/Pulumi.{}.yaml"
SIZE = Finding(
    VOLUME, Change.CHANGED, Net.BOTH, "size", "50GiB", "60GiB", place=Place(FILE.format("tokyo"), 12)
)
KEY = Finding(VOLUME, Change.CHANGED, Net.REFRESH, "tempUrlKey", "[secret]", "[secret]")
GONE = Finding(VOLUME, Change.GONE, Net.BOTH)
MOVED = Finding(VOLUME, Change.CHANGED, Net.UP, "aggregate", "aggr2", "aggr1", replaces=True)
REASON = "ONTAP cluster {} cannot be reached: Connection refused."
WHOLE = [Finding(VOLUME, change, Net.UP) for change in (Change.UNMADE, Change.UNDECLARED, Change.UNFINISHED)]
HOSTILE = Finding(
    VOLUME, Change.CHANGED, Net.UP, "comment", "a|b `c` <b>@all</b>\n# d", "\x00\x1b[31m ]]> & \ud7ff"
)


def trouble(volume: str, cluster: str = "cluster02") -> Trouble:
    return Trouble(
        f"Reading volume {volume}: could not tell, because {REASON.format(cluster)}", f"{VOLUME}-{volume}"
    )


STRAY = UnmanagedObject("ontap", "volume", "cluster01/1d4a", "demo-nfs-svm/loose")
STRAY_ZONE = UnmanagedObject("cloudstack", "zone", "7", "\x1b[31mzone|7")
EVERYTHING = Report(
    CHECKED,
    (
        StackReport("osaka", FILE.format("osaka"), looked=12),
        StackReport(
            "tokyo",
            FILE.format("tokyo"),
            findings=(SIZE, KEY, GONE, MOVED, HOSTILE, *WHOLE),
            accepted=(AcceptedFinding(SIZE, "ticket 4711", date(2026, 12, 31)),),
            notes=("ontap:Volume/old is accepted, but nothing is otherwise there.",),
            looked=12,
            unmanaged=(STRAY, STRAY_ZONE),
        ),
        StackReport(
            "kyoto",
            FILE.format("kyoto"),
            findings=(SIZE,),
            troubles=(trouble("v1"), trouble("v2"), trouble("v3")),
        ),
        StackReport("new", FILE.format("new"), never_up=True, notes=("\x0b",)),
    ),
)
CLEAN = Report(CHECKED, (StackReport("osaka", FILE.format("osaka"), looked=12),))


def long(findings: int, text: str = "x" * 100) -> Report:
    """A report of one stack with that many findings."""
    many = tuple(replace(SIZE, path=f"property{number}", actual=text) for number in range(findings))
    return Report(CHECKED, (StackReport("tokyo", FILE.format("tokyo"), findings=many, looked=findings),))


STRAYS = Report(CHECKED, (StackReport("osaka", FILE.format("osaka"), looked=12, unmanaged=(STRAY,)),))
"""As declared, but for what nobody declared."""
