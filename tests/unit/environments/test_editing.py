"""A value into the text of a stack file, and every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata.environments import editing
from strata.errors import Failed
from strata.stackfile import document

TEXT = """\
# The whole.
encryptionsalt: v1:old
config:
  strata:ontap:
    clusters:
      # The only one.
      c1: {hostname: c1, password: {secure: "v1:a:b"}, port: 443}  # by day
    volumes:
      images:
        # How large.
        size: 50GiB  # enough
        exportPolicy:
          rules:
            # Everybody.
            - {clients: [10.0.0.0/8]}
            - clients:
                - 10.1.0.0/16
        comment: >-
          two
          lines

      other: {}
"""
ONTAP = ("config", "strata:ontap")

PUTS: list[tuple[str, tuple[Any, ...], Any, str, str]] = [
    (
        "a word",
        (*ONTAP, "volumes", "images", "size"),
        "60GiB",
        "size: 50GiB  # enough",
        "size: 60GiB  # enough",
    ),
    ("within braces", (*ONTAP, "clusters", "c1", "hostname"), "c2", "{hostname: c1,", "{hostname: c2,"),
    ("a number", (*ONTAP, "clusters", "c1", "port"), 8443, "port: 443}", "port: 8443}"),
    (
        "a source for a ciphertext",
        (*ONTAP, "clusters", "c1", "password"),
        {"env": "A"},
        '{secure: "v1:a:b"}',
        "{env: A}",
    ),
    (
        "a list in a block, with the comments that were about it",
        (*ONTAP, "volumes", "images", "exportPolicy", "rules"),
        [],
        """rules:
            # Everybody.
            - {clients: [10.0.0.0/8]}
            - clients:
                - 10.1.0.0/16
""",
        "rules: []\n",
    ),
    (
        "an entry of a list",
        (*ONTAP, "volumes", "images", "exportPolicy", "rules", 0, "clients"),
        ["::1", "a"],
        "[10.0.0.0/8]",
        '["::1", a]',
    ),
    (
        "a list in a list",
        (*ONTAP, "volumes", "images", "exportPolicy", "rules", 1, "clients"),
        ["a"],
        "clients:\n                - 10.1.0.0/16",
        "clients: [a]",
    ),
    (
        "a text of several lines",
        (*ONTAP, "volumes", "images", "comment"),
        "one: {line}",
        "comment: >-\n          two\n          lines\n",
        'comment: "one: {line}"\n',
    ),
    ("a new key", (*ONTAP, "clusters", "c1", "caFile"), "x.pem", "port: 443}", "port: 443, caFile: x.pem}"),
    (
        "a text that looks like a number",
        (*ONTAP, "clusters", "c1", "hostname"),
        "0750",
        "hostname: c1",
        'hostname: "0750"',
    ),
    ("nothing", (*ONTAP, "clusters", "c1", "port"), None, "port: 443}", "port: null}"),
]


@pytest.mark.parametrize(("because", "path", "value", "old", "new"), PUTS, ids=[one[0] for one in PUTS])
def test_put(because: str, path: tuple[Any, ...], value: Any, old: str, new: str) -> None:
    assert TEXT.count(old) == 1, "the row names one place"
    assert editing.put(TEXT, path, value) == TEXT.replace(old, new), because


def test_what_an_alias_shares_is_not_changed_in_secret() -> None:
    text = "config: {strata:hosts: {a: &a {address: one}, b: *a}}\n"
    with pytest.raises(Failed, match=r"strata:hosts.b.address can't be changed"):
        editing.put(text, ("config", "strata:hosts", "b", "address"), "two")


@pytest.mark.parametrize(
    ("path", "old", "because"),
    [
        ((*ONTAP, "clusters", "c1", "port"), ", port: 443", "the last within braces"),
        ((*ONTAP, "clusters", "c1", "hostname"), "hostname: c1, ", "the first within braces"),
        (
            (*ONTAP, "volumes", "images", "size"),
            "        size: 50GiB  # enough\n",
            "a line, its comment above stays",
        ),
        (
            (*ONTAP, "volumes", "images", "comment"),
            "        comment: >-\n          two\n          lines\n",
            "several lines",
        ),
    ],
)
def test_take_out(path: tuple[Any, ...], old: str, because: str) -> None:
    taken = editing.take_out(TEXT, path)
    assert taken == TEXT.replace(old, ""), because
    assert not document.read(taken).faults


def test_the_only_key_stays() -> None:
    with pytest.raises(Failed, match="can't be taken out: give it another value"):
        editing.take_out(TEXT, (*ONTAP, "volumes", "images", "exportPolicy", "rules"))


def test_a_salt_brings_no_word_of_anothers_passphrase() -> None:
    text = (
        "# A file.\n\n# The salt of the lab's passphrase, known to all.\nencryptionsalt: v1:old\nconfig: {}\n"
    )
    assert editing.put_salt(text, "v1:new") == (
        "# A file.\n\n# The salt of the passphrase, Pulumi's own.\nencryptionsalt: v1:new\nconfig: {}\n"
    )
    assert editing.put_salt(TEXT, "v1:new") == TEXT.replace("v1:old", "v1:new"), "another comment stays"
    without = editing.drop(TEXT, "encryptionsalt")
    assert editing.put_salt(without, "v1:new") == TEXT.replace("v1:old", "v1:new"), (
        "before config where there was none"
    )


def test_the_schema_hint_is_the_first_line_once() -> None:
    hint = "# yaml-language-server: $schema=here.json\n"
    assert editing.put_hint("config: {}\n", "here.json") == f"{hint}config: {{}}\n"
    assert (
        editing.put_hint(f"{hint}config: {{}}\n".replace("here", "there"), "here.json")
        == f"{hint}config: {{}}\n"
    )


TEXTS = "a|a b|443|true|null|| a|a: b|a:|- a|#a|a #b|[a]|{a}|a, b|*a|&a|!a|%a|'a'|\"a\"|a'b|@a|`a|?a|> a|~|ä|::1|v1:a=:b"
VALUES: list[Any] = [
    *TEXTS.split("|"),
    "| a",
    "a\nb",
    1,
    True,
    None,
    ["a", "b, c"],
    {"env": "A"},
    {"a: b": ["c"]},
    [],
    {},
]


@pytest.mark.parametrize("value", VALUES)
def test_every_value_comes_back_in_braces_and_out_of_them(value: Any) -> None:
    for text, at in (
        (f"k: {editing.flow(value)}\n", ("k",)),
        (f"k: {{v: {editing.flow(value)}, w: 1}}\n", ("k", "v")),
    ):
        read = document.read(text)
        assert not read.faults, text
        found = read.data
        for step in at:
            found = found[step]
        assert found == value, text


def test_no_comment_of_the_examples_is_lost() -> None:
    for name in ("lab", "tokyo"):
        text = (Path(__file__).parents[3] / "stacks" / f"Pulumi.{name}.yaml").read_text()
        single = [path for path in document.read(text).texts if isinstance(path[-1], str)]
        for path in single[::7]:
            assert comments(editing.put(text, path, "changed")) == comments(text), path


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("#")]
