"""New entries into the text of a stack file: every byte that stands there stays, comments and order with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from strata.adoption.trees import merged
from strata.errors import Failed
from strata.stackfile import document

Edit = tuple[int, int, str]
"""From, to, and what comes in its place."""
STEP = 2


def graft(text: str, added: Mapping[str, Any]) -> str:
    """The text with the entries in it; raises Failed where they can't be put so that the rest stays as it is."""
    before = document.read(text)
    if not added:
        return text
    root = yaml.compose(text, yaml.SafeLoader)
    if root is None:
        grafted = text + render(added)
    else:
        edits: list[Edit] = []
        _graft(root, added, text, edits)
        grafted = text
        for start, end, words in sorted(edits, reverse=True):
            grafted = grafted[:start] + words + grafted[end:]
    if document.read(grafted).data != merged(before.data or {}, added):
        raise Failed(
            "The entries could not be put into the stack file without touching what stands there (aliases, or braces over "
            "several lines). Nothing was written. Use --output, and put them in by hand."
        )
    return grafted


def render(added: Mapping[str, Any], indent: int = 0) -> str:
    """Entries as they stand in a stack file: objects of single values and lists of them in one line."""
    words = yaml.dump(
        added, Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=10_000
    )
    if words.startswith("{"):
        words = yaml.dump(added, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=10_000)
    return "".join(f"{' ' * indent}{line}\n" for line in words.splitlines())


class _Dumper(yaml.SafeDumper):
    """Without aliases, and with quotes around every text that would be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    plain = document.read(value)
    style = None if plain.data == value and not plain.faults else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _graft(node: yaml.Node, added: Mapping[str, Any], text: str, edits: list[Edit]) -> None:
    if not isinstance(node, yaml.MappingNode):
        return  # what comes out is compared in the end
    there = {key.value: (key, value) for key, value in node.value}
    new = {key: value for key, value in added.items() if key not in there}
    for key in added.keys() & there.keys():
        at, child = there[key]
        if isinstance(child, yaml.ScalarNode):
            words = "\n" + render(added[key], at.start_mark.column + STEP).rstrip("\n")
            edits.append((child.start_mark.index, child.end_mark.index, words))
        else:
            _graft(child, added[key], text, edits)
    if new:
        edits.append(_in_braces(node, new, text) if node.flow_style else _below(node, new, text))


def _in_braces(node: yaml.MappingNode, new: Mapping[str, Any], text: str) -> Edit:
    end = node.end_mark.index - 1
    words = yaml.dump(new, Dumper=_Dumper, sort_keys=False, default_flow_style=True, width=10_000)
    inner = words.strip().removeprefix("{").removesuffix("}")
    comma = ", " if node.value and not text[:end].rstrip().endswith(",") else ""
    return end, end, comma + inner


def _below(node: yaml.MappingNode, new: Mapping[str, Any], text: str) -> Edit:
    """After the last line of the mapping; comments that follow it belong to what comes next."""
    end = _end(node)
    if not (end and text[end - 1] == "\n"):
        line_end = text.find("\n", end)
        end = len(text) if line_end < 0 else line_end + 1
    start = "" if not end or text[end - 1] == "\n" else "\n"
    return end, end, start + render(new, node.value[0][0].start_mark.column)


def _end(node: yaml.Node) -> int:
    """Where the last thing in a node ends; a block's own mark lies behind the comments that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        key, value = node.value[-1]
        # An alias is the node that it stands for, which lies before.
        alias = value.start_mark.index < key.start_mark.index
        return int(key.end_mark.index) if alias else _end(value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)
