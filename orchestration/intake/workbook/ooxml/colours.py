"""Colours as an .xlsx names them: in digits, by a theme, by a number of a palette.

What belongs here: which colour a font or a fill has. What does not: whether it is seen on another
(intake/workbook/colours.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orchestration.intake.workbook.colours import BLACK, WHITE
from orchestration.intake.workbook.xml_steps import opened

# Colours of 18.8.27 and of the themes that everybody has; the window's are automatic.
_INDEXED = {"0": BLACK, "1": WHITE, "8": BLACK, "9": WHITE, "65": WHITE}
_THEME = {"0": WHITE, "1": BLACK}
_INDEXED_COLOUR = re.compile(rb"\bindexed=[\"']([0-9]{1,3})[\"']")


def with_own_colours(styles: bytes, texts: bytes) -> tuple[bytes, bytes]:
    """Return styles and texts with the colours of a workbook's own palette in place of numbers."""
    if b"indexedColors" not in styles:
        return styles, texts
    own = _palette(styles)

    def named(found: re.Match[bytes]) -> bytes:
        number = int(found[1])
        return b'rgb="%s"' % own[number].encode() if number < len(own) else found[0]

    return _INDEXED_COLOUR.sub(named, styles), _INDEXED_COLOUR.sub(named, texts)


@lru_cache(maxsize=16)
def _palette(styles: bytes) -> list[str]:
    return [said.get("rgb", "") for said in opened(styles, "rgbColor")]


def colour_of(drawn: Any, name: str) -> str:
    """Return the colour of a font or a fill as six digits; what is automatic is black."""
    for part in drawn.iter(f"{{*}}{name}"):
        said = part.attrib
        if "rgb" in said:
            return str(said["rgb"])[-6:].upper()
        if "theme" in said:
            tint = float(said.get("tint", "0"))
            base = _THEME.get(said["theme"])
            return f"theme {said['theme']} {tint}" if base is None else _tinted(base, tint)
        return _INDEXED.get(said.get("indexed", "8"), f"other {dict(said)}")
    return BLACK


def _tinted(base: str, tint: float) -> str:
    """Return white or black, darker by a negative tint or lighter by a positive one (18.8.19)."""
    light = int(base[:2], 16)
    light = round(light * (1 + tint) if tint < 0 else light + (255 - light) * tint)
    return f"{min(max(light, 0), 255):02X}" * 3
