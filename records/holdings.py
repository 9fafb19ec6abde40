"""What the records application keeps for an office, for the page of that office."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal.agency.access import can
from portal.kit.panels import Holding
from records.models import Conversation, Custodian, Document, MessageExport


def holdings_of_office(user: Any, office: Any) -> list[Holding]:
    """Exports, custodians, conversations and documents of an office and everything below it, each with its list."""
    below = {"office__path__startswith": office.path}
    query = urlencode({"office": office.pk})
    counts: list[tuple[str, Any, str]] = []
    if can(user, "exports.view"):
        exports = MessageExport.objects.visible_to(user)
        conversations = Conversation.objects.filter(export__in=exports, **below)
        counts.append(("Message exports", exports.filter(**below), "export-list"))
        counts.append(("Conversations filed here", conversations, "conversation-list"))
    if can(user, "custodians.view"):
        counts.append(
            ("Custodians", Custodian.objects.visible_to(user).filter(**below), "custodian-list")
        )
    if can(user, "documents.view"):
        counts.append(
            ("Documents", Document.objects.visible_to(user).filter(**below), "document-list")
        )
    return [
        Holding(label, rows.count(), f"{reverse(name)}?{query}") for label, rows, name in counts
    ]
