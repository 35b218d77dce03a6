"""A secret at a real terminal: not shown, whole, and no endless question when nobody is there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys

import pytest

ASK = """
import json
from strata.environments.questions import RealTerminal
from strata.errors import Failed
terminal = RealTerminal()
try:
    print("READ", json.dumps(terminal.secret("secret: ")))
    print("READ", json.dumps(terminal.ask("next: ")))
except Failed as error:
    print("FAILED", error)
"""
KEY = "-----BEGIN KEY-----\nabc\n\ndef\n-----END KEY-----"
END_OF_INPUT = "\x04"


def typed(*answers: str) -> str:
    """What the terminal showed; each answer is sent in one piece as soon as a question stands there."""
    ours, its = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", ASK], stdin=its, stdout=its, stderr=its)
    os.close(its)
    shown, left = "", list(answers)
    while True:
        assert select.select([ours], [], [], 30)[0], f"it waits:\n{shown}"
        try:
            shown += os.read(ours, 65536).decode()
        except OSError:
            break
        if shown.endswith(": ") and left:
            os.write(ours, left.pop(0).encode())
    os.close(ours)
    process.wait(30)
    return shown.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("secret", "read", "because"),
    [
        ("canary\n", '"canary"', "a password"),
        (" can ary \n", '" can ary "', "blanks may be part of it"),
        (f"{KEY}\n", '"-----BEGIN KEY-----\\nabc\\n\\ndef\\n-----END KEY-----"', "a key in one paste"),
    ],
)
def test_what_is_typed_arrives_and_is_not_shown(secret: str, read: str, because: str) -> None:
    assert typed(secret, "open\n") == f'secret: \nREAD {read}\nnext: open\nREAD "open"\n', because


def test_the_end_of_the_input_is_the_end() -> None:
    assert "FAILED The answers ended before the last question; nothing was made." in typed(END_OF_INPUT)
