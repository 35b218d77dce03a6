"""What the machine says of a lab's processes, whoever started them."""

from __future__ import annotations

from pathlib import Path

from lab.environment import Lab


def command_lines_of(lab: Lab) -> list[str]:
    """Every command line that names the lab's folder or a port behind its relays, but those that only wait to be buried."""
    ports = lab.host.ports_or_none
    relays = [f"TCP:127.0.0.1:{port}," for port in (ports.nfs, ports.records) if port] if ports else []
    marks = (str(lab.folder.path) + "/", *relays)
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if any(mark in line for mark in marks):
            lines.append(line)
    return lines
