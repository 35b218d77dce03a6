"""A Glance that has its images in its own directory, the project that moves them, and hands to hold, hurt and judge the move."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab import privileged
from lab.environment import Lab
from lab.glance.images import CONFIG, STORE, Images
from lab.glance.population import Specimen
from tests.acceptance.environment import Environment
from tests.acceptance.project import Project, Ran, Started

NEW: Final = "/glance/moved"
JOURNAL: Final = "/var/lib/strata/migrations/glance"
_SIGN: Final = "/run/strata-watcher"
_WATCHER: Final = "/root/strata-watcher.py"
PATIENCE: Final = 240.0
"""Seconds for anything that needs the emulated guest, on a machine that is busy with other tests."""

VOLUME: Final = """\
# The salt of the lab's passphrase, which protects nothing but the lab.
encryptionsalt: v1:1hwOPl5O5Bg=:v1:XbXClsGEuFATkByc:VnJDfUaMzIWLtAXTcvJ7C/LDwgBpuA==
config:
  strata:ontap:
    clusters:
      cluster01:
        hostname: {{file: .lab/{lab}/ontap/address}}
        port: {{file: .lab/{lab}/ontap/port}}
        username: {{file: .lab/{lab}/ontap/username}}
        password: {{file: .lab/{lab}/ontap/password}}
        caFile: .lab/{lab}/ontap/ca.pem
    volumes:
      moved:
        cluster: cluster01
        svm: demo-nfs-svm
        aggregate: aggr1
        size: 20GiB
        junctionPath: /moved
        exportPolicy:
          rules:
            - {{clients: [10.130.208.0/24], readOnly: [sys], readWrite: [sys], superuser: [sys]}}
        protect: false
  strata:hosts:
    tkstack:
      address: {{file: .lab/{lab}/host/address}}
      port: {{file: .lab/{lab}/host/port}}
      user: {{file: .lab/{lab}/host/user}}
      privateKey: {{file: .lab/{lab}/host/key}}
      hostKey: {{file: .lab/{lab}/host/host_key}}
"""

MOUNT: Final = f"""\
  strata:mounts:
    glance-moved: {{host: tkstack, volume: moved, dataLif: 10.130.208.55, path: {NEW}, options: [defaults]}}
"""

STORE_MOVED: Final = f"""\
  strata:glance:
    hosts: [tkstack]
    store: {{mount: glance-moved}}
    migrateFrom: {STORE}
    migration: {{keepSource: true}}
"""
STORE_RESTARTED: Final = STORE_MOVED.replace("keepSource: true", "keepSource: true, switch: restart")
"""As where Glance cannot be told to read its configuration again: it is stopped for the last of the move."""


@dataclass
class Site:
    """The lab's guest with a Glance as new, and a project over it.

    uploaded: the hashes of its images by id. empty: images without content.
    """

    lab: Lab
    project: Project
    uploaded: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.images = Images(self.lab.host)
        self._operator = Environment(self.lab, self.project)
        self.host, self.upload_file = self._operator.host, self._operator.upload
        self.download = self._operator.download

    # What there is.

    def populate(self, specimens: Sequence[Specimen]) -> None:
        """These images and no others, in Glance's own directory."""
        self.images.remove()
        self.empty.clear()
        self.uploaded = self.images.register(specimens)

    def upload(self, name: str, content: bytes) -> str:
        """One image through Glance's API."""
        id = self.upload_file(name, content)
        self.uploaded[id] = self.download(id)
        return id

    def register(self, name: str) -> str:
        """An image without content; Glance lists it as queued, and it has no file."""
        with self._operator.glance as glance:
            answer = glance.post("/v2/images", json={"name": name})
            assert answer.status_code == 201, answer.text
        id = str(answer.json()["id"])
        self.empty.add(id)
        return id

    def delete(self, id: str) -> None:
        """One image through Glance's API."""
        with self._operator.glance as glance:
            answer = glance.delete(f"/v2/images/{id}")
            assert answer.status_code == 204, answer.text
        del self.uploaded[id]

    def listed(self) -> set[str]:
        """Every image that Glance lists."""
        found: set[str] = set()
        with self._operator.glance as glance:
            path = "/v2/images?limit=1000"
            while path:
                answer = glance.get(path).json()
                found |= {image["id"] for image in answer["images"]}
                path = answer.get("next", "")
        return found

    def exported(self) -> Path:
        """The directory on this machine that ganesha exports at /moved."""
        return Path(self.lab.status()["ontap"]["exports"]["/moved"])

    def started(self) -> str:
        """When Glance's service was started last; another text after each start."""
        return self.host("systemctl show -P ActiveEnterTimestampMonotonic glance-api").strip()

    def journal(self, key: str) -> float:
        """A number of the only move's state."""
        return float(self._written("state.json")[key])

    def proof(self) -> dict[str, Any]:
        """What came of the only move's proof."""
        return self._written("answer-prove.json")

    def _written(self, name: str) -> dict[str, Any]:
        (line,) = self.host(f"cat {JOURNAL}/moves/*/{name} | tr -d '\n'; echo").splitlines()
        written: dict[str, Any] = json.loads(line)
        return written

    # The operator's runs.

    def declare(self, *parts: str) -> None:
        """The stack file: the volume, and what is given besides."""
        self.project.write("".join((VOLUME.format(lab=self.lab.name), *parts)))

    def up(self, *, expect: int | None = 0) -> Ran:
        return self.end(self.start_up(), expect=expect)

    def start_up(self) -> Started:
        return self.project.start(
            "pulumi", "up", "--yes", "--skip-preview", "--diff", "--non-interactive", "--color", "never"
        )

    def end(self, run: Started, *, expect: int | None = 0) -> Ran:
        return run.end(timeout=2 * PATIENCE, expect=expect)

    # As it was: snapshots of guest, state and volume together.

    def keep(self, name: str) -> None:
        """Guest (nothing mounted from NFS) and Pulumi's state as they are now."""
        assert self.lab.host.machine.keep(name)
        self._forget_state(name)
        shutil.copytree(self.project.folder / ".state", self._state(name))

    def go_back(self, name: str) -> None:
        """To what was kept; the volume is empty then."""
        self.lab.host.go_back(name)
        shutil.rmtree(self.project.folder / ".state")
        shutil.copytree(self._state(name), self.project.folder / ".state")
        # The server remembers files by their handles, and would give those of files that are no more.
        self.lab.ganesha.stop()
        for left in self.exported().iterdir():
            privileged.remove_tree(left) if left.is_dir() else left.unlink()
        self.lab.ganesha.start()

    def _state(self, name: str) -> Path:
        return self.project.folder / f"state-{name}"

    def _forget_state(self, name: str) -> None:
        shutil.rmtree(self._state(name), ignore_errors=True)

    # Holding the program in a phase.

    def hold(self, *phases: str) -> None:
        """The program will be stopped as soon as it notes the first of these phases, let go in the next, and so on."""
        text = (Path(__file__).with_name("watcher.py")).read_text(encoding="utf-8")
        assert self.lab.host.ssh(f"cat > {_WATCHER}", stdin=text).code == 0
        self.host(
            f"rm -f {_SIGN}; systemctl stop strata-watcher 2>/dev/null; systemd-run --quiet --collect"
            f" --unit=strata-watcher --nice=-15 /usr/bin/python3 {_WATCHER} {JOURNAL} {_SIGN} {' '.join(phases)}"
            f"; until pgrep -f '{_WATCHER} {JOURNAL}' >/dev/null; do sleep 0.05; done"
        )

    def held(self, run: Started) -> str:
        """Waits until it is; the phase that it is in. Fails when the run ends before."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen = self.lab.ssh(
                f"for i in 1 2 3 4 5 6 7 8; do cat {_SIGN} 2>/dev/null && break; sleep 0.2; done"
            )
            if seen.output:
                return seen.output.split()[-1]
            assert run.process.poll() is None, f"the run ended before the phase came\n{run.end()}"
        raise AssertionError(f"the phase did not come within {PATIENCE:g} s; {self.state()}")

    def let_go(self) -> None:
        """The program goes on."""
        self.host(f"rm {_SIGN}")

    def cut_connections(self) -> None:
        """Ends every SSH session on the host, the one that says so included."""
        self.lab.ssh("systemd-run --quiet --collect pkill -KILL -f '^sshd: [a-z]*(@| .priv.)'")

    def state(self) -> str:
        """The journal's word, and what became of the watcher, for a test that fails."""
        return self.lab.ssh(
            f"tail -n 100 {JOURNAL}/moves/*/state.json; systemctl status glance-api | head -4"
            "; journalctl --no-pager -u strata-watcher | tail -n 20; journalctl --no-pager -k -p err | tail -n 5"
        ).output

    # The verdict.

    def is_good(self, directory: str = NEW) -> None:
        """Glance answers, lists what was uploaded and nothing else, serves each with its hash from that directory."""
        self.lab.host.wait_for_glance()
        assert self.listed() == set(self.uploaded) | self.empty
        wrong = {id for id, hash in self.uploaded.items() if self.download(id) != hash}
        assert not wrong, f"downloaded with another hash: {wrong}"
        places = self.images.locations()
        assert places == {id: f"file://{directory}/{id}" for id in self.uploaded}
        setting = self.host(f"grep '^filesystem_store_datadir' {CONFIG}").split("=")[1].strip()
        assert setting == directory
