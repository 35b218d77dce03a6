"""The editor of glance-api.conf: one option is set and given back; every other byte stays."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.hostfiles import ini, split_lines

S, DIR = "glance_store", "filesystem_store_datadir"

DEBIAN = """\
[DEFAULT]
# From glance.api

[file]
#filesystem_store_datadir = /var/lib/glance/images

[glance_store]

#  (string value)
#filesystem_store_datadir = /var/lib/glance/images

# List of directories
#filesystem_store_datadirs =

[keystone_authtoken]
password = not for you
"""


class Set(NamedTuple):
    before: str
    after: str
    because: str


SETS = [
    Set(
        DEBIAN,
        DEBIAN.replace(
            "#  (string value)\n#filesystem_store_datadir = /var/lib/glance/images\n",
            "#  (string value)\n#filesystem_store_datadir = /var/lib/glance/images\nfilesystem_store_datadir = /new\n",
        ),
        because="a commented default of that section stays, and the setting comes right after it",
    ),
    Set(
        f"[{S}]\n{DIR}=/old\n",
        f"[{S}]\n{DIR}=/new\n",
        because="the spacing around the sign is the file's own",
    ),
    Set(
        f"[{S}]\n{DIR} : /old  \r\nx=1\r\n",
        f"[{S}]\n{DIR} : /new  \r\nx=1\r\n",
        because="a colon, blanks at the end and CR LF stay",
    ),
    Set(
        f"[{S}]\n{DIR} = /a\n{DIR} = /b\n",
        f"[{S}]\n{DIR} = /a\n{DIR} = /new\n",
        because="the last of several counts",
    ),
    Set(
        f"[{S}]\nx = 1\n[b]\n[{S}]\n{DIR} = /a",
        f"[{S}]\nx = 1\n[b]\n[{S}]\n{DIR} = /new",
        because="a section may come twice; no line end is made up",
    ),
    Set(
        f"[{S}]\n{DIR} = /a,\n  /b\n# c\n  /d\n\nx = 1\n",
        f"[{S}]\n{DIR} = /new\n\nx = 1\n",
        because="continued lines belong to the value, comments between them too",
    ),
    Set(
        f"[{S}]\nx = 1\n",
        f"[{S}]\n{DIR} = /new\nx = 1\n",
        because="with no commented default it comes after the head of the section",
    ),
    Set(
        "[DEFAULT]\nx = 1",
        f"[DEFAULT]\nx = 1\n[{S}]\n{DIR} = /new\n",
        because="a missing section is appended, the last line ended first",
    ),
    Set("", f"[{S}]\n{DIR} = /new\n", because="an empty file"),
    Set(f"[{S}]", f"[{S}]\n{DIR} = /new\n", because="a head as the last, unended line"),
    Set(f"[{S}]\n{DIR} = /new\n", f"[{S}]\n{DIR} = /new\n", because="already so"),
    Set(
        f"[other]\n{DIR} = /x\n[{S}]\n",
        f"[other]\n{DIR} = /x\n[{S}]\n{DIR} = /new\n",
        because="the same option elsewhere is another one",
    ),
    Set(f"[{S}]\n{DIR} =\n", f"[{S}]\n{DIR} = /new\n", because="an empty value"),
]


@pytest.mark.parametrize("case", SETS, ids=lambda case: case.because)
def test_set_and_restore(case: Set) -> None:
    edited = ini.set_option(case.before, S, DIR, "/new")
    assert edited.text == case.after, case.because
    assert ini.get(edited.text, S, DIR) == "/new", case.because
    assert ini.restore(edited.text, S, DIR, edited.memory) == case.before, case.because


class Get(NamedTuple):
    text: str
    value: str | None
    because: str


GETS = [
    Get(DEBIAN, None, because="a comment sets nothing"),
    Get(f"[{S}]\n{DIR} = '/a b'\n", "/a b", because="quotes are not part of the value"),
    Get(f"[{S}]\n{DIR} = a\n\tb\n", "a\nb", because="continued"),
    Get(f"[{S}]\n{DIR}s = a\n", None, because="a longer name is another option"),
    Get(f"{DIR} = a\n[{S}]\n", None, because="before every head is DEFAULT"),
]


@pytest.mark.parametrize("case", GETS, ids=lambda case: case.because)
def test_get(case: Get) -> None:
    assert ini.get(case.text, S, DIR) == case.value, case.because


LINES = st.sampled_from(
    [
        f"[{S}]",
        "[DEFAULT]",
        "[file]",
        f"#{DIR} = /d",
        f"; {DIR}=/d",
        f"{DIR} = /a",
        f"{DIR}:/b ",
        f"{DIR}=",
        "x = 1",
        "  more",
        "\tmore",
        "",
        " ",
        "# c",
        "=odd",
        "odd",
    ]
)
FILES = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last and lines else ""),
    st.lists(LINES, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


@given(FILES)
def test_restore_undoes_set_byte_for_byte(text: str) -> None:
    edited = ini.set_option(text, S, DIR, "/new")
    assert ini.get(edited.text, S, DIR) == "/new"
    assert ini.restore(edited.text, S, DIR, edited.memory) == text


@given(FILES)
def test_a_second_set_is_undone_by_the_first_memory(text: str) -> None:
    first = ini.set_option(text, S, DIR, "/new")
    second = ini.set_option(first.text, S, DIR, "/newer")
    assert ini.restore(second.text, S, DIR, first.memory) == text


@given(FILES)
def test_other_lines_stay(text: str) -> None:
    before, after = split_lines(text), split_lines(ini.set_option(text, S, DIR, "/new").text)
    gone = [
        line
        for line in before
        if line.strip() and after.count(line) + after.count(f"{line}\n") + after.count(f"{line}\r\n") == 0
    ]
    assert all(DIR in line or line[0] in " \t#" for line in gone), gone


@given(FILES)
def test_what_others_change_elsewhere_stays(text: str) -> None:
    edited = ini.set_option(text, S, DIR, "/new")
    changed = edited.text + ("" if edited.text.endswith("\n") else "\n") + "\n[theirs]\nmine = 1\n"
    restored = ini.restore(changed, S, DIR, edited.memory)
    assert restored.endswith("\n[theirs]\nmine = 1\n")
    assert ini.get(restored, S, DIR) == ini.get(text, S, DIR)


def test_the_memory_can_be_had_from_an_older_copy() -> None:
    edited = ini.set_option(f"[{S}]\n{DIR}=/old\n", S, DIR, "/new")
    assert (
        ini.restore(edited.text, S, DIR, ini.remembered(f"[{S}]\n{DIR}=/old\n", S, DIR))
        == f"[{S}]\n{DIR}=/old\n"
    )
