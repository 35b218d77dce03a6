"""The lock of the fidelity tests, taken apart: the big package by itself, everything else to be installed."""

from __future__ import annotations

import re
from pathlib import Path

from tools.setup.ansible_environment import apart

LOCK = Path(__file__).resolve().parents[3] / "requirements" / "fidelity.txt"


def test_the_big_package_is_taken_out_with_its_hashes_and_nothing_else() -> None:
    whole, rest = apart(LOCK.read_text())
    assert re.findall(r"^[\w-]+(?===)", whole, re.MULTILINE) == ["ansible"]
    assert "--hash=sha256:" in whole
    names = re.findall(r"^[\w-]+(?===)", rest, re.MULTILINE)
    assert {"ansible-core", "cs", "jinja2"} <= set(names)
    assert "ansible" not in names
    lines = [line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    assert sorted(whole.splitlines() + rest.splitlines()) == sorted(lines)
