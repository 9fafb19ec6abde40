"""Messages on a Mac or iPhone (iMessage, SMS, RCS), as imessage-exporter writes them: text or HTML.

What is read and by which rules: docs/formats/imessage.md.
"""

from __future__ import annotations

from records.formats.imessage.reader import Imessage

__all__ = ["Imessage"]
