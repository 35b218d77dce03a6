"""`python -m lab.ontap`: what it leaves in its directory, its certificate, its end."""

from __future__ import annotations

import json
import signal
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import httpx


def test_the_process_serves_and_ends(tmp_path: Path) -> None:
    exports = tmp_path / "exports.json"
    command = [sys.executable, "-m", "lab.ontap", "--dir", str(tmp_path), "--lif", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--exports-file", str(exports)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            address = (tmp_path / "url").read_text().strip()
            assert line.strip().endswith(address)
            assert address == f"https://127.0.0.1:{(tmp_path / 'port').read_text().strip()}"
            password = (tmp_path / "password").read_text().strip()
            assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600
            trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
            with httpx.Client(verify=trust, auth=("admin", password), trust_env=False) as client:
                query = {"services": "data_nfs", "fields": "ip.address"}
                lifs = client.get(f"{address}/api/network/ip/interfaces", params=query).json()
                by_name = client.get(address.replace("127.0.0.1", "localhost") + "/api/cluster")
            assert lifs["records"][0]["ip"]["address"] == "127.0.0.1"
            assert by_name.status_code == 200
            assert [each["junction_path"] for each in json.loads(exports.read_text())] == ["/"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) in (0, -signal.SIGTERM)
