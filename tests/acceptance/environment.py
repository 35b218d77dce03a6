"""The image path as its operator sees it: the project, the lab below it, and hands to look at and change things with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab import privileged
from lab.environment import Lab
from lab.status import exported
from tests.acceptance.project import ROOT, Project

FSTAB_LINE = "10.130.208.55:/images /glance/images nfs defaults 0 0"
CONF = "/etc/glance/glance-api.conf"


ZONE_PATH = (
    ("strata:ontap", "volumes", "secondary"),
    ("strata:mounts", "secondary"),
    ("strata:swift",),
    ("strata:cloudstack",),
)
"""What of the lab stack is about CloudStack on Swift."""


def whole_stack_text(lab: Lab, stack: str = "lab") -> str:
    """A committed lab stack, over the files of this lab."""
    return (ROOT / "stacks" / f"Pulumi.{stack}.yaml").read_text().replace(".lab/lab/", f".lab/{lab.name}/")


def stack_text(lab: Lab) -> str:
    """The image path of the committed lab stack, over the files of this lab."""
    text = whole_stack_text(lab)
    for path in ZONE_PATH:
        text = without(text, "config", *path)
    return text


def without(text: str, *path: str) -> str:
    """The YAML text without the lines of the block at `path`, everything else to the byte."""
    lines, first, depth = text.splitlines(keepends=True), 0, 0
    for key in path:
        first = next(
            number
            for number, line in enumerate(lines)
            if number >= first and line.startswith(f"{'  ' * depth}{key}:")
        )
        depth += 1
    indent = 2 * (depth - 1)
    after = (
        number
        for number, line in enumerate(lines)
        if number > first and line.strip() and len(line) - len(line.lstrip()) <= indent
    )
    return "".join(lines[:first] + lines[next(after, len(lines)) :])


@dataclass(frozen=True)
class Environment:
    """A project that is up in its lab."""

    lab: Lab
    project: Project

    # Glance, as its users see it.

    @property
    def glance(self) -> httpx.Client:
        return httpx.Client(base_url=self.lab.host.glance_url, timeout=120)

    def upload(self, name: str, content: bytes) -> str:
        """Register and upload an image; its id."""
        record = {"name": name, "disk_format": "raw", "container_format": "bare"}
        with self.glance as glance:
            made = glance.post("/v2/images", json=record)
            assert made.status_code == 201, made.text
            id = str(made.json()["id"])
            kind = {"Content-Type": "application/octet-stream"}
            sent = glance.put(f"/v2/images/{id}/file", content=content, headers=kind)
            assert sent.status_code == 204, sent.text
        return id

    def download(self, id: str) -> str:
        """The SHA-512 of what Glance gives for an image."""
        with self.glance as glance:
            answer = glance.get(f"/v2/images/{id}/file")
            assert answer.status_code == 200, answer.text
            return hashlib.sha512(answer.content).hexdigest()

    def delete_images(self) -> None:
        """Every image that Glance knows."""
        with self.glance as glance:
            for image in glance.get("/v2/images").json()["images"]:
                answer = glance.delete(f"/v2/images/{image['id']}")
                assert answer.status_code == 204, f"{image['name']}: {answer.status_code} {answer.text}"

    # The Glance host, as its administrator sees it.

    def host(self, command: str) -> str:
        """What a command prints on the guest; it has to succeed."""
        ran = self.lab.ssh(command, timeout=180)
        assert ran.code == 0, f"{command}\n{ran}"
        return ran.output

    # ONTAP, as another administrator or another tool sees it.

    def ontap(self, method: str, path: str, **options: Any) -> Any:
        """One request behind Strata's back; the answer's JSON."""
        with self.lab.ontap() as client:
            answer = client.request(method, path, params={"return_timeout": 15}, **options)
            assert answer.status_code < 300, answer.text
            return answer.json() if answer.content else {}

    def volume(self) -> dict[str, Any]:
        """The volume `images` as ONTAP shows it."""
        fields = "size,nas.path,efficiency.dedupe,efficiency.state,uuid,comment"
        with self.lab.ontap() as client:
            found = client.get("/api/storage/volumes", params={"name": "images", "fields": fields}).json()[
                "records"
            ]
        assert len(found) == 1, found
        record: dict[str, Any] = found[0]
        return record

    def change_volume(self, **body: Any) -> None:
        """PATCH the volume `images`."""
        self.ontap("PATCH", f"/api/storage/volumes/{self.volume()['uuid']}", json=body)

    def exported(self) -> Path:
        """The directory on this machine that ganesha exports at /images."""
        return Path(exported(self.lab.folder)["/images"])

    def stored(self, image: str) -> bytes:
        """What ganesha exports as the file of an image."""
        with privileged.opened(self.exported() / image) as file:
            return file.read()

    @contextmanager
    def no_ontap_writes(self) -> Iterator[None]:
        """Fails when anything but reads reached ONTAP in between."""
        before = self.last_request()
        yield
        assert self.writes_since(before) == []

    def last_request(self) -> int:
        """The number of the newest request in the journal."""
        with self.lab.ontap() as client:
            return int(client.get("/_lab/journal").json()["last"])

    def writes_since(self, number: int) -> list[str]:
        """The writing requests after a number, as `PATCH /api/… {body}`."""
        with self.lab.ontap() as client:
            entries = client.get("/_lab/journal", params={"since": number, "writes": 1}).json()["entries"]
        return [f"{entry['method']} {entry['path']} {entry.get('body') or ''}".strip() for entry in entries]
