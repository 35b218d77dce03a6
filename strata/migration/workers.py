"""Glance's API as processes: whether it can take another configuration without leaving its port, and how far it is with that.

Under eventlet it is a parent that listens and children that serve. On SIGHUP the parent reads its files again, opens its stores
again and forks new children; the old ones take nothing more and end with their last request (see docs/design.md).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from strata.migration import service
from strata.migration.failure import Stopped

PROC: Final = ["/proc"]
LOOK: Final = 0.1
PROGRAMS: Final = ("glance-api", "glance.cmd.api")

_READ: Final = """
import sys
from oslo_config import cfg
section, option, program, given = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
conf = cfg.ConfigOpts()
conf.register_opt(cfg.StrOpt(option), group=None if section == "DEFAULT" else section)
conf(given, project="glance", prog=program)
print((conf if section == "DEFAULT" else conf[section])[option] or "")
"""


class Unfit(Exception):
    """Why the service has to be stopped and started; half a sentence."""


class NotTaken(Stopped):
    """The service was told to read its configuration again and did not come to serving with it."""


@dataclass(frozen=True)
class Process:
    """pid and started (clock ticks since the boot) together name one process of this boot."""

    pid: int
    started: int
    parent: int = 0
    group: int = 0

    @property
    def identity(self) -> list[int]:
        return [self.pid, self.started]


@dataclass(frozen=True)
class Parent:
    """children: the workers that serve when it is looked at."""

    main: Process
    children: tuple[Process, ...]


def find(name: str, file: str, new: str) -> Parent:
    """The running service that can be told to read `file` again and sees the directory `new`; Unfit says what is in the way."""
    main = main_of(name)
    if main is None:
        raise Unfit("the service does not run")
    words = _words(main.pid)
    if not any(os.path.basename(word) in PROGRAMS for word in words[:4]) or "python" not in words[0]:
        raise Unfit("its main process is not Glance's own server (glance-api under eventlet)")
    if not _reads_file(words, file):
        raise Unfit(f"its main process was not started with {file}")
    if not _catches_hup(main.pid):
        raise Unfit("its main process does not heed SIGHUP, as without workers (workers = 0)")
    everybody = _everybody()
    children = tuple(one for one in everybody if one.parent == main.pid)
    if not children or not all(_words(one.pid) == words and _catches_hup(one.pid) for one in children):
        raise Unfit("its main process has no workers, or children that are none")
    # Glance signals its whole process group.
    if [one for one in everybody if one.group == main.group and one not in (main, *children)]:
        raise Unfit("other programs belong to its process group, and SIGHUP would end them")
    _see_directory(main.pid, new)
    return Parent(main, children)


def main_of(name: str) -> Process | None:
    """The service's main process."""
    code, said = service.systemctl("show", "-p", "MainPID", "--value", "--", name)
    return _process(int(said)) if code == 0 and said.isdigit() and int(said) else None


def reads(parent: Parent, section: str, option: str) -> str | None:
    """What Glance will find set: by its own library, with its own files, rights and environment; None where it can't read them.

    Glance goes on with its old settings, without a word, when one of its files can't be read. A later file of its command line
    and a variable of its environment overrule the one that is written.
    """
    words, ids = _words(parent.main.pid), _status(parent.main.pid)
    if not words[0] or not ids:
        return None
    root = os.geteuid() == 0
    rights = {"user": ids["Uid"][0], "group": ids["Gid"][0], "extra_groups": ids["Groups"]} if root else {}
    files = [f"{name}={one}" for name, one in _options(words) if name in ("--config-file", "--config-dir")]
    program = "glance-api" if any(os.path.basename(word) == "glance-api" for word in words[:4]) else "api"
    try:
        child = subprocess.run(
            [sys.executable, "-c", _READ, section, option, program, *files],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=120,
            cwd="/",
            env=_as_seen_by(parent.main.pid),
            **rights,  # type: ignore[call-overload]
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return child.stdout.decode("utf-8", "surrogateescape").rstrip("\n") if child.returncode == 0 else None


def reload(parent: Parent) -> None:
    """Only the parent is told; it tells its workers."""
    if not alive(parent.main):
        raise NotTaken("The service's main process ended before it was told to read its configuration again.")
    try:
        os.kill(parent.main.pid, signal.SIGHUP)
    except OSError as error:
        raise NotTaken(
            f"The service could not be told to read its configuration again: {error.strerror}."
        ) from error


def wait(name: str, parent: Parent, address: str, port: int, seconds: float) -> None:
    """Returns when a worker that was begun since is there and the API answers."""
    end = time.monotonic() + seconds
    while not (_fresh(parent) and service.answers(address, port)):
        if not alive(parent.main):
            raise NotTaken(
                f"The service {name} ended when it read its configuration again. See `journalctl -u {name}`."
            )
        if time.monotonic() > end:
            raise NotTaken(
                f"The service {name} was told to read its configuration again, and no new worker answered on {address}:{port} "
                f"within {seconds:g} s. See `journalctl -u {name}`."
            )
        time.sleep(LOOK)


def drain(old: Sequence[Process], address: str, port: int, seconds: float) -> int:
    """Returns when these old workers are gone; says how many were ended because their requests took longer than that."""
    end = time.monotonic() + seconds
    while left := [one for one in old if alive(one)]:
        if time.monotonic() > end:
            _end(left)
            return len(left)
        # An idle worker looks up when somebody connects.
        service.answers(address, port)
        time.sleep(LOOK)
    return 0


def boot() -> str:
    """Names this boot of the host."""
    return _text("sys/kernel/random", "boot_id").strip()


def alive(process: Process) -> bool:
    now = _process(process.pid)
    return now is not None and now.started == process.started


def _end(left: Sequence[Process]) -> None:
    for number, pause in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        for one in left:
            if alive(one):
                with suppress(OSError):
                    os.kill(one.pid, number)
        end = time.monotonic() + pause
        while any(alive(one) for one in left) and time.monotonic() < end:
            time.sleep(LOOK)


def _fresh(parent: Parent) -> bool:
    known = {(one.pid, one.started) for one in (parent.main, *parent.children)}
    return any(
        one.parent == parent.main.pid and (one.pid, one.started) not in known and _catches_hup(one.pid)
        for one in _everybody()
    )


def _see_directory(pid: int, new: str) -> None:
    """The service may have a view of its own of the host's mounts, from before the volume came."""
    seen = f"{PROC[0]}/{pid}/root{new}"
    try:
        there, here = os.stat(seen), os.stat(new)
        read_only = os.statvfs(seen).f_flag & os.ST_RDONLY
    except OSError as error:
        raise Unfit(f"its main process does not see {new} ({error.strerror})") from error
    if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino) or read_only:
        raise Unfit(f"its main process sees another {new}, or may not write there")


def _reads_file(words: Sequence[str], file: str) -> bool:
    """Whether the file is one of those that the command line names, or of those that Glance looks for by itself."""
    named, folders = _given(words, "--config-file"), _given(words, "--config-dir")
    real, folder = os.path.realpath(file), os.path.realpath(os.path.dirname(file))
    if folder in [os.path.realpath(one) for one in folders]:
        return True
    if named:
        return real in [os.path.realpath(one) for one in named]
    return os.path.basename(file) == "glance-api.conf" or folder.endswith(".conf.d")


def _given(words: Sequence[str], option: str) -> list[str]:
    return [value for name, value in _options(words) if name == option]


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    """Those with a value, in their order."""
    found = []
    for place, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name.startswith("--") and (sign or place + 1 < len(words)):
            found.append((name, value if sign else words[place + 1]))
    return found


def _as_seen_by(pid: int) -> dict[str, str]:
    """Our environment, with what Glance's library heeds as that process has it."""

    def heeded(name: str) -> bool:
        return name == "HOME" or name.startswith("OS_")

    own = {name: value for name, value in os.environ.items() if not heeded(name)}
    pairs = (line.partition("=") for line in _text(pid, "environ").split("\0"))
    return {**own, **{name: value for name, _, value in pairs if heeded(name)}}


def _everybody() -> list[Process]:
    found = [_process(int(name)) for name in os.listdir(PROC[0]) if name.isdigit()]
    return [one for one in found if one is not None]


def _process(pid: int) -> Process | None:
    """None for one that is gone, or dead and only not fetched yet."""
    # After the name, which may hold anything: state, parent, group; the start is the twentieth.
    fields = _text(pid, "stat").rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in ("Z", "X"):
        return None
    return Process(pid, int(fields[19]), int(fields[1]), int(fields[2]))


def _words(pid: int) -> list[str]:
    return _text(pid, "cmdline").rstrip("\0").split("\0")


def _status(pid: int) -> dict[str, list[int]]:
    lines = (line.partition(":") for line in _text(pid, "status").splitlines())
    return {
        name: [int(one) for one in rest.split()]
        for name, _, rest in lines
        if name in ("Uid", "Gid", "Groups")
    }


def _catches_hup(pid: int) -> bool:
    lines = [line for line in _text(pid, "status").splitlines() if line.startswith("SigCgt:")]
    return bool(lines) and bool(int(lines[0].split()[1], 16) >> (signal.SIGHUP - 1) & 1)


def _text(pid: int | str, name: str) -> str:
    try:
        with open(f"{PROC[0]}/{pid}/{name}", encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
