"""What of the stack file's connections is found wrong before anything is asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strata.errors import Failed
from strata.provider.connections import Connections


def connections(root: Path, ca: str) -> Connections:
    ontap = {"hostname": "cluster01", "username": "admin", "password": "p", "caFile": ca}
    swift = {"authUrl": "https://swift01/auth/v1.0", "user": "test:tester", "key": "k", "caFile": ca}
    cloudstack = {"endpoint": "https://cs/client/api", "apiKey": "a", "secretKey": "s", "caFile": ca}
    return Connections({"cluster01": ontap}, {}, root, {}, swift={"objects": swift}, cloudstack=cloudstack)


@pytest.mark.parametrize(
    ("ca", "trouble"), [("certs/none.pem", "is not there"), ("shut.pem", "can't be read")]
)
def test_a_wrong_ca_file_is_named_with_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca: str, trouble: str
) -> None:
    (tmp_path / "shut.pem").touch()
    real = os.access

    def access(path: Path, mode: int) -> bool:
        """An administrator may read everything, whatever a file's mode says."""
        return real(path, mode) and not (path.name == "shut.pem" and mode == os.R_OK)

    monkeypatch.setattr(os, "access", access)
    known = connections(tmp_path, ca)
    for what, ask in (
        ("ONTAP cluster cluster01", lambda: known.ontap("cluster01")),
        ("Swift account objects", lambda: known.swift("objects")),
        ("strata:cloudstack", known.cloudstack),
    ):
        with pytest.raises(Failed, match=f"the caFile {tmp_path / ca} of {what} {trouble}"):
            ask()


@pytest.mark.parametrize("ca", ["ca.pem", "certs"], ids=["a file", "a folder, which OpenSSL takes as well"])
def test_a_ca_file_is_relative_to_the_project(tmp_path: Path, ca: str) -> None:
    (tmp_path / "ca.pem").touch()
    (tmp_path / "certs").mkdir()
    known = connections(tmp_path, ca)
    assert known.swift("objects").name == "objects"
    assert known.cloudstack().endpoint == "https://cs/client/api"
