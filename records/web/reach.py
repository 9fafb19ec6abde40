"""What an address means for this person: the one place where pages of records look things up (404 outside)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from portal.agency.models import User
from records.models import Conversation, Finding, MessageExport

PARTS = ("office", "custodian__person", "tool", "stored_file", "received_by")


def person(request: HttpRequest) -> User:
    """Who is asking, on a page that only people who are signed in reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def export_of(request: HttpRequest, number: str) -> MessageExport:
    """An export that the person may see."""
    exports = MessageExport.objects.visible_to(person(request)).select_related(*PARTS)
    return get_object_or_404(exports, number=_plain(number))


def readable_export_of(request: HttpRequest, number: str) -> MessageExport:
    """An export whose content the person may read."""
    exports = MessageExport.objects.readable_by(person(request)).select_related(*PARTS)
    return get_object_or_404(exports, number=_plain(number))


def conversation_of(request: HttpRequest, number: str, index: int) -> Conversation:
    """A conversation whose content the person may read."""
    conversations = Conversation.objects.visible_to(person(request)).select_related(
        "export__office",
        "export__stored_file",
        "export__custodian__person",
        "office",
        "schedule_item__schedule",
    )
    return get_object_or_404(conversations, export__number=_plain(number), index=index)


def finding_of(request: HttpRequest, number: str, finding: int) -> Finding:
    """A finding of an export that the person may see."""
    findings = Finding.objects.visible_to(person(request)).select_related(
        "export__office", "export__custodian__person", "conversation", "judged_by"
    )
    return get_object_or_404(findings, export__number=_plain(number), number=finding)


def _plain(number: str) -> str:
    """A public number out of an address; one that no database takes is the number of nothing."""
    if "\x00" in number:
        raise Http404
    return number


def whole(value: Any) -> int | None:
    """A number that came in an address, or None when it is none (or none that a row can have)."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
