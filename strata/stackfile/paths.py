"""Paths as operators type them: `strata:ontap.volumes.images.size`, `exportPolicy.rules[0]`, `settings["expunge.delay"]`.

As `pulumi config --path` spells them; `located.render` writes them.
"""

from __future__ import annotations

import re
from typing import Final

from strata.errors import Failed
from strata.stackfile.located import Path

_STEP: Final = re.compile(
    r"""(?:^|(?<=[^.\[])\.)(?P<key>[^.\[\]"]+)|\[(?P<index>[0-9]+)\]|\["(?P<quoted>(?:[^"\\]|\\.)+)"\]"""
)


def parse(text: str) -> Path:
    """The steps; raises Failed for what is no path."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise Failed(
                f"{text!r} is no path (it can't be read from character {at + 1} on): "
                'write it as in strata:ontap.volumes.images.size, a list\'s entry as [0], a key with a dot in it as ["a.b"].'
            )
        at = found.end()
        if found["index"] is not None:
            steps.append(int(found["index"]))
        else:
            steps.append(found["key"] or re.sub(r"\\(.)", r"\1", found["quoted"]))
    return tuple(steps)


def in_configuration(text: str) -> Path:
    """The same from the top of the file: everything of Strata's lies in `config`."""
    steps = parse(text)
    return steps if steps[:1] == ("config",) else ("config", *steps)
