"""Glance's service on this host: the one place where the program speaks to systemd, and where it asks whether the API answers."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import Final

from strata.migration.failure import Stopped

STATED_EVERY: Final = 3.0
"""Seconds between two questions for the service's state: each is a process, and Glance needs the processors for its start."""


def systemctl(*words: str, seconds: float = 180) -> tuple[int, str]:
    """(exit code, what it printed). 124 where it did not come to its end."""
    try:
        ended = subprocess.run(
            ["systemctl", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return 124, f"it did not end within {seconds:g} s"
    except OSError as error:
        return 127, error.strerror or "it could not be run"
    return ended.returncode, ended.stdout.decode("utf-8", "replace").strip()


def answers(address: str, port: int, seconds: float = 30) -> bool:
    """Whether anything but an error of the server's own (5xx) comes back; the alert of a server that wants TLS will do."""
    try:
        with socket.create_connection((address, port), 5) as api:
            api.settimeout(seconds)
            api.sendall(f"GET / HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            head = b""
            while len(head) < 12:
                more = api.recv(64)
                if not more:
                    break
                head += more
    except OSError:
        return False
    return bool(head) and not (head.startswith(b"HTTP/") and head[9:10] == b"5")


def active(service: str) -> str:
    """`active`, `inactive`, `failed`, `activating` …"""
    return systemctl("is-active", "--", service)[1]


def stop(service: str) -> None:
    """It stands still when this returns."""
    code, said = systemctl("stop", "--", service)
    if code:
        raise Stopped(
            f"The service {service} could not be stopped: systemctl answered {code}: {_short(said)}. See `systemctl status "
            f"{service}` and repeat."
        )


def reload() -> None:
    """Lets systemd read the drop-ins again."""
    code, said = systemctl("daemon-reload")
    if code:
        raise Stopped(
            f"systemd did not read its files again: `systemctl daemon-reload` answered {code}: {_short(said)}. See the drop-in "
            "and repeat."
        )


def start(service: str) -> None:
    """Returns when systemd has begun it; `wait` says when it answers."""
    code, said = systemctl("start", "--", service)
    if code and "repeated too quickly" in said:
        systemctl("reset-failed", "--", service)
        code, said = systemctl("start", "--", service)
    if code:
        raise Stopped(
            f"The service {service} could not be started: systemctl answered {code}: {_short(said)}. See `journalctl "
            f"-u {service}`."
        )


def wait(service: str, address: str, port: int, seconds: float) -> None:
    """Returns as soon as its API answers."""
    end = time.monotonic() + seconds
    stated, state = time.monotonic(), ""
    while not answers(address, port):
        now = time.monotonic()
        if now - stated > STATED_EVERY:
            stated, state = now, active(service)
            if state in ("failed", "inactive"):
                raise Stopped(
                    f"The service {service} ended right after its start ({state}). See `journalctl -u {service}`."
                )
        if now > end:
            raise Stopped(
                f"The service {service} was started, and its API on {address}:{port} did not answer within {seconds:g} s (the "
                f"service is {state or 'in an unknown state'}). See `journalctl -u {service}`."
            )
        time.sleep(0.05)


def _short(said: str) -> str:
    return " ".join(said.split())[-300:] or "nothing"
