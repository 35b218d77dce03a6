"""`preview_markdown.py STACK CODE NOTE <preview.txt`: a preview as a section of the comment on a pull request."""

from __future__ import annotations

import re
import sys

LARGEST = 12_000
"""Characters of one stack: five of them fit one comment whole."""
SUMMARY = re.compile(r"^Resources:\n((?:[ \t]+.*\n?)+)", re.MULTILINE)


def markdown(stack: str, code: int, note: str, text: str, largest: int = LARGEST) -> str:
    """A heading that says what would happen, and the preview folded below it; of a long one its end, which has the errors."""
    lines = [f"#### {stack}: {headline(code, text)}", ""]
    if note:
        lines += [note, ""]
    kept, left_out = tail(text.strip(), largest)
    if left_out:
        lines += [f"The first {left_out} lines are left out; the artefact of this stack has them.", ""]
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", kept)), default=0))
    opened = "<details open>" if code else "<details>"
    return "\n".join(
        [*lines, f"{opened}<summary>preview</summary>", "", fence, kept, fence, "", "</details>", ""]
    )


def headline(code: int, text: str) -> str:
    """`+ 2 to create, ~ 1 to update`, `nothing changes`, or that it failed."""
    if code:
        return "the preview failed"
    found = SUMMARY.search(text)
    counts = [line.strip() for line in found[1].splitlines()] if found else []
    changes = [line for line in counts if re.match(r"\S+ \d+ to ", line)]
    return ", ".join(changes) or "nothing changes"


def tail(text: str, largest: int) -> tuple[str, int]:
    """The last lines that fit, and how many did not; a single line that does not fit is cut."""
    kept: list[str] = []
    room = largest
    lines = text.splitlines()
    for line in reversed(lines):
        if len(line) + 1 > room:
            break
        room -= len(line) + 1
        kept.insert(0, line)
    if not kept and lines:
        return lines[-1][-largest:], len(lines) - 1
    return "\n".join(kept), len(lines) - len(kept)


if __name__ == "__main__":
    print(markdown(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.stdin.read()), end="")
