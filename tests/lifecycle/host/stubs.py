"""The programs of a fake host that a test cannot run for real: mount, umount, systemctl, sudo and the like.

One file under several names, run inside the fake host's own root. They keep the state of `systemd` in /run/state.json and the
kernel's view in /proc/self/mountinfo; mounting itself is real (a bind mount of a directory under /srv, in a private namespace).
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import pwd
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

STATE = Path("/run/state.json")
MOUNTINFO = Path("/proc/self/mountinfo")
LIBC = ctypes.CDLL(None, use_errno=True)
PID = "4242"
CONF = "/etc/glance/glance-api.conf"
UNITS = Path("/run/units")


def state() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(STATE.read_text())
    return found


def save(changed: dict[str, Any]) -> None:
    new = STATE.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(changed))
    new.replace(STATE)


def fail(words: str, code: int) -> None:
    print(words, file=sys.stderr)
    sys.exit(code)


def escaped(path: str) -> str:
    return path.replace("\\", "\\134").replace(" ", "\\040")


def mount(arguments: list[str]) -> None:
    path = arguments[-1]
    lines = [line.split() for line in Path("/etc/fstab").read_text().splitlines() if not line.startswith("#")]
    fields = next((line for line in lines if len(line) > 3 and line[1] == escaped(path)), None)
    if fields is None:
        fail(f"mount: {path}: can't find in /etc/fstab.", 1)
        return
    source, options = fields[0], kernel_options(fields[3])
    now = state()
    if source not in now["exports"]:
        fail(f"mount.nfs: mounting {source} failed, reason given by server: No such file or directory", 32)
    if now["exports"][source]:
        fail(f"mount.nfs: {now['exports'][source]}", 32)
    if "remount" in arguments:
        kept = MOUNTINFO.read_text().splitlines()
        MOUNTINFO.write_text(
            "".join(
                f"{info_line(source, path, options) if mounted_at(one) == escaped(path) else one}\n"
                for one in kept
            )
        )
        return
    if not os.path.isdir(path):
        fail(f"mount.nfs: mount point {path} does not exist", 32)
    if LIBC.mount(f"/srv/{source.rpartition('/')[2]}".encode(), path.encode(), None, 4096, None) != 0:
        fail(f"mount: {path}: {os.strerror(ctypes.get_errno())}", 32)
    with MOUNTINFO.open("a") as info:
        info.write(info_line(source, os.path.realpath(path), options) + "\n")


def kernel_options(fstab: str) -> str:
    """What a kernel shows for these options."""
    given = [one for one in fstab.split(",") if one not in ("defaults", "_netdev", "nofail")]
    access = "ro" if "ro" in given else "rw"
    hard = "soft" if "soft" in given else "hard"
    rest = [one for one in given if one not in ("ro", "rw", "hard", "soft")]
    return ",".join(
        [
            access,
            "relatime",
            hard,
            *rest,
            *([] if any(one.startswith("vers=") for one in rest) else ["vers=4.2"]),
        ]
    )


def info_line(source: str, path: str, options: str) -> str:
    return f"99 1 0:50 / {escaped(path)} {options.split(',')[0]},relatime - nfs4 {source} {options}"


def mounted_at(line: str) -> str:
    return line.split(" ")[4]


def umount(arguments: list[str]) -> None:
    path = arguments[-1]
    if state()["busy"]:
        fail(f"umount.nfs4: {path}: device is busy", 16)
    lines = MOUNTINFO.read_text().splitlines()
    here = [index for index, line in enumerate(lines) if mounted_at(line) == escaped(path)]
    if not here or LIBC.umount2(path.encode(), 0) != 0:
        fail(f"umount: {path}: not mounted.", 32)
    del lines[here[-1]]
    MOUNTINFO.write_text("".join(f"{line}\n" for line in lines))


def drop_ins(service: str) -> list[Path]:
    return sorted(Path(f"/etc/systemd/system/{service}.service.d").glob("*.conf"))


def loaded_text(now: dict[str, Any], service: str) -> str:
    return "\n".join(now["loaded"].get(service, {}).values())


def systemctl(arguments: list[str]) -> None:
    with Path("/var/log/systemctl").open("a") as log:
        log.write(" ".join(arguments) + "\n")
    verb = arguments[0]
    names = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    now = state()
    services = [name.removesuffix(".service") for name in names]
    if services and (UNITS / services[0]).exists():
        unit(verb, services[0])
    elif verb == "daemon-reload":
        now["loaded"] = {
            one: {str(path): path.read_text() for path in drop_ins(one)} for one in now["services"]
        }
        save(now)
    elif verb == "show":
        show(now, arguments, names[0])
    elif verb == "is-active":
        active = bool(now["services"].get(services[0], {}).get("active"))
        if "-q" not in arguments:
            print("active" if active else "failed" if now["broken"] else "inactive")
        sys.exit(0 if active else 3)
    elif verb in ("stop", "start", "restart", "try-restart"):
        for service in services:
            act(now, verb, service)


def unit(verb: str, name: str) -> None:
    """A unit that systemd-run has made: it lives as long as its process holds its file."""
    file = UNITS / name
    if verb == "is-active":
        alive = held(file)
        print("active" if alive else "inactive")
        sys.exit(0 if alive else 3)
    if verb == "stop" and held(file):
        os.killpg(int(file.read_text()), signal.SIGKILL)
        while held(file):
            time.sleep(0.01)


def held(file: Path) -> bool:
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def systemd_run(arguments: list[str]) -> None:
    """Runs the command detached, in a session of its own."""
    with Path("/var/log/systemctl").open("a") as log:
        log.write(f"run {' '.join(one for one in arguments if one.startswith('--'))}\n")
    if any(one.startswith("--on-active") for one in arguments):
        return
    name = next(one for one in arguments if one.startswith("--unit=")).removeprefix("--unit=")
    file = UNITS / name.removesuffix(".service")
    UNITS.mkdir(exist_ok=True)
    file.touch()
    if held(file):
        fail(f"Failed to start transient service unit: Unit {name} already exists.", 1)
    # A number that no shell uses for its own redirections: the lock goes with its file.
    handle = fcntl.fcntl(os.open(file, os.O_RDWR), fcntl.F_DUPFD, 200)
    fcntl.flock(handle, fcntl.LOCK_EX)
    if os.fork():
        os._exit(0)
    os.setsid()
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    command = arguments[arguments.index("--") + 1 :]
    os.execv(command[0], command)


def act(now: dict[str, Any], verb: str, service: str) -> None:
    if service not in now["services"]:
        fail(f"Failed to {verb} {service}.service: Unit {service}.service not found.", 5)
    known = now["services"][service]
    if verb == "try-restart" and not known["active"]:
        return
    known["active"] = False
    if verb != "stop":
        for path in re.findall(r"^AssertPathIsMountPoint=(.*)$", loaded_text(now, service), re.MULTILINE):
            if escaped(path) not in [mounted_at(line) for line in MOUNTINFO.read_text().splitlines()]:
                save(now)
                fail(f"Assertion failed on job for {service}.service.", 1)
        known["active"] = not (now["broken"] or breaks(now))
        Path(f"/proc/{PID}").mkdir(exist_ok=True)
        environment = re.findall(r'^Environment="(.*)"$', loaded_text(now, service), re.MULTILINE)
        Path(f"/proc/{PID}/environ").write_bytes(
            b"\0".join([b"PASSWORD=canary", *(one.encode() for one in environment)])
        )
    save(now)


def breaks(now: dict[str, Any]) -> bool:
    """Whether the configuration names the directory with which Glance shall not come up."""
    word = now.get("breaks_with")
    return bool(word) and f"filesystem_store_datadir = {word}\n" in Path(CONF).read_text()


def show(now: dict[str, Any], arguments: list[str], unit: str) -> None:
    wanted = [arguments[index + 1] for index, one in enumerate(arguments) if one == "-p"]
    service = unit.removesuffix(".service")
    known = now["services"].get(service)
    on_disk = {str(path): path.read_text() for path in drop_ins(service)}
    needing = [
        f"{one}.service"
        for one in now["services"]
        for path in re.findall(r"^RequiresMountsFor=(.*)$", loaded_text(now, one), re.MULTILINE)
        if escape_unit(path) == unit
    ]
    values = {
        "LoadState": "loaded" if known else "not-found",
        "ActiveState": "active" if known and known["active"] else "inactive",
        "SubState": "running" if known and known["active"] else "dead",
        "MainPID": PID if known and known["active"] else "0",
        "NeedDaemonReload": "no" if digest(on_disk) == digest(now["loaded"].get(service, {})) else "yes",
        "DropInPaths": " ".join(now["loaded"].get(service, {})),
        "RequiredBy": " ".join(["remote-fs.target", *needing]),
        "BoundBy": "",
        "WantedBy": "",
    }
    for name in wanted:
        print(values[name] if "--value" in arguments else f"{name}={values[name]}")


def digest(texts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def escape_unit(path: str) -> str:
    return path.strip("/").replace("-", "\\x2d").replace("/", "-") + ".mount"


def sudo(arguments: list[str]) -> None:
    if not state()["sudo"]:
        fail("sudo: a password is required", 1)
    rest = arguments[arguments.index("--") + 1 :]
    os.execvp(rest[0], rest)


def runuser(arguments: list[str]) -> None:
    now = state()
    if now["unwritable"]:
        save({**now, "unwritable": now["unwritable"] - 1})
        sys.exit(1)
    rest = arguments[arguments.index("--") + 1 :]
    os.setuid(pwd.getpwnam(arguments[1]).pw_uid)
    os.execvp(rest[0], rest)


def main() -> None:
    name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    if name == "systemd-escape":
        print(escape_unit(arguments[-1]))
    elif name == "journalctl":
        print(state()["journal"])
    elif name != "mount.nfs":
        {
            "mount": mount,
            "umount": umount,
            "systemctl": systemctl,
            "systemd-run": systemd_run,
            "sudo": sudo,
            "runuser": runuser,
        }[name](arguments)


if __name__ == "__main__":
    main()
