"""Ganesha's configuration from the export list."""

from __future__ import annotations

import re
from pathlib import Path

from lab.addresses import GUESTS
from lab.nfs.config import Server, render
from lab.ontap.exports import Export, ExportRule

SERVER = Server(12049, Path("/lab/nfs"))
RULE = ExportRule(1, ("10.130.208.20",), ("nfs",), ("sys",), ("sys",), ("sys",), "65534")
IMAGES = Export("u1", "images", "demo-nfs-svm", "/lab/volumes/u1", "/images", "glance", (RULE,))
ROOT = Export("u0", "demo_root", "demo-nfs-svm", "/lab/volumes/u0", "/", "default", ())


def blocks(text: str, name: str) -> list[str]:
    return re.findall(rf"^\s*{name} \{{.*?\}}", text, re.M | re.S)


def test_a_mounted_volume_is_exported_at_its_junction_path() -> None:
    (export,) = blocks(render(SERVER, [IMAGES], {"u1": 7}, GUESTS), "EXPORT")
    for line in ("Export_Id = 7;", 'Path = "/lab/volumes/u1";', 'Pseudo = "/images";', "Access_Type = None;"):
        assert line in export


def test_only_guests_with_access_have_a_client_block() -> None:
    (client,) = blocks(render(SERVER, [IMAGES], {"u1": 7}, GUESTS), "CLIENT")
    assert "Clients = 127.0.208.20;" in client
    assert "Access_Type = RW; Squash = No_Root_Squash; Anonymous_Uid = 65534;" in client


def test_nothing_mounted_is_a_server_without_exports() -> None:
    text = render(SERVER, [ROOT], {}, GUESTS)
    assert not blocks(text, "EXPORT"), "the SVM's root volume is ganesha's own pseudo file system"
    assert "NFS_Port = 12049;" in text
    assert "Bind_addr = 127.0.0.1;" in text
