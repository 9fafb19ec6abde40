"""What the records application tells a person about their work on the home page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal.agency.access import can
from portal.kit.lists import COUNT_UP_TO, capped_count
from portal.kit.panels import Panel
from records.models import Finding, Handle, MessageExport

SHOWN = 5
UNDER_WAY = (
    MessageExport.State.RECEIVED,
    MessageExport.State.READING,
    MessageExport.State.EXAMINING,
)


def exports_panel(user: Any) -> Panel | None:
    """Exports under way and exports that wait for an answer, each count a link to its list."""
    if not can(user, "exports.view"):
        return None
    exports = MessageExport.objects.visible_to(user)
    waiting = exports.filter(state=MessageExport.State.NEEDS_ANSWER)
    counts = [
        _count(exports.filter(state__in=UNDER_WAY), "under way", "busy", state="under_way"),
        _count(waiting, "need an answer", "warn", state="needs_answer"),
        _count(
            exports.filter(state=MessageExport.State.REJECTED), "rejected", "bad", state="rejected"
        ),
        _count(exports, "in all", ""),
    ]
    if can(user, "senders.view"):
        waiting_senders = Handle.objects.visible_to(user).filter(participants__identified=False)
        unknown = capped_count(waiting_senders.distinct())
        counts.append(
            {
                "count": shown_count(unknown),
                "label": "senders not identified",
                "tone": "warn" if unknown else "",
                "url": reverse("sender-list"),
            }
        )
    latest = exports.select_related("custodian__person", "office")[:SHOWN]
    context = {
        "title": "Message exports",
        "url": reverse("export-list"),
        "counts": counts,
        "latest": latest,
        "may_receive": can(user, "exports.receive"),
        "may_answer": can(user, "exports.answer"),
    }
    return Panel("records/export_panel.html", context)


def findings_panel(user: Any) -> Panel | None:
    """Findings that nobody has judged yet."""
    if not can(user, "findings.judge"):
        return None
    findings = Finding.objects.visible_to(user).current()
    still_open = findings.filter(state=Finding.State.OPEN)
    url = reverse("finding-list")
    context = {
        "title": "Findings to judge",
        "url": f"{url}?state=open",
        "count_words": shown_count(capped_count(still_open)),
        "latest": still_open.select_related("export__custodian__person").order_by("-pk")[:SHOWN],
        "any": findings.exists(),
    }
    return Panel("records/finding_panel.html", context)


def _count(exports: Any, label: str, tone: str, **query: str) -> dict[str, Any]:
    count = capped_count(exports)
    url = reverse("export-list")
    return {
        "count": shown_count(count),
        "label": label,
        "tone": tone if count else "",
        "url": f"{url}?{urlencode(query)}" if query else url,
    }


def shown_count(count: int) -> str:
    """A count as the page shows it: beyond the cap nobody counts on."""
    return f"{COUNT_UP_TO:,}+" if count > COUNT_UP_TO else f"{count:,}"
