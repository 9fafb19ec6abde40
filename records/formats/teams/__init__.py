"""Microsoft Teams: messages of Microsoft Graph, a tenant's export, a person's download. See docs/formats/teams.md."""

from __future__ import annotations

from records.formats.teams.reader import Teams

__all__ = ["Teams"]
