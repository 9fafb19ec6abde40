"""Relativity Short Message Format: the exchange format of e-discovery products."""

from __future__ import annotations

from records.formats.rsmf.reader import Rsmf

__all__ = ("Rsmf",)
