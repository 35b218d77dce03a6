"""Scripts as they are handed to a host: nothing on the command line, parts told apart byte for byte."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strata.clients import host_script


def ran(script: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    line, stdin = host_script.command(script, sudo=False)
    return subprocess.run(["sh", "-c", line], input=stdin + input, capture_output=True)


@pytest.mark.parametrize(
    "script", ["echo 'canary'; cat", 'x="canary"; echo "$x"; cat', "cat <<'END'\ncanary\nEND\ncat"]
)
def test_script_and_input(script: str) -> None:
    line, _ = host_script.command(script, sudo=True)
    assert "canary" not in line
    assert line.startswith("sudo -n -- sh -c ")
    assert ran(script, b"\x00input\n").stdout == b"canary\n\x00input\n"


def test_a_script_ends_at_its_first_failing_command() -> None:
    done = ran("false\necho never")
    assert (done.returncode, done.stdout) == (1, b"")


def test_an_unset_variable_is_an_error() -> None:
    assert ran('echo "$nothing"').returncode != 0


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="ascii", exclude_characters="\x00\r"), max_size=30),
        min_size=1,
        max_size=4,
    )
)
def test_parts_are_told_apart_byte_for_byte(texts: list[str]) -> None:
    mark = host_script.new_mark()
    quoted = ["'" + text.replace("'", "'\\''") + "'" for text in texts]
    script = host_script.in_parts({f"part{n}": f"printf %s {text}" for n, text in enumerate(quoted)}, mark)
    assert host_script.parts_of(ran(script).stdout, mark) == {
        f"part{n}": text.encode() for n, text in enumerate(texts)
    }


def test_a_part_that_fails_leaves_the_others() -> None:
    mark = host_script.new_mark()
    script = host_script.in_parts(
        {"one": "echo a; false; echo b", "two": "cat /no/such/file", "three": "printf $set"}, mark, "set=c"
    )
    assert host_script.parts_of(ran(script).stdout, mark) == {"one": b"a\nb\n", "two": b"", "three": b"c"}
