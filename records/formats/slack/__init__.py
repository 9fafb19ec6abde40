"""Slack, "Export workspace data": a zip with a folder for each conversation. See docs/formats/slack.md."""

from __future__ import annotations

from records.formats.slack.reader import Slack

__all__ = ["Slack"]
