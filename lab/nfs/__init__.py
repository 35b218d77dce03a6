"""The data LIF's real side: nfs-ganesha exports a directory for each mounted volume at its junction path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lab.nfs.server import Ganesha
from lab.ontap.exports import Export


def apply(exports: Sequence[Export], ontap_dir: Path) -> None:
    """What `python -m lab.ontap --on-change-module lab.nfs:apply` calls: the lab's nfs folder stands beside ontap's."""
    Ganesha(ontap_dir.parent / "nfs").apply(exports)
