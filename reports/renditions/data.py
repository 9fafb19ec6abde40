"""report.json: the frozen report itself, in its canonical bytes, bit-exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.frozen import canonical


def render(frozen: Mapping[str, Any]) -> bytes:
    """The bytes that the signature covers and whose SHA-256 names the version."""
    return canonical(frozen)
