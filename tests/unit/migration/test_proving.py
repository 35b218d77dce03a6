"""The proof: what Glance sends from the new place, image by image, and what a proof says that went wrong."""

from __future__ import annotations

import datetime
import os
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from strata.migration import proving
from tests.unit.migration.glance_of_site import Case, Glance, spoiled
from tests.unit.migration.site_of_glance import Site, flip


@pytest.fixture
def glance(site: Site) -> Iterator[Glance]:
    """After a cutover; one image is deactivated, one is in another store, one was never uploaded."""
    site.database.execute("UPDATE images SET status = 'deactivated' WHERE id = 'image-09'")
    site.database.execute("INSERT INTO images VALUES ('far', 'far', 'active', 3, NULL, NULL, NULL, 0)")
    site.locate("far", "rbd://pool/far")
    site.database.execute("INSERT INTO images VALUES ('empty', 'e', 'queued', NULL, NULL, NULL, NULL, 0)")
    site.done("cutover")
    made = Glance(site)
    yield made
    made.close()


def test_every_image_comes_back_with_its_hash(site: Site, glance: Glance) -> None:
    size = sum((site.new / image).stat().st_size for image in site.images)
    proof = site.done("prove")
    assert {name: value for name, value in proof.items() if name not in ("proven", "probe")} == {
        "listed": 22,
        "missing": [],
        "downloaded": 19,
        "by_file": 1,
        "opened": 0,
        "as_copied": 0,
        "failed": {},
        "bytes": size,
        "sampled": 20,
        "of": 20,
        "elsewhere": 2,
        "unauthorized": False,
        "told": "",
        "code": 0,
    }
    assert proof["proven"] == sorted(site.images)
    assert proof["probe"]["gone"] is True
    assert f"GET /v2/images/{'far'}/file" not in glance.requests, "what lies in another store was not moved"
    assert sorted(os.listdir(site.new)) == sorted(site.images), "the probe image left nothing"
    assert not (site.journal / "probe.json").exists()
    state = site.run("progress")
    assert (state["phase"], state["bytes_done"], state["files_done"]) == ("done", size, 20)
    assert site.run("status")["next"] == "prune"
    assert site.done("prune", ids=proof["proven"])["removed"] == 20


WRONG = [
    Case(spoiled("other bytes"), "image-06: its sha512 is|was expected", "one bit is wrong"),
    Case(spoiled("cut"), "did not answer GET /v2/images/image-06/file", "the connection ends too early"),
    Case(spoiled("error"), "its download was answered by 500", "Glance can't read it"),
    Case(
        lambda s, g: (s.new / "image-06").unlink(), "answered by 204 an empty answer", "the file is no more"
    ),
    Case(
        lambda s, g: s.database.execute("DELETE FROM images WHERE id = 'image-06'"),
        "image-06: it was there before the move",
        "the record is no more, and nobody deleted the image",
    ),
    Case(lambda s, g: flip(str(s.new / "image-09")), "image-09", "a deactivated image whose file is damaged"),
    Case(
        lambda s, g: setattr(g, "uploads", s.old),
        "was taken, but not in",
        "uploads still go to the old directory",
    ),
    Case(lambda s, g: setattr(g, "keeps_files", True), "is still there", "a delete leaves the file"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.because.replace(" ", "-"))
def test_what_is_wrong_is_said(
    site: Site, glance: Glance, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strata.migration.probing.PATIENCE", 1)
    case.spoil(site, glance)
    proof = site.run("prove")
    assert proof["code"] == 1, case.because
    (problem,) = proof["problems"]
    assert all(word in problem for word in case.says.split("|")), case.because
    assert set(proof["proven"]) >= set(site.images) - {"image-06", "image-09"}, "the others are proven"
    assert set(proof["proven"]).isdisjoint(proof["failed"]), case.because
    assert site.run("progress")["phase"] == "prove"


def test_what_other_stores_have_in_their_locations_stays_out_of_the_journal(site: Site) -> None:
    site.locate("far", "swift+http://user:geheim@keystone/v2/images/far")
    site.database.execute("INSERT INTO images VALUES ('far', 'far', 'active', 3, NULL, NULL, NULL, 0)")
    site.locate("image-06", "swift+http://user:geheim@keystone/v2/images/image-06")
    site.done("cutover")
    for path in site.journal.iterdir():
        assert "geheim" not in path.read_text(), path
    assert "far" in (site.journal / "cutover.json").read_text(), "that it was there is kept"


def test_half_as_many_downloads_as_copies(
    site: Site, glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools: list[int] = []
    pool = ThreadPoolExecutor

    def counted(workers: int) -> ThreadPoolExecutor:
        pools.append(workers)
        return pool(workers)

    monkeypatch.setattr(proving, "ThreadPoolExecutor", counted)
    site.done("prove")
    site.done("prove", "--workers", "1")
    assert pools == [4, 1]


def test_what_was_deleted_since_is_not_missing(site: Site, glance: Glance) -> None:
    site.delete("image-06")
    assert site.done("prove")["missing"] == []


def test_without_a_token_the_files_are_proven(site: Site, glance: Glance) -> None:
    glance.token = "geheim"
    proof = site.done("prove")
    assert (proof["unauthorized"], proof["downloaded"], proof["by_file"]) == (True, 0, 20)
    assert proof["probe"] is None
    assert proof["proven"] == sorted(site.images)
    flip(str(site.new / "image-06"))
    assert list(site.run("prove")["failed"]) == ["image-06"]


def test_with_its_token(site: Site, glance: Glance) -> None:
    glance.token = site.token = "geheim"
    assert site.done("prove")["downloaded"] == 19
    for path in site.journal.iterdir():
        assert "geheim" not in path.read_text(), "the token is nowhere on the disk"


def test_the_probe_image_of_a_proof_that_died_goes_with_the_next(site: Site, glance: Glance) -> None:
    assert site.killed("prove", "probe.uploaded")
    assert len(os.listdir(site.new)) == 21
    site.done("prove")
    assert sorted(os.listdir(site.new)) == sorted(site.images)


def test_no_api_at_all(site: Site) -> None:
    site.done("cutover")
    (problem,) = site.run("prove")["problems"]
    assert "Glance's API on 127.0.0.1:9 did not answer" in problem


def test_a_glance_that_speaks_tls_itself_is_proven_by_its_files(
    site: Site, glance: Glance, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    glance.server.socket = context.wrap_socket(glance.server.socket, server_side=True)
    proof = site.done("prove")
    assert (proof["unauthorized"], proof["by_file"], proof["probe"]) == (True, 20, None)
    assert "speaks TLS itself" in proof["told"]
    assert proof["proven"] == sorted(site.images)


def certificate(folder: Path) -> Path:
    """Certificate and key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "glance")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = (
        builder.not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "glance.pem"
    path.write_bytes(
        signed.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path
