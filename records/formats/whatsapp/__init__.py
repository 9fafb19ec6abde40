"""WhatsApp chat exports."""

from __future__ import annotations

from records.formats.whatsapp.reader import WhatsApp

__all__ = ["WhatsApp"]
