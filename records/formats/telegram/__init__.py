"""Telegram Desktop, "Export chat history" or "Export Telegram data" as JSON. See docs/formats/telegram.md."""

from __future__ import annotations

from records.formats.telegram.reader import Telegram

__all__ = ["Telegram"]
