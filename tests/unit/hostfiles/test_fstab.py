"""The fstab editor: one line is found, put and removed; every other byte stays."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strata.hostfiles import decode, encode, fstab, split_lines
from strata.hostfiles.fstab import Entry

IMAGES = Entry("10.130.208.55:/images", "/glance/images", "nfs", ("defaults",))
LINE = "10.130.208.55:/images /glance/images nfs defaults 0 0"


class Put(NamedTuple):
    before: str
    after: str
    because: str


PUTS = [
    Put("", f"{LINE}\n", because="an empty file gets one line"),
    Put(
        "/dev/vda / ext4 defaults 0 0\n",
        f"/dev/vda / ext4 defaults 0 0\n{LINE}\n",
        because="a new line comes last",
    ),
    Put("# end", f"# end\n{LINE}\n", because="a last line without its end is ended first"),
    Put("a b ext4\r\n", f"a b ext4\r\n{LINE}\r\n", because="the file's own line ends are used"),
    Put(f"{LINE}\n# x\n", f"{LINE}\n# x\n", because="an equal line stays as it is"),
    Put(
        "old:/x\t/glance/images/  nfs\tro\n/a /b ext4\n",
        "10.130.208.55:/images\t/glance/images/  nfs\tdefaults 0 0\n/a /b ext4\n",
        because="a line is changed where it stands, its blanks and the spelling of what did not change kept",
    ),
    Put(f"# one\n{LINE}\n{LINE}\n# two\n", f"# one\n{LINE}\n# two\n", because="of several lines one is left"),
    Put(f"#{LINE}\n", f"#{LINE}\n{LINE}\n", because="a comment is no line"),
]


@pytest.mark.parametrize("case", PUTS, ids=lambda case: case.because)
def test_put(case: Put) -> None:
    assert fstab.put(case.before, IMAGES).text == case.after, case.because


class Parse(NamedTuple):
    line: str
    entry: Entry | None
    because: str


PARSES = [
    Parse(
        "s:/a\\040b /mnt/a\\040b nfs4 ro,soft 1 2\n",
        Entry("s:/a b", "/mnt/a b", "nfs4", ("ro", "soft"), 1, 2),
        because="octal numbers",
    ),
    Parse(
        "\t s:/a /b/ nfs\n",
        Entry("s:/a", "/b", "nfs", ("defaults",)),
        because="missing fields have defaults, a last slash says nothing",
    ),
    Parse("  # s:/a /b nfs defaults 0 0\n", None, because="a comment after blanks"),
    Parse("s:/a /b\n", None, because="too few fields"),
    Parse(
        "s:/a /b nfs rw x y\n",
        Entry("s:/a", "/b", "nfs", ("rw",)),
        because="numbers that are none count as 0",
    ),
]


@pytest.mark.parametrize("case", PARSES, ids=lambda case: case.because)
def test_parse_line(case: Parse) -> None:
    assert fstab.parse_line(case.line) == case.entry, case.because


LINES = st.sampled_from(
    [
        "# comment",
        "",
        "\t",
        "/dev/vda / ext4 defaults 0 0",
        "UUID=1\t/boot  ext2",
        "caf\u00e9:/x /y nfs ro",
        "# \\040",
        "none swap swap",
        "x\x0cy z w",
    ]
)
FILES = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last and lines else ""),
    st.lists(LINES),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
NAMES = st.text(st.characters(codec="ascii", exclude_characters="\n\r\x00"), min_size=1).map(
    lambda text: "/m/" + text.replace("/", "-")
)


@given(text=FILES, path=NAMES)
def test_what_was_put_is_found_and_removing_it_gives_the_old_bytes(text: str, path: str) -> None:
    entry = Entry(f"s:{path}", fstab.same_path(path), "nfs", ("ro", "soft"), 1, 2)
    edited = fstab.put(text, entry)
    assert fstab.find(edited.text, path) == [entry]
    assert fstab.put(edited.text, entry).text == edited.text
    assert fstab.remove(edited.text, path, edited.memory) == text


@given(text=FILES, added=LINES)
def test_what_others_add_later_stays_whole(text: str, added: str) -> None:
    edited = fstab.put(text, IMAGES)
    left = fstab.remove(f"{edited.text}{added}\n", "/glance/images", edited.memory)
    assert left.endswith(f"{added}\n")
    assert left.startswith(text)


@given(st.binary())
def test_no_byte_is_lost(content: bytes) -> None:
    assert encode(decode(content)) == content
    assert encode("".join(split_lines(decode(content)))) == content
