"""/etc/fstab: find, put and remove the line of one mount point; every other byte stays.

Source: fstab(5), getmntent(3): fields separated by blanks and tabs, `\\040` and the like for blanks inside a field, a `#` as
the first character makes a comment, missing fields 5 and 6 are 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from strata.hostfiles import line_end, split_lines

DEFAULTS: Final = frozenset({"rw", "suid", "dev", "exec", "auto", "nouser", "async"})
"""What mount(8) means by `defaults`."""

_FIELD: Final = re.compile(r"([ \t]*)([^ \t\r\n]+)")


@dataclass(frozen=True)
class Entry:
    """One line, its fields unescaped; `options` in the order of the line."""

    source: str
    mount_point: str
    type: str
    options: tuple[str, ...]
    dump: int = 0
    fsck_pass: int = 0

    def fields(self) -> tuple[str, ...]:
        """The six fields as they stand in the file."""
        options = ",".join(self.options) or "defaults"
        texts = (self.source, self.mount_point, self.type, options, str(self.dump), str(self.fsck_pass))
        return tuple(escape(text) for text in texts)


@dataclass(frozen=True)
class Edited:
    """The new text, and what `remove` needs to give back the old one (JSON values)."""

    text: str
    memory: dict[str, Any]


def escape(field: str) -> str:
    """A field as it stands in the file: blank, tab, line feed, backslash and `#` as octal numbers."""
    return re.sub(r"[ \t\n\\#]", lambda found: f"\\{ord(found.group()):03o}", field)


def unescape(field: str) -> str:
    """A field without octal numbers."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda found: chr(int(found.group(1), 8)), field)


def parse_line(line: str) -> Entry | None:
    """The entry of a line; None for a comment, an empty line and what mount(8) would not read."""
    if line.lstrip(" \t").startswith("#"):
        return None
    fields = [unescape(text) for _, text in _FIELD.findall(line)]
    if len(fields) < 3:
        return None
    numbers = [int(text) if text.isdecimal() else 0 for text in [*fields[4:6], "0", "0"]]
    options = tuple(one for one in (fields[3] if len(fields) > 3 else "defaults").split(",") if one)
    return Entry(fields[0], same_path(fields[1]), fields[2], options, numbers[0], numbers[1])


def same_path(path: str) -> str:
    """The spelling by which mount points are compared: no doubled and no last slash."""
    return re.sub(r"/+", "/", path).rstrip("/") or "/"


def find(text: str, mount_point: str) -> list[Entry]:
    """Every entry of that mount point, in the file's order."""
    wanted = same_path(mount_point)
    found = (parse_line(line) for line in split_lines(text))
    return [entry for entry in found if entry is not None and entry.mount_point == wanted]


def put(text: str, entry: Entry) -> Edited:
    """Exactly one line for the entry's mount point.

    A line that is there is changed where it stands, field by field, with its blanks; others for the same mount point go. Where
    there is none it comes last, and `memory` says whether the file's last line had to be ended for that.
    """
    kept: list[str] = []
    done = False
    for line in split_lines(text):
        old = parse_line(line)
        if old is None or old.mount_point != same_path(entry.mount_point):
            kept.append(line)
        elif not done:
            kept.append(_rewritten(line, old, entry))
            done = True
    if done:
        return Edited("".join(kept), {})
    end = line_end(text)
    ended = bool(text) and not text.endswith("\n")
    added = " ".join(entry.fields()) + end
    return Edited(f"{text}{end if ended else ''}{added}", {"endedLastLine": end} if ended else {})


def _rewritten(line: str, old: Entry, new: Entry) -> str:
    if old == new:
        return line
    body = line.rstrip("\r\n")
    pieces = _FIELD.findall(body)
    before = [*old.fields()]
    fields = [
        blank + (piece if index < 6 and before[index] == wanted else wanted)
        for index, ((blank, piece), wanted) in enumerate(zip(pieces, new.fields(), strict=False))
    ]
    missing = [f" {wanted}" for wanted in new.fields()[len(pieces) :]]
    rest = [blank + piece for blank, piece in pieces[6:]]
    return "".join([*fields, *missing, *rest]) + line[len(body) :]


def remove(text: str, mount_point: str, memory: dict[str, Any]) -> str:
    """The text without the lines of that mount point, and, after `put` with that memory, exactly what was there before it."""
    lines = split_lines(text)
    ours = [
        (parsed := parse_line(line)) is not None and parsed.mount_point == same_path(mount_point)
        for line in lines
    ]
    kept = "".join(line for line, mine in zip(lines, ours, strict=True) if not mine)
    if memory.get("endedLastLine") and ours and ours[-1]:
        return kept.removesuffix(memory["endedLastLine"])
    return kept
