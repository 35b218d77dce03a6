"""Single values into the text of a stack file: every other byte stays, comments and layout with it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from strata.adoption.grafting import graft
from strata.errors import Failed
from strata.stackfile import document
from strata.stackfile.located import Path, render

SALT: Final = "encryptionsalt"
SALT_COMMENT: Final = "# The salt of the passphrase, Pulumi's own."
HINT: Final = "# yaml-language-server: $schema="
_SAFE: Final = re.compile(r"[^\s,\[\]{}#&*!|>'\"%@`?:-][^\[\]{},#]*")
"""Text that needs no quotes within braces, if it is read as the same text besides."""

Pair = tuple[yaml.Node, yaml.Node]
"""A key and its value."""


def put(text: str, path: Path, value: Any) -> str:
    """The text with `value` at `path`, which may be new; raises Failed where the text can't be changed so."""
    before = document.read(text).data
    root = yaml.compose(text, yaml.SafeLoader)
    node = _node(root, path)
    if node is None:
        changed = graft(text, _nested(path, value))
    else:
        start, end = _span(node, _pair(_node(root, path[:-1]), path[-1]), text)
        changed = f"{text[:start]}{_gap(text, start)}{flow(value)}{text[end:]}"
    if document.read(changed).data != _with(before, path, value):
        raise Failed(
            f"{render(path[1:])} can't be changed without touching what stands around it (an alias, or what is no object): "
            "change it by hand in a copy of the file, and give that to --from."
        )
    return changed


def take_out(text: str, path: Path) -> str:
    """The text without the key at `path`; comments stay. Raises Failed for what is no key, or the only one of its object."""
    around = _node(yaml.compose(text, yaml.SafeLoader), path[:-1])
    pairs = around.value if isinstance(around, yaml.MappingNode) else []
    at = next((i for i, pair in enumerate(pairs) if pair[0].value == path[-1]), None)
    if not isinstance(around, yaml.MappingNode) or at is None or len(pairs) == 1:
        raise Failed(f"{render(path[1:])} can't be taken out: give it another value.")
    start, end = pairs[at][0].start_mark.index, _end(pairs[at][1], text)
    if around.flow_style and at + 1 < len(pairs):
        end = pairs[at + 1][0].start_mark.index
    elif around.flow_style:
        start = _end(pairs[at - 1][1], text)
    elif text[:start].rpartition("\n")[2].strip():
        raise Failed(
            f"{render(path[1:])} can't be taken out of the line it stands in: give it another value."
        )
    else:
        start, end = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    return text[:start] + text[end:]


def drop(text: str, key: str) -> str:
    """The text without a key of the file's top; its own lines go, comments stay."""
    pair = _pair(yaml.compose(text, yaml.SafeLoader), key)
    if pair is None:
        return text
    start = pair[0].start_mark.index
    return text[:start] + text[_line_end(text, _end(pair[1], text)) :]


def put_salt(text: str, salt: str) -> str:
    """The text with this salt in place of another's, and without what the comment above said of that one's passphrase."""
    root = yaml.compose(text, yaml.SafeLoader)
    pair = _pair(root, SALT)
    if pair is None:
        config = _pair(root, "config")
        at = config[0].start_mark.index if config else len(text)
        return f"{text[:at]}{SALT}: {salt}\n{text[at:]}"
    text = put(text, (SALT,), salt)
    above, _, below = text[: pair[0].start_mark.index].rpartition("\n")
    comment = above.rpartition("\n")[2]
    if comment.startswith("#") and "salt" in comment.lower():
        above = above[: len(above) - len(comment)] + SALT_COMMENT
    return f"{above}\n{below}{text[pair[0].start_mark.index :]}" if above else text


def put_hint(text: str, schema: str) -> str:
    """The text with the line by which an editor finds the schema."""
    if text.startswith(HINT):
        return f"{HINT}{schema}\n{text.partition(chr(10))[2]}"
    return f"{HINT}{schema}\n{text}"


def flow(value: Any) -> str:
    """A value in one line, as it can stand within braces too."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        plain = _SAFE.fullmatch(value) and ": " not in value and document.read(value).data == value
        return value if plain and not value.endswith((":", " ")) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _span(node: yaml.Node, pair: Pair | None, text: str) -> tuple[int, int]:
    """From where to where a value stands; one in a block begins behind its key's colon, in a line above."""
    start = node.start_mark.index
    if pair and isinstance(node, yaml.CollectionNode) and not node.flow_style:
        start = text.index(":", pair[0].end_mark.index) + 1
    return start, max(start, _end(node, text))


def _gap(text: str, start: int) -> str:
    return " " if text[start - 1 : start] == ":" else ""


def _end(node: yaml.Node, text: str) -> int:
    """Where the last thing in a node ends; a block's own mark lies behind the comments and empty lines that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1], text)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1], text)
    end = int(node.end_mark.index)
    folded = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return len(text[:end].rstrip()) if folded else end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _node(node: yaml.Node | None, path: Path) -> yaml.Node | None:
    for step in path:
        if isinstance(step, int):
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            node = items[step] if step < len(items) else None
        else:
            pair = _pair(node, step)
            node = pair[1] if pair else None
    return node


def _pair(node: yaml.Node | None, key: str | int) -> Pair | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((pair for pair in pairs if pair[0].value == key), None)


def _nested(path: Path, value: Any) -> dict[str, Any]:
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def _with(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(step, int):
        return [_with(one, rest, value) if i == step else one for i, one in enumerate(data)]
    there = data if isinstance(data, Mapping) else {}
    return {**there, step: _with(there.get(step), rest, value)}
