"""What cannot work is said in one sentence that tells what to do, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lab.environment import Lab
from lab.ports import free_port
from tests.acceptance.environment import Environment
from tests.acceptance.project import Project

pytestmark = pytest.mark.acceptance

OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbXBsZXRlbHlkaWZmZXJlbnRob3N0a2V5Zm9ydGVz"


@dataclass(frozen=True)
class Refusal:
    """What is wrong in the stack file, and the words that the sentence must have."""

    name: str
    spoil: Callable[[Project, Lab], None]
    words: tuple[str, ...]


def _edit(old: str, new: str) -> Callable[[Project, Lab], None]:
    return lambda project, lab: project.edit(old.format(lab=lab.name), new)


def _wrong_password(project: Project, lab: Lab) -> None:
    (project.folder / "wrong").write_text("not-the-password\n")
    project.edit(f".lab/{lab.name}/ontap/password", "wrong")


def _wrong_ca(project: Project, lab: Lab) -> None:
    other = "/etc/ssl/certs/ca-certificates.crt"
    (project.folder / "other-ca.pem").symlink_to(other)
    project.edit(f".lab/{lab.name}/ontap/ca.pem", "other-ca.pem")


def _nobody_listens(project: Project, lab: Lab) -> None:
    project.edit(f"port: {{file: .lab/{lab.name}/ontap/port}}", f"port: {free_port()}")


REFUSALS = [
    Refusal("wrong password", _wrong_password, ("cluster01", "password", "strata:ontap.clusters")),
    Refusal("wrong CA", _wrong_ca, ("cluster01", "certificate", "caFile")),
    Refusal("unreachable cluster", _nobody_listens, ("could not tell", "cluster01", "hostname and port")),
    Refusal("missing SVM", _edit("svm: demo-nfs-svm", "svm: demo-nfs-svn"), ("demo-nfs-svn", "demo-nfs-svm")),
    Refusal("missing aggregate", _edit("aggregate: aggr1", "aggregate: aggr9"), ("aggr9", "aggr1, aggr2")),
    Refusal("too small", _edit("size: 50GiB", "size: 10MiB"), ("size", "20MiB")),
    Refusal(
        "junction path", _edit("junctionPath: /images", "junctionPath: images/"), ("junctionPath", "images/")
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_a_wrong_cluster_or_volume_stops_at_preview(
    environment: Environment, lab: Lab, other: Project, refusal: Refusal
) -> None:
    # The environment's own volume must not be what stops it.
    other.edit("      images:\n        cluster", "      fresh:\n        cluster")
    other.edit("volume: images", "volume: fresh")
    other.edit("junctionPath: /images", "junctionPath: /fresh")
    if refusal.name == "junction path":
        other.edit("junctionPath: /fresh", "junctionPath: /images")
    refusal.spoil(other, lab)
    with environment.no_ontap_writes():
        ran = other.preview(expect=None)
    assert ran.code != 0
    assert all(word in ran.output for word in refusal.words), ran
    assert "Traceback" not in ran.output


def test_a_wrong_host_key_is_refused_with_both_fingerprints(
    environment: Environment, lab: Lab, other: Project
) -> None:
    (other.folder / "key").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFQ1cUoQ0UL1WbFWBPVxHt3zFOx3YYmv6YzX2pLm0p0y\n"
    )
    other.edit(f".lab/{lab.name}/host/host_key", "key")
    text = other.stack_file.read_text()
    head, volumes = text.split("    volumes:")[0], "  strata:hosts:" + text.split("  strata:hosts:")[1]
    foreign = volumes.replace("volume: images", "server: 10.130.208.55\n      export: /elsewhere")
    other.write(head + foreign.replace("      dataLif: 10.130.208.55\n", ""))
    ran = other.preview(expect=None)
    assert ran.code != 0
    assert ran.output.count("SHA256:") >= 2, ran
    assert "host_key" in ran.output or "hostKey" in ran.output


def test_a_mount_point_with_files_in_it_is_not_covered(
    environment: Environment, lab: Lab, other: Project
) -> None:
    environment.host("mkdir -p /srv/kept && echo precious > /srv/kept/file")
    other.write(_mount_stack(lab, "kept", "/srv/kept"))
    before = environment.host("sha256sum /etc/fstab")
    ran = other.up(expect=None)
    assert ran.code != 0
    assert "/srv/kept" in ran.output
    assert "coverFiles" in ran.output
    assert environment.host("sha256sum /etc/fstab; cat /srv/kept/file") == before + "precious\n"
    environment.host("rm -r /srv/kept")


def test_a_user_with_sudo_can_do_all_of_it(environment: Environment, lab: Lab, other: Project) -> None:
    before = environment.host("sha256sum /etc/fstab")
    other.write(_mount_stack(lab, "second", "/srv/second", user="operator"))
    other.up()
    assert environment.host("findmnt -n -o SOURCE /srv/second").strip() == "10.130.208.55:/images"
    other.drift(expect=0)
    other.destroy()
    assert environment.host("sha256sum /etc/fstab; ls /srv") == before


def test_a_broken_stack_file_makes_no_call(environment: Environment, other: Project) -> None:
    other.edit("size: 50GiB", "size: 50 gigs")
    other.edit("junctionPath: /images", "juntionPath: /images")
    other.edit("volume: images", "volume: imges")
    before = environment.last_request()
    ran = other.up(expect=None)
    assert ran.code != 0
    for words in ("50 gigs", "Did you mean junctionPath?", "Did you mean images?"):
        assert words in ran.output, ran
    assert environment.last_request() == before


def _mount_stack(lab: Lab, name: str, path: str, user: str = "root") -> str:
    """A stack file with nothing but one more mount, read-only, of what the environment exports."""
    return f"""
config:
  strata:hosts:
    tkstack:
      address: {{file: .lab/{lab.name}/host/address}}
      port: {{file: .lab/{lab.name}/host/port}}
      user: {user}
      privateKey: {{file: .lab/{lab.name}/host/key}}
      hostKey: {{file: .lab/{lab.name}/host/host_key}}
  strata:mounts:
    {name}: {{host: tkstack, server: 10.130.208.55, export: /images, path: {path}, options: [ro]}}
"""
