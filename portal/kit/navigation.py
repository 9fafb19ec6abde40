"""The main navigation: where a person can go, shown only where they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from portal.agency.access import can, is_reader_only


@dataclass(frozen=True, slots=True)
class Item:
    """A link of the header: label, name of the address, the permission it needs, and which pages it stands for."""

    label: str
    url_name: str
    permission: str = ""


MAIN: tuple[Item, ...] = (
    Item("Home", "home"),
    Item("Exports", "export-list", "exports.view"),
    Item("Search", "search", "messages.view"),
    Item("Incidents", "incident-list", "incidents.view"),
    Item("Reports", "report-list", "reports.view"),
    Item("Reading room", "reading-room", "submissions.view"),
    Item("Offices & people", "office-list", "offices.view"),
    Item("Schedules", "schedule-list", "schedules.view"),
    Item("Audit", "audit-list", "audit.view"),
)
# A NARA reviewer reads what was submitted: the reading room is the whole of the portal for them.
REVIEWER: tuple[Item, ...] = (Item("Reading room", "reading-room", "submissions.view"),)


def links(user: Any, path: str) -> list[dict[str, Any]]:
    """The links of the header for this person, the one of the present page marked."""
    if not user.is_authenticated:
        return []
    items = REVIEWER if is_reader_only(user) else MAIN
    found = []
    for item in items:
        if item.permission and not can(user, item.permission):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            # An app that is not mounted has no link.
            continue
        found.append({"label": item.label, "url": url, "current": False})
    present = [link for link in found if path == link["url"] or (link["url"] != "/" and path.startswith(link["url"]))]
    if present:
        max(present, key=lambda link: len(link["url"]))["current"] = True
    return found
