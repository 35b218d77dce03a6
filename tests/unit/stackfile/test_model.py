"""A good file becomes a model in which nothing is left to look up."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from strata.errors import Failed
from strata.stackfile import load, validate
from strata.stackfile.model import (
    Autosize,
    Efficiency,
    Encrypted,
    ExistingPolicy,
    ExportPolicy,
    ExportRule,
    Migration,
    Outside,
    SharedPolicy,
    StackFile,
    Timeouts,
)

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.fixture(scope="module")
def lab() -> StackFile:
    return load(STACKS / "Pulumi.lab.yaml")


@pytest.fixture(scope="module")
def tokyo() -> StackFile:
    return load(STACKS / "Pulumi.tokyo.yaml")


def test_the_lab_is_what_the_seed_does_by_hand(lab: StackFile) -> None:
    volume = lab.ontap.volumes["images"]
    assert (volume.cluster, volume.svm, volume.aggregate, volume.size) == (
        "cluster01",
        "demo-nfs-svm",
        "aggr1",
        "50GiB",
    )
    assert volume.efficiency == Efficiency(dedupe="background")
    assert volume.export_policy == ExportPolicy(
        key="images",
        cluster="cluster01",
        svm="demo-nfs-svm",
        name="images",
        rules=(ExportRule(clients=("10.130.208.0/24",), superuser=("sys",)),),
    )
    mount = lab.mounts["glance-images"]
    line = f"{mount.server}:{mount.export} {mount.path} {mount.type} {','.join(mount.options)} {mount.dump} {mount.fsck_pass}"
    assert line == "10.130.208.55:/images /glance/images nfs defaults 0 0"
    assert lab.glance is not None
    assert lab.glance.store.directory == "/glance/images"


def test_the_lab_keeps_what_is_made_afresh_outside(lab: StackFile) -> None:
    cluster, host = lab.ontap.clusters["cluster01"], lab.hosts["tkstack"]
    fresh = [cluster.hostname, cluster.port, cluster.username, cluster.password]
    fresh += [host.address, host.port, host.user, host.private_key, host.host_key]
    assert all(isinstance(value, Outside) and value.name.startswith(".lab/lab/") for value in fresh)


def test_only_the_lab_gives_up_protection(lab: StackFile, tokyo: StackFile) -> None:
    assert not lab.ontap.volumes["images"].protect
    assert tokyo.ontap.volumes["images"].protect, (
        "a volume holds data; it is protected unless the file says otherwise"
    )


def test_a_volume_finds_its_policy_in_each_of_the_three_ways(tokyo: StackFile) -> None:
    volumes = tokyo.ontap.volumes
    assert volumes["images"].export_policy == SharedPolicy("glance")
    assert volumes["scratch"].export_policy == ExistingPolicy("default")
    own = volumes["images-backup"].export_policy
    assert isinstance(own, ExportPolicy)
    assert (own.name, own.svm) == ("images_backup", "demo-nfs-svm"), (
        "a policy of its own is named as the volume on the cluster"
    )


def test_the_only_cluster_need_not_be_named(tokyo: StackFile) -> None:
    assert {volume.cluster for volume in tokyo.ontap.volumes.values()} == {"cluster01"}


def test_inner_objects_and_times(tokyo: StackFile) -> None:
    volume = tokyo.ontap.volumes["images"]
    assert volume.autosize == Autosize(mode="grow", maximum="200GiB", grow_threshold=85)
    assert volume.timeouts == Timeouts(create="20m")
    assert volume.uid is None, "what the file leaves out isn't managed"


def test_a_foreign_server_is_mounted_as_it_stands(tokyo: StackFile) -> None:
    mount = tokyo.mounts["iso-library"]
    assert (mount.volume, mount.server, mount.export) == (None, "nfs01.tokyo.example.org", "/exports/iso")
    assert mount.hosts == ("tkstack", "tkstack2")


def test_encrypted_secrets_are_known_by_their_place_alone(tokyo: StackFile) -> None:
    password = tokyo.ontap.clusters["cluster01"].password
    assert password == Encrypted("strata:ontap", ("clusters", "cluster01", "password"))
    assert tokyo.hosts["tkstack"].private_key == Encrypted("strata:hosts", ("tkstack", "privateKey"))
    assert "v1:" not in repr(tokyo), "not even ciphertext is carried about"


def test_the_model_cannot_be_changed(lab: StackFile) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        lab.glance = None  # type: ignore[misc]


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "`pulumi stack init` may leave an empty file"),
        (
            "encryptionsalt: v1:YLfU5YkWBsc=:v1:IagUa1sGkA1xaPDL:XHfVaj57UXpQ99k730VEOiHMe8GwEg==\n",
            "or only the salt",
        ),
        ("config:\n", "or a section without content"),
        (
            "config: {aws:region: eu-central-1, 'pulumi:tags': {a: b}}\n",
            "other programs' keys are Pulumi's business",
        ),
        ("\ufeffconfig: {}\r\n", "editors on Windows write a byte order mark and CRLF"),
    ],
)
def test_a_stack_that_declares_nothing_is_good(text: str, because: str, tmp_path: Path) -> None:
    assert load(write(tmp_path, text)) == StackFile(), because


def test_an_ipv6_data_lif_stands_in_brackets_in_fstab(tmp_path: Path) -> None:
    host = "{address: a, privateKey: {file: k}, hostKey: {file: h}}"
    mount = "{host: h, server: 'fd20::55', export: /x, path: /x, pass: 2}"
    file = write(tmp_path, f"config:\n  strata:hosts: {{h: {host}}}\n  strata:mounts: {{m: {mount}}}\n")
    assert load(file).mounts["m"].server == "[fd20::55]"
    assert load(file).mounts["m"].fsck_pass == 2


GLANCE = """config:
  strata:hosts: {{h: {{address: a, privateKey: {{file: k}}, hostKey: {{file: h}}}}}}
  strata:mounts: {{m: {{host: h, server: nfs01, export: /x, path: /glance/images}}}}
  strata:glance: {{hosts: [h], {glance}}}
"""


@pytest.mark.parametrize(
    ("glance", "directory", "point", "because"),
    [
        ("store: {mount: m}", "/glance/images", "/glance/images", "the mount point itself"),
        ("store: {mount: m, directory: /glance/images/a}", "/glance/images/a", "/glance/images", "below it"),
        ("store: {directory: /srv/images}", "/srv/images", None, "a local directory"),
    ],
)
def test_where_the_store_lies(
    glance: str, directory: str, point: str | None, because: str, tmp_path: Path
) -> None:
    stack = load(write(tmp_path, GLANCE.format(glance=glance)))
    assert stack.glance is not None
    assert stack.glance.store.directory == directory, because
    assert (stack.glance_mount.path if stack.glance_mount else None) == point, because


@pytest.mark.parametrize(
    ("moved", "sources", "migration", "because"),
    [
        ("", (), Migration(), "nothing is moved unless it is declared"),
        ("migrateFrom: /a", ("/a",), Migration(), "one directory; its files stay"),
        ("migrateFrom: [/a, /b]", ("/a", "/b"), Migration(), "several"),
        (
            "migrateFrom: /a, migration: {keepSource: false, workers: 8, proof: 20, switch: reload, timeouts: {create: 2h}}",
            ("/a",),
            Migration(
                keep_source=False, workers=8, proof="20", switch="reload", timeouts=Timeouts(create="2h")
            ),
            "a number is a text to the kind",
        ),
        ("migrateFrom: /a, migration: {proof: all}", ("/a",), Migration(proof="all"), "or a word"),
        (
            "migrateFrom: /a, migration: {leave: [lost]}",
            ("/a",),
            Migration(leave=("lost",)),
            "an image whose file is lost stays as it is",
        ),
    ],
)
def test_what_moves_to_the_store(
    moved: str, sources: tuple[str, ...], migration: Migration, because: str, tmp_path: Path
) -> None:
    stack = load(write(tmp_path, GLANCE.format(glance=f"store: {{mount: m}}, {moved}".rstrip(", "))))
    assert stack.glance is not None
    assert (stack.glance.migrate_from, stack.glance.migration) == (sources, migration), because


def test_no_file_behind_a_reference_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert validate(STACKS / "Pulumi.lab.yaml") == [], "nothing of a lab exists here"


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="No such file"):
        load(tmp_path / "Pulumi.none.yaml")
    (tmp_path / "Pulumi.latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(Failed, match="not UTF-8"):
        load(tmp_path / "Pulumi.latin.yaml")
