"""The emulator as a process: what it writes down for its users, and stopping it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx

from lab.cloudstack import auth


def test_it_serves_and_keeps_its_keys(tmp_path: Path) -> None:
    """The files tell where it is; the keys are for the owner alone and the same after the next start."""
    keys = []
    for _ in range(2):
        command = [sys.executable, "-m", "lab.cloudstack", "--dir", str(tmp_path), "--era", "legacy"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert "CloudStack emulator (legacy) ready at" in process.stdout.readline()
            told = {
                name: (tmp_path / name).read_text().strip() for name in ("endpoint", "api_key", "secret_key")
            }
            asked = {"command": "listSwifts", "response": "json", "apiKey": told["api_key"]}
            asked["signature"] = auth.signature(asked.items(), told["secret_key"])
            answer = httpx.post(told["endpoint"], data=asked, trust_env=False)
            assert answer.json() == {"listswiftsresponse": {}}
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
        keys.append(told["secret_key"])
    assert keys[0] == keys[1]
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
