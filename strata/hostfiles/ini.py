"""Configuration files of OpenStack services: set one option of one section and give it back; every other byte stays.

Source: oslo.config's parser: `[section]`, `option = value` or `option: value` at the beginning of a line, lines that begin with a
blank continue the value, an empty line ends it, `#` and `;` at the beginning of a line make comments; a section may come
twice, and of an option that comes twice the last one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from strata.hostfiles import line_end, split_lines

_OPTION: Final = re.compile(
    r"(?P<name>[^\s=:#;\[][^=:\r\n]*?)(?P<is>[ \t]*[=:][ \t]*)(?P<value>[^\r\n]*?)(?P<end>[ \t]*\r?\n?)$"
)


@dataclass(frozen=True)
class Edited:
    """The new text, and what `restore` needs to give back the old one (JSON values).

    Keys of memory: `lines` the lines of the option as they were ("" for none), `section` true where the section had to be
    made, `endedLastLine` the line end where the file's last line had to be ended first.
    """

    text: str
    memory: dict[str, Any]


@dataclass(frozen=True)
class _Setting:
    """An option in force: lines[first:after] of the file hold it, continuation lines included."""

    section: str
    name: str
    value: str
    first: int
    after: int


def get(text: str, section: str, option: str) -> str | None:
    """The value that counts, continuation lines joined by line feeds, quotes around it gone; None where it is not set."""
    found = [one for one in _settings(split_lines(text)) if (one.section, one.name) == (section, option)]
    if not found:
        return None
    value = found[-1].value
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def set_option(text: str, section: str, option: str, value: str) -> Edited:
    """The text with that option at that value.

    Where it is set, the value alone changes. Else the line comes right after its commented default, after the head of the
    section, or with a new section at the end of the file.
    """
    lines = split_lines(text)
    found = [one for one in _settings(lines) if (one.section, one.name) == (section, option)]
    if found:
        at = found[-1]
        old = "".join(lines[at.first : at.after])
        if get(text, section, option) == value:
            return Edited(text, {"lines": old})
        shape = _OPTION.match(lines[at.first])
        assert shape is not None
        spacing = shape["is"] if shape["value"] or shape["is"][-1] in " \t" else f"{shape['is']} "
        new = f"{shape['name']}{spacing}{value}{shape['end']}"
        return Edited("".join([*lines[: at.first], new, *lines[at.after :]]), {"lines": old})
    place = _place(lines, section, option)
    end = line_end(text)
    ended = bool(lines) and not lines[-1].endswith("\n") and (place is None or place == len(lines))
    memory: dict[str, Any] = {"lines": ""}
    if place is None:
        memory["section"] = True
    if ended:
        memory["endedLastLine"] = end
        lines[-1] += end
    added = (
        [f"{option} = {value}{end}"]
        if place is not None
        else [f"[{section}]{end}", f"{option} = {value}{end}"]
    )
    place = len(lines) if place is None else place
    return Edited("".join([*lines[:place], *added, *lines[place:]]), memory)


def remembered(original: str, section: str, option: str) -> dict[str, Any]:
    """The memory that `restore` needs, taken from an older copy of the file (a backup)."""
    lines = split_lines(original)
    found = [one for one in _settings(lines) if (one.section, one.name) == (section, option)]
    return {"lines": "".join(lines[found[-1].first : found[-1].after]) if found else ""}


def restore(text: str, section: str, option: str, memory: dict[str, Any]) -> str:
    """The text with that option as it was before `set_option`; what others changed elsewhere in the meantime stays."""
    lines = split_lines(text)
    found = [one for one in _settings(lines) if (one.section, one.name) == (section, option)]
    old: str = memory.get("lines", "")
    if not found:
        place = _place(lines, section, option) if old else None
        return text if place is None else _joined(lines[:place], old, lines[place:], line_end(text))
    at = found[-1]
    first, last = at.first, at.after == len(lines)
    if (
        memory.get("section")
        and first
        and _header(lines[first - 1]) == section
        and _section_ends(lines, at.after)
    ):
        first -= 1
    if not old and last and memory.get("endedLastLine"):
        return "".join(lines[:first]).removesuffix(memory["endedLastLine"])
    return _joined(lines[:first], old, lines[at.after :], line_end(text))


def _joined(before: list[str], line: str, after: list[str], end: str) -> str:
    """Lines with one put between; each ends before the next one begins."""
    pieces = [*before, line, *after] if line else [*before, *after]
    return "".join(piece if piece.endswith("\n") else piece + end for piece in pieces[:-1]) + "".join(
        pieces[-1:]
    )


def _header(line: str) -> str | None:
    found = re.match(r"\[([^\]]*)\]", line)
    return found[1].strip() if found else None


def _section_ends(lines: list[str], index: int) -> bool:
    return index == len(lines) or _header(lines[index]) is not None


def _settings(lines: list[str]) -> Iterator[_Setting]:
    """Every option of the file, in its order."""
    section, index = "DEFAULT", 0
    while index < len(lines):
        header = _header(lines[index])
        section = header if header is not None else section
        shape = None if header is not None else _OPTION.match(lines[index])
        after = index + 1
        if shape:
            values = [shape["value"]]
            while (following := _next_continuation(lines, after)) is not None:
                values.append(lines[following].strip())
                after = following + 1
            yield _Setting(section, shape["name"], "\n".join(values), index, after)
        index = after


def _next_continuation(lines: list[str], index: int) -> int | None:
    """The next line of a continued value; comments may stand in between."""
    while index < len(lines) and lines[index][0] in "#;":
        index += 1
    return index if _continues(lines, index) else None


def _place(lines: list[str], section: str, option: str) -> int | None:
    """Where a new line for the option belongs; None where the section is missing."""
    commented = re.compile(rf"[#;][ \t]*{re.escape(option)}[ \t]*[=:]")
    head: int | None = None
    current = ""
    for index, line in enumerate(lines):
        current = header if (header := _header(line)) is not None else current
        if current == section and header is not None and head is None:
            head = index + 1
        if current == section and commented.match(line):
            return _after_continuations(lines, index + 1)
    return None if head is None else _after_continuations(lines, head)


def _after_continuations(lines: list[str], index: int) -> int:
    """A comment may stand inside a continued value; a new line must not tear it apart."""
    while (following := _next_continuation(lines, index)) is not None:
        index = following + 1
    return index


def _continues(lines: list[str], index: int) -> bool:
    return index < len(lines) and lines[index][0] in " \t" and bool(lines[index].strip())
