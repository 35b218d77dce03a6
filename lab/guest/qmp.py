"""Three words to a running QEMU: power button, reset, quit (QEMU Machine Protocol, over a Unix socket)."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

POWER_BUTTON, RESET, QUIT = "system_powerdown", "system_reset", "quit"


def say(path: Path, command: str) -> bool:
    """Give the command; False when QEMU is not there to hear it."""
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            # A Unix socket's path may have 107 bytes, a lab's folder can lie deeper than that.
            connection.connect(f"/proc/self/fd/{directory}/{path.name}")
            with connection.makefile("rw", encoding="utf-8") as lines:
                lines.readline()  # the greeting
                for each in ("qmp_capabilities", command):
                    lines.write(json.dumps({"execute": each}) + "\n")
                    lines.flush()
                    lines.readline()
    except OSError:
        return False
    finally:
        os.close(directory)
    return True
