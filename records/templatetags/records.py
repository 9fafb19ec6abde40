"""Message text as it is shown: what people wrote, but nothing that turns the page around."""

from __future__ import annotations

from django import template

register = template.Library()

_TURNING = {
    0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
}  # fmt: skip
_SHOWN = {code: f"\u27e8{name}\u27e9" for code, name in _TURNING.items()}
_SHOWN |= {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t\r"}


@register.filter
def steady(text: object) -> str:
    """Text whose marks for turning direction, and control characters, are written out; all else stays."""
    return str(text).translate(_SHOWN)
