"""What the comparison of secondary storage and Swift says, case by case."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strata.clients.swift import Object
from strata.verify.comparison import (
    CONTAINER,
    Pair,
    compare,
    different_properties,
    lonely,
    picture,
    suspects,
)
from strata.verify.secondary_storage import Folder, StoredFile, container, parse

FULL = "#\nfilename=a.qcow2\nid=5\nuniquename=centos\nsize=10\nvirtualsize=20\nqcow2=true\n"
FOUR = "uniquename=centos\nfilename=a.qcow2\nsize=10\nvirtualsize=20\n"
FILES = {"a.qcow2": StoredFile(10, "aa"), "template.properties": StoredFile(60, "pp", FULL)}
OBJECTS = {
    "a.qcow2": Object("a.qcow2", 10, "aa"),
    "template.properties": Object("template.properties", 40, "qq"),
}


class Case(NamedTuple):
    objects: dict[str, Object] | None
    text: str
    elsewhere: set[str]
    differences: tuple[str, ...]
    because: str


CASES = [
    Case(OBJECTS, FOUR, set(), (), because="today's servers write four lines of the many"),
    Case(
        {**OBJECTS, "a.qcow2": Object("a.qcow2", 9, "aa")},
        FOUR,
        set(),
        ("T-5/a.qcow2: 10 bytes on secondary storage, 9 in Swift",),
        because="cut off",
    ),
    Case(
        {**OBJECTS, "a.qcow2": Object("a.qcow2", 10, "bb")},
        FOUR,
        set(),
        ("T-5/a.qcow2: MD5 aa on secondary storage, bb in Swift",),
        because="other bytes of the same number",
    ),
    Case(
        {"template.properties": OBJECTS["template.properties"]},
        FOUR,
        set(),
        ("T-5/a.qcow2 is missing in Swift",),
        because="not uploaded",
    ),
    Case(
        {**OBJECTS, "b.qcow2": Object("b.qcow2", 1, "bb")},
        FOUR,
        set(),
        ("T-5/b.qcow2 is missing on secondary storage",),
        because="nobody knows where it came from",
    ),
    Case(
        {**OBJECTS, "b.qcow2": Object("b.qcow2", 1, "bb")},
        FOUR,
        {"b.qcow2"},
        (),
        because="another zone's store has it",
    ),
    Case(None, "", set(), ("there is no container T-5",), because="nothing was uploaded"),
    Case(
        OBJECTS,
        FOUR.replace("size=10", "size=11"),
        set(),
        ("T-5/template.properties: size is '10' on secondary storage, '11' in Swift",),
        because="the four lines say something else",
    ),
    Case(
        OBJECTS,
        "<html>",
        set(),
        ("T-5/template.properties: says nothing in Swift",),
        because="no properties at all",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.because)
def test_compare(case: Case) -> None:
    folder = Folder("template/tmpl/1/5", "T-5", FILES)
    pair = compare(
        "zone1", folder, case.objects, {"template.properties": case.text} if case.text else {}, case.elsewhere
    )
    assert pair.differences == case.differences, case.because


def test_a_file_that_cannot_be_read_is_no_equal() -> None:
    folder = Folder("volumes/2/7", "V-7", {"v": StoredFile(10, None)})
    pair = compare("zone1", folder, {"v": Object("v", 10, "aa")}, {})
    assert pair.differences == ("V-7/v: cannot be read on secondary storage",)


def test_only_what_differs_is_looked_at_more_closely() -> None:
    assert suspects(Folder("template/tmpl/1/5", "T-5", FILES), OBJECTS) == ["template.properties"]


@pytest.mark.parametrize(
    ("stored", "object", "differing", "because"),
    [
        (FULL, FOUR, 0, "the order and what else there is mean nothing"),
        ("filename=a\n", "filename=a\nvirtualsize=\n", 0, "an empty field and none are the same"),
        (FULL, FOUR.replace("uniquename=centos", "uniquename=debian"), 1, "another template"),
    ],
)
def test_properties(stored: str, object: str, differing: int, because: str) -> None:
    assert len(different_properties(stored, object)) == differing, because


def test_a_container_without_a_folder_is_named_and_an_empty_one_is_not() -> None:
    found = lonely({"T-1": OBJECTS, "T-10": OBJECTS, "T-9": OBJECTS, "V-3": {}}, ["T-1"])
    assert [pair.differences for pair in found] == [
        ("container T-9 has no folder on secondary storage",),
        ("container T-10 has no folder on secondary storage",),
    ]


@pytest.mark.parametrize(
    ("name", "ours"),
    [("T-5", True), ("S-12", True), ("T-5_segments", False), ("backups", False), ("T-x", False)],
)
def test_which_containers_are_cloudstacks(name: str, ours: bool) -> None:
    assert bool(CONTAINER.fullmatch(name)) is ours


@pytest.mark.parametrize(
    ("folder", "name"), [("template/tmpl/1/5", "T-5"), ("volumes/2/7", "V-7"), ("snapshots/2/9", "S-9")]
)
def test_a_folder_has_its_container(folder: str, name: str) -> None:
    assert container(folder) == name


def test_the_script_prints_names_of_any_kind() -> None:
    sizes = b"3 template/tmpl/1/10/a b\n.qcow2\x004 template/tmpl/1/2/x\x005 template/tmpl/stray\x00"
    sums = b"aa  template/tmpl/1/10/a b\n.qcow2\x00"
    found = parse(sizes, sums, b"")
    assert [(one.container, dict(one.files)) for one in found] == [
        ("T-2", {"x": StoredFile(4, None)}),
        ("T-10", {"a b\n.qcow2": StoredFile(3, "aa")}),
    ]


def test_the_picture() -> None:
    pairs = [
        Pair("zone1", "template/tmpl/1/1", 2, "T-1", 2, ()),
        Pair("zone1", "template/tmpl/1/5", 2, "T-5", 1, ("T-5/a.qcow2 is missing in Swift",)),
        Pair("", None, 0, "T-9", 2, ("container T-9 has no folder on secondary storage",)),
    ]
    assert picture(pairs).splitlines() == [
        "zone   secondary storage  files  Swift container  objects",
        "zone1  template/tmpl/1/1  2      T-1              2        the same",
        "zone1  template/tmpl/1/5  2      T-5              1        differs",
        "    T-5/a.qcow2 is missing in Swift",
        "       -                  0      T-9              2        differs",
        "    container T-9 has no folder on secondary storage",
    ]
