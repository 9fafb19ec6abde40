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
    stands_for: tuple[str, ...] = ()  # beginnings of further addresses that belong to this link


MAIN: tuple[Item, ...] = (
    Item("Home", "home"),
    Item("Exports", "export-list", "exports.view"),
    Item("Search", "search", "messages.view"),
    Item("Incidents", "incident-list", "incidents.view"),
    Item("Reports", "report-list", "reports.view"),
    Item("Reading room", "reading-room", "submissions.view"),
    Item("Documents", "document-list", "documents.view"),
    Item(
        "Offices & people",
        "office-list",
        "offices.view",
        ("/people/", "/senders/", "/custodians/", "/tools/", "/roles/", "/signers/", "/tokens/"),
    ),
    Item("Schedules", "schedule-list", "schedules.view", ("/conversations/",)),
    Item("Audit", "audit-list", "audit.view"),
)
# Tabs above the registers of an area: one entry of the main navigation stands for all of them.
PEOPLE: tuple[Item, ...] = (
    Item("Offices", "office-list", "offices.view"),
    Item("People", "person-list", "offices.view"),
    Item("Senders", "sender-list", "senders.view"),
    Item("Custodians", "custodian-list", "custodians.view"),
    Item("Messaging tools", "tool-list", "custodians.view"),
    Item("Roles and signers", "role-list", "offices.view"),
    Item("API tokens", "token-list", "tokens.edit"),
    Item("Tokens to approve", "token-approvals", "roles.edit"),
)
SCHEDULES: tuple[Item, ...] = (
    Item("Schedules and items", "schedule-list", "schedules.view"),
    Item("Conversations filed", "conversation-list", "exports.view"),
)
AREAS: dict[str, tuple[Item, ...]] = {"people": PEOPLE, "schedules": SCHEDULES}
# A NARA reviewer reads what was submitted: the reading room is the whole of the portal for them.
REVIEWER: tuple[Item, ...] = (Item("Reading room", "reading-room", "submissions.view"),)


def links(user: Any, path: str) -> list[dict[str, Any]]:
    """The links of the header for this person, the one of the present page marked."""
    if not user.is_authenticated:
        return []
    return _links(REVIEWER if is_reader_only(user) else MAIN, user, path)


def tabs(area: str, user: Any, path: str) -> list[dict[str, Any]]:
    """The registers of an area that this person may see, the present one marked."""
    return _links(AREAS[area], user, path)


def _links(items: tuple[Item, ...], user: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    starts: list[tuple[str, int]] = []
    for item in items:
        if item.permission and not can(user, item.permission):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            # An app that is not mounted has no link.
            continue
        starts += [(start, len(found)) for start in (url, *item.stands_for)]
        found.append({"label": item.label, "url": url, "current": False})
    present = [
        (len(start), number)
        for start, number in starts
        if path == start or (start != "/" and path.startswith(start))
    ]
    if present:
        found[max(present)[1]]["current"] = True
    return found
