"""A word to a running QEMU: power button, reset, a line for its monitor (QEMU Machine Protocol, Unix socket)."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

POWER_BUTTON, RESET, MONITOR = "system_powerdown", "system_reset", "human-monitor-command"
_PATIENCE = 60.0


def say(path: Path, command: str, arguments: Mapping[str, str] | None = None) -> bool:
    """Give the command and wait until it is done; False when QEMU is not there to hear it, or refused."""
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            # A Unix socket's path may have 107 bytes, a lab's folder can lie deeper than that.
            connection.connect(f"/proc/self/fd/{directory}/{path.name}")
            with connection.makefile("rw", encoding="utf-8") as lines:
                lines.readline()  # the greeting
                _ask(lines, {"execute": "qmp_capabilities"})
                answer = _ask(lines, {"execute": command, "arguments": dict(arguments or {})})
    except OSError:
        return False
    finally:
        os.close(directory)
    # The monitor answers a good line with nothing and a bad one with words.
    return "return" in answer and not (command == MONITOR and answer["return"])


def _ask(lines: TextIO, request: Mapping[str, Any]) -> dict[str, Any]:
    lines.write(json.dumps(request) + "\n")
    lines.flush()
    for line in lines:
        answer: dict[str, Any] = json.loads(line)
        if "event" not in answer:
            return answer
    return {}
