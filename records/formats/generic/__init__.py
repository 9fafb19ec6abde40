"""Any other table of messages: CSV or JSON Lines, read by the columns that a person names."""

from __future__ import annotations

from records.formats.generic.reader import Generic

__all__ = ("Generic",)
