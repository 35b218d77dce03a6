"""One property, two spellings: Python's and the one of stack files, schema and state."""

from __future__ import annotations


def wire_name(snake: str) -> str:
    """`junction_path` -> `junctionPath`."""
    head, *rest = snake.split("_")
    return head + "".join(part.capitalize() for part in rest)
