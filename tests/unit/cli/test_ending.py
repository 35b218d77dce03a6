"""What ends a command from outside, and whom `nohup` keeps from it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal
from strata.cli import ending

async def work():
    os.kill(os.getpid(), signal.SIGHUP)
    for _ in range(1000):
        await asyncio.sleep(0)
    return "went on"

print(ending.run("drift", work()))
"""


@pytest.mark.parametrize(
    ("signals", "code", "said"),
    [
        ("--default-signal=HUP", 129, "strata drift: ended by SIGHUP.\n"),
        ("--ignore-signal=HUP", 0, "went on\n"),
    ],
    ids=["a closed terminal", "nohup"],
)
def test_a_closed_terminal_ends_it_and_nohup_has_it_go_on(signals: str, code: int, said: str) -> None:
    ran = subprocess.run(
        ["env", signals, sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (code, said)
