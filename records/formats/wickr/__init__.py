"""Wickr: the log of a compliance bot (Wickr Enterprise) or of a data retention bot (AWS Wickr).

What is read and by which rules: docs/formats/wickr.md.
"""

from __future__ import annotations

from records.formats.wickr.reader import Wickr

__all__ = ["Wickr"]
