"""An order of resources as a picture: DOT for Graphviz, or SVG drawn here, so that nothing has to be installed. Pure."""

from __future__ import annotations

import json
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from strata.cli.graph_order import Order, Resource

HEIGHT: Final = 44
BETWEEN_ROWS: Final = 24
BETWEEN_LAYERS: Final = 72
MARGIN: Final = 24
CHARACTER: Final = 7.3
"""Width of one character of the 12-pixel fixed-width font, in pixels."""

Box = tuple[float, float, float]
"""Left, top, width."""


def dot(order: Order, title: str) -> str:
    """The order in Graphviz's language; an edge points from what comes first to what comes after."""
    lines = [
        f"digraph {json.dumps(title)} {{",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="monospace"];',
    ]
    names = {one.urn: json.dumps(f"{one.type}::{one.name}") for one in order.resources}
    for one in sorted(order.resources, key=lambda one: one.urn):
        label = json.dumps(f"{one.name}\n{one.type}", ensure_ascii=False)
        lines.append(f"  {names[one.urn]} [label={label}];")
    lines += sorted(f"  {names[before]} -> {names[after]};" for before, after in order.edges)
    return "\n".join([*lines, "}", ""])


def svg(order: Order, title: str) -> str:
    """The order drawn from left to right, each resource behind everything that it waits for."""
    layers = order.layers()
    boxes = _boxes(layers)
    width = max((left + wide for left, _, wide in boxes.values()), default=240) + MARGIN
    height = max((top + HEIGHT for _, top, _ in boxes.values()), default=MARGIN * 2) + MARGIN
    edges = [_edge(boxes[before], boxes[after]) for before, after in sorted(order.edges)]
    nodes = [_node(one, boxes[one.urn]) for layer in layers for one in layer]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" role="img"'
    return "\n".join([f"{head} aria-label={quoteattr(title)}>", _style(title), *edges, *nodes, "</svg>", ""])


def _boxes(layers: list[list[Resource]]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    left = float(MARGIN)
    for layer in layers:
        width = max(max(len(one.name), len(one.type)) for one in layer) * CHARACTER + 24
        for row, one in enumerate(layer):
            boxes[one.urn] = (left, MARGIN * 2 + row * (HEIGHT + BETWEEN_ROWS), width)
        left += width + BETWEEN_LAYERS
    return boxes


def _style(title: str) -> str:
    return f"""\
<title>{escape(title)}</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
<path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>
<style>
  svg {{ background: #fff }} text {{ font: 12px monospace; fill: #111 }} .type {{ fill: #666 }}
  rect {{ fill: #f4f7fb; stroke: #35689e; rx: 6px }} .edge {{ fill: none; stroke: #555; marker-end: url(#tip) }}
</style>
<text x="{MARGIN}" y="{MARGIN}">{escape(title)}</text>"""


def _edge(start: Box, end: Box) -> str:
    x, y = start[0] + start[2], start[1] + HEIGHT / 2
    to_x, to_y = end[0], end[1] + HEIGHT / 2
    bend = max((to_x - x) / 2, 24)
    curve = f"M{x:.0f},{y:.0f} C{x + bend:.0f},{y:.0f} {to_x - bend:.0f},{to_y:.0f} {to_x:.0f},{to_y:.0f}"
    return f'<path class="edge" d="{curve}"/>'


def _node(resource: Resource, box: Box) -> str:
    left, top, width = box
    return (
        f"<g><title>{escape(resource.urn)}</title>"
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{HEIGHT}"/>'
        f'<text x="{left + 12:.0f}" y="{top + 18:.0f}">{escape(resource.name)}</text>'
        f'<text class="type" x="{left + 12:.0f}" y="{top + 35:.0f}">{escape(resource.type)}</text></g>'
    )
