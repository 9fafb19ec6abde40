"""Signal: what signal-export writes (JSON, Markdown, HTML), and rows of Signal Desktop's database as JSON.

What is read and by which rules: docs/formats/signal.md.
"""

from __future__ import annotations

from records.formats.signal.reader import Signal

__all__ = ["Signal"]
