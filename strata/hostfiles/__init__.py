"""Pure editors of the files that Strata changes on hosts: text in, text out, every other byte kept.

Text is what `decode` makes of the bytes, so that no byte is lost, whatever the file's encoding.
"""

from __future__ import annotations


def decode(content: bytes) -> str:
    """The text of a file; bytes that are not UTF-8 survive the way back."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text made by `decode`."""
    return text.encode("utf-8", "surrogateescape")


def split_lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends a line, as for the programs that read these files."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def line_end(text: str) -> str:
    """How this file ends its lines: CR LF if its first line does, else LF."""
    first, found, _ = text.partition("\n")
    return "\r\n" if found and first.endswith("\r") else "\n"
