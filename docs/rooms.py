"""Draws the rooms of orchestration/ and who stands on whom; `python docs/rooms.py` writes it.

Rooms, their order and their imports are read from the code; a test says when the picture is old.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path

import grimp

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "orchestration"
PICTURE = REPOSITORY / "docs" / "images" / "rooms.svg"
WIDTH, HEIGHT, GAP, LEFT = 600, 44, 16, 120
STYLE = (
    "text{font-family:sans-serif;font-size:14px;fill:#222}.small{font-size:11px;fill:#555}"
    "rect{fill:#eef3f8;stroke:#6b8aa8}path{fill:none;stroke:#6b8aa8;opacity:.75}"
)


def rooms() -> list[str]:
    """Return the rooms from the highest to the lowest, as pyproject.toml has them."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["importlinter"]["contracts"][0]["layers"]


def imports() -> dict[tuple[str, str], int]:
    """Return how many imports each room makes of each other."""
    graph = grimp.build_graph("orchestration", cache_dir=None)
    counted: dict[tuple[str, str], int] = {}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = _room(module), _room(imported)
            if pair[0] != pair[1] and all(pair):
                counted[pair] = counted.get(pair, 0) + 1
    return counted


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def says(room: str) -> str:
    """Return the first line of what a room says of itself."""
    path = PACKAGE / room / "__init__.py"
    path = path if path.exists() else PACKAGE / f"{room}.py"
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0]


def drawing() -> str:
    """Return the picture: rooms one above the other, a line from each to those it stands on.

    A line is left out where a longer way over other rooms says the same.
    """
    order, counted = rooms(), imports()
    top = {room: 10 + place * (HEIGHT + GAP) for place, room in enumerate(order)}
    lines = []
    for room, on in sorted(pair for pair in counted if not _is_implied(pair, counted)):
        far = order.index(on) - order.index(room)
        start, end = top[room] + HEIGHT, top[on]
        if far == 1:
            lines.append(f'<path d="M{LEFT + 40},{start} V{end}"/>')
        else:
            x, bend = LEFT, 14 + 16 * far
            lines.append(
                f'<path d="M{x},{start - 14} C{x - bend},{start} {x - bend},{end} {x},{end + 14}"/>'
            )
    boxes = [
        f'<rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4"/>'
        f'<text x="{LEFT + 10}" y="{y + 19}">{room}</text>'
        f'<text class="small" x="{LEFT + 10}" y="{y + 35}">{escape(says(room))}</text>'
        for room, y in top.items()
    ]
    height = max(top.values()) + HEIGHT + 10
    size = f'width="{LEFT + WIDTH + 10}" height="{height}"'
    body = "\n".join([f"<style>{STYLE}</style>", *lines, *boxes])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}\n</svg>\n'


def _is_implied(pair: tuple[str, str], counted: dict[tuple[str, str], int]) -> bool:
    """Tell whether a room stands on another by way of a third as well."""
    reached, left = set(), [on for room, on in counted if room == pair[0] and on != pair[1]]
    while left:
        room = left.pop()
        if room not in reached:
            reached.add(room)
            left += [on for above, on in counted if above == room]
    return pair[1] in reached


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
