"""YAML as editors and Pulumi read it, with places."""

from __future__ import annotations

import pytest

from strata.stackfile import document
from strata.stackfile.document import Place


@pytest.mark.parametrize(
    ("text", "value", "because"),
    [
        ("yes", "yes", "YAML 1.2 has no yes and no: the editor's schema check sees text"),
        ("off", "off", "autosize's mode off is a word"),
        ("true", True, "the truth value of YAML 1.2"),
        ("12:30:00", "12:30:00", "PyYAML's own resolver makes 45000 of it"),
        ("2026-11-21", "2026-11-21", "a comment may be a date"),
        ("443", 443, "a port"),
        ("0755", 755, "YAML 1.2; the schema then asks for quotes"),
        ('"0755"', "0755", "quotes make a text"),
        ("1.5", 1.5, "a real number"),
        ("1_000", "1_000", "a number only to YAML 1.1"),
        ("", None, "nothing stands there"),
        ("~", None, "null"),
        ("99999999999999999999999", 99999999999999999999999.0, "no size of text is a crash"),
    ],
)
def test_scalars(text: str, value: object, because: str) -> None:
    assert document.read(f"key: {text}\n").data == {"key": value}, because


def test_places_of_keys_and_items_in_both_styles() -> None:
    read = document.read("a:\n  - one\n  - {b: 1,   c: [2, 3]}\n")
    assert read.places[("a",)] == Place(1, 1)
    assert read.places[("a", 0)] == Place(2, 5)
    assert read.places[("a", 1, "c")] == Place(3, 14)
    assert read.places[("a", 1, "c", 1)] == Place(3, 21)


def test_a_place_that_is_not_there_is_the_nearest_around_it() -> None:
    read = document.read("a:\n  b: {}\n")
    assert read.place(("a", "b", "missing", 0)) == Place(2, 3)
    assert document.read("").place(("a",)) == Place(1, 1)


def test_aliases_and_merges_say_a_thing_once() -> None:
    read = document.read("base: &base {svm: demo, size: 1}\nvolume: {size: 2, <<: *base}\nsame: *base\n")
    assert not read.faults
    assert read.data["volume"] == {"svm": "demo", "size": 2}
    assert read.data["same"] == {"svm": "demo", "size": 1}
    assert read.places[("volume", "size")] == Place(2, 10), (
        "a key of its own goes before a merged one, in its place too"
    )


def test_aliases_of_aliases_do_not_eat_the_machine() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (fault,) = document.read("\n".join(lines)).faults
    assert "more than 200000 values" in fault.message


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\n\tb: 2\n", 2, 1, "tab"),
        ("a: b: c\n", 1, 5, "colon"),
        ("a: 'open\n", 2, 1, "end of stream"),
        ("a: \x07\n", 1, 4, "no text may hold"),
        ("a: 1\n---\nb: 2\n", 2, 1, "document"),
        ("[" * 5000, 1, 1, "too deeply"),
    ],
)
def test_what_is_no_yaml_has_a_place(text: str, line: int, column: int, words: str) -> None:
    (fault,) = document.read(text).faults
    assert (fault.place, words in fault.message) == (Place(line, column), True), fault
