"""One running emulator per test, and netapp-ontap connected to it the way the facts say is safe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from netapp_ontap import HostConnection, config

from lab.ontap.testing import RunningOntap, running


@pytest.fixture
def ontap(tmp_path: Path) -> Iterator[RunningOntap]:
    """A fresh cluster whose clock stands still and whose jobs end at the next look."""
    with running(tmp_path / "ontap") as emulator:
        yield emulator


@pytest.fixture
def connection(ontap: RunningOntap, monkeypatch: pytest.MonkeyPatch) -> HostConnection:
    """netapp-ontap with real TLS verification; it refuses fields it does not know."""
    monkeypatch.setattr(config, "STRICT_FIELD_ACCEPTANCE", True, raising=False)
    host = HostConnection(
        ontap.host,
        username=ontap.username,
        password=ontap.password,
        verify=str(ontap.ca),
        port=ontap.port,
        poll_interval=0.01,
        poll_timeout=5,
    )
    host.session.trust_env = False  # REQUESTS_CA_BUNDLE would override verify (facts: ontap 0.6)
    return host
