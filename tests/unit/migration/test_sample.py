"""The sample of a proof: what comes through Glance in whole, and of which other images it is asked for the beginning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from strata.migration import proving
from strata.migration.sample import AT_LEAST, AT_MOST, FEW, choose, opened
from tests.unit.migration.glance_of_site import Case, Glance, spoiled
from tests.unit.migration.site_of_glance import Site, flip

BEGINNING = 100


@pytest.fixture
def glance(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Glance]:
    """After a cutover; one image is deactivated."""
    monkeypatch.setattr(proving, "BEGINNING", BEGINNING)
    site.database.execute("UPDATE images SET status = 'deactivated' WHERE id = 'image-09'")
    site.done("cutover")
    made = Glance(site)
    yield made
    made.close()


def test_of_a_few_images_every_other_is_opened_through_glance(site: Site, glance: Glance) -> None:
    proof = site.done("prove", "--proof", "3")
    whole = {one for one in site.images if glance.sent.get(one) == (site.new / one).stat().st_size}
    opened = {one for one, size in glance.sent.items() if size == BEGINNING}
    assert len(whole) == 3 == proof["downloaded"]
    assert whole | opened == set(site.images) - {"image-09"}
    assert (proof["opened"], proof["as_copied"], proof["by_file"]) == (16, 1, 0)
    assert (proof["sampled"], proof["of"], proof["proven"]) == (3, 20, sorted(site.images))
    assert site.run("progress")["files_done"] == 20
    assert site.done("prove", "--proof", "3")["bytes"] == proof["bytes"], "the same images each time"


def test_a_copy_that_is_not_as_it_was_comes_in_whole(site: Site, glance: Glance) -> None:
    flip(str(site.new / "image-06"))
    proof = site.run("prove", "--proof", "0")
    (problem,) = proof["problems"]
    assert "image-06: its sha512 is" in problem
    assert (proof["sampled"], proof["opened"]) == (1, 18)
    assert "image-06" not in proof["proven"]


def test_an_empty_image_comes_in_whole(site: Site, glance: Glance) -> None:
    """Of no bytes there are no first ones: a server may refuse to send them."""
    (site.new / "image-06").write_bytes(b"")
    empty = hashlib.sha512().hexdigest()
    site.database.execute(
        "UPDATE images SET size = 0, os_hash_algo = 'sha512', os_hash_value = ?, checksum = NULL WHERE id = 'image-06'",
        (empty,),
    )
    assert site.done("prove", "--proof", "0")["downloaded"] == 1


WRONG = [
    Case(spoiled("other bytes"), "sends other bytes than the first 100", "it sends another image"),
    Case(spoiled("shorter"), "bytes came, and Glance recorded", "it sends one of another size"),
    Case(spoiled("error"), "its download was answered by 500", "Glance can't read it"),
    Case(spoiled("nothing"), "answered by 204 an empty answer", "Glance does not find it"),
]


@pytest.mark.parametrize("ranges", [True, False], ids=["with-ranges", "without-ranges"])
@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.because.replace(" ", "-"))
def test_what_glance_does_not_open_is_said(site: Site, glance: Glance, case: Case, ranges: bool) -> None:
    glance.knows_ranges = ranges
    case.spoil(site, glance)
    proof = site.run("prove", "--proof", "0")
    (problem,) = proof["problems"]
    assert case.says in problem, case.because
    assert "image-06" in problem
    assert proof["proven"] == sorted(set(site.images) - {"image-06"})


def test_a_beginning_that_is_cut_off_is_said(site: Site, glance: Glance) -> None:
    glance.spoiled["image-06"] = "cut"
    (problem,) = site.run("prove", "--proof", "0")["problems"]
    assert "did not answer GET /v2/images/image-06/file as expected (IncompleteRead)" in problem


def test_a_glance_that_knows_no_ranges_is_opened_too(site: Site, glance: Glance) -> None:
    glance.knows_ranges = False
    assert site.done("prove", "--proof", "0")["opened"] == 19


def test_without_a_token_the_copies_count(site: Site, glance: Glance) -> None:
    glance.token = "geheim"
    proof = site.done("prove", "--proof", "3")
    assert (proof["by_file"], proof["opened"], proof["as_copied"]) == (3, 0, 17)
    assert proof["proven"] == sorted(site.images)


def images(count: int, size: int) -> list[proving.One]:
    return [proving.One(f"image-{n}", "active", size, "", "", "") for n in range(count)]


def test_auto_takes_the_twentieth_part() -> None:
    taken = choose(images(1000, 10 << 20), "auto")
    assert len(taken) == 50
    assert choose(list(reversed(images(1000, 10 << 20))), "auto") == taken, "the same each time"


def test_auto_takes_a_small_store_in_whole() -> None:
    assert len(choose(images(16, AT_LEAST // 16), "auto")) == 16
    assert len(choose(images(17, AT_LEAST // 16), "auto")) == 16


def test_auto_ends_at_twenty_gib() -> None:
    assert len(choose(images(1000, 8 << 30), "auto")) == AT_MOST // (8 << 30)
    assert len(choose(images(3, 300 << 30), "auto")) == 1, "one in any case"


def test_all_others_are_opened_where_images_are_large() -> None:
    there = images(500, 100 << 20)
    whole = {one.image for one in choose(there, "auto")}
    assert {one.image for one in opened(there, whole)} == {one.image for one in there} - whole


def test_of_many_small_images_as_many_are_opened_as_cost_a_twentieth() -> None:
    there = images(1000, 10 << 20)
    assert len(opened(there, ())) == 100
    assert opened(list(reversed(there)), ()) == opened(there, ()), "the same each time"
    assert len(opened(images(1000, 10), ())) == FEW


def test_who_is_not_opened_is_as_copied(site: Site, glance: Glance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strata.migration.sample.FEW", 5)
    proof = site.done("prove", "--proof", "3")
    assert (proof["downloaded"], proof["opened"] + proof["as_copied"]) == (3, 17)
    assert len(set(glance.sent) & set(site.images)) == 3 + proof["opened"]
    assert proof["opened"] in (4, 5), "one of the five may be the deactivated one"
    assert proof["proven"] == sorted(site.images)


def test_all_and_a_number() -> None:
    assert len(choose(images(1000, 8 << 30), "all")) == 1000
    assert len(choose(images(1000, 8 << 30), "7")) == 7
    assert len(choose(images(3, 8 << 30), "7")) == 3
