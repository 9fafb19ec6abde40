"""Pages of the audit log: read, filter, download, and walk the chain."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from portal.agency.access import reach
from portal.agency.models import Office
from portal.audit import checkpoints, guards, log
from portal.audit.models import AuditEvent, AuditHead
from portal.audit.words import words
from portal.kit.lists import ListPage
from portal.kit.views import requires


def visible_events(request: HttpRequest) -> Any:
    """Events of the offices in reach; only who reaches every agency with people also sees events of no office."""
    own = reach(request.user, "audit.view")
    events = AuditEvent.objects.filter(office_id__in=own.office_ids())
    if own.covers_all():
        events = AuditEvent.objects.filter(office_id__isnull=True) | events
    return events


class AuditTable(tables.Table):
    sequence = tables.Column(
        verbose_name="No.", linkify=lambda record: reverse("audit-detail", args=[record.sequence])
    )
    at = tables.DateTimeColumn(verbose_name="When", format="M j, Y, g:i:s a")
    actor_name = tables.Column(verbose_name="Who")
    action = tables.Column(verbose_name="What")
    object_label = tables.Column(verbose_name="On what")

    class Meta:
        model = AuditEvent
        fields = ("sequence", "at", "actor_name", "action", "object_label")

    def render_action(self, value: str) -> str:
        return words(value)


class AuditFilter(django_filters.FilterSet):
    action = django_filters.CharFilter(lookup_expr="startswith", label="Action begins with")
    actor_name = django_filters.CharFilter(lookup_expr="icontains", label="Who")
    object_label = django_filters.CharFilter(lookup_expr="icontains", label="On what")
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label="From")
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label="Until")

    class Meta:
        model = AuditEvent
        fields = ("action", "actor_name", "object_label", "since", "until")


@requires("audit.view")
class AuditList(ListPage):
    table_class = AuditTable
    filterset_class = AuditFilter
    title = "Audit log"
    intro = "Every change, in one chain that nobody can edit. No role can clear it."
    noun = "event"
    keyset = ("-sequence",)
    actions = [("Check the chain", "audit-verify", "audit.view")]

    def get_queryset(self) -> Any:
        return visible_events(self.request)


@requires("audit.view")
def audit_detail(request: HttpRequest, sequence: int) -> HttpResponse:
    """One event as it was written, with its place in the chain."""
    event = get_object_or_404(visible_events(request), pk=sequence)
    office = Office.objects.filter(pk=event.office_id).first() if event.office_id else None
    return render(
        request,
        "agency/audit_detail.html",
        {
            "title": f"Event {event.sequence}",
            "event": event,
            "office": office,
            "holds": log.digest(event) == event.hash,
            "breadcrumbs": [("Audit log", reverse("audit-list"))],
        },
    )


@requires("audit.view")
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain now and hold it against the signed checkpoints."""
    found = [*log.breaks(), *checkpoints.breaks()]
    return render(
        request,
        "agency/audit_verify.html",
        {
            "title": "Check of the audit log",
            "found": found,
            "missing": guards.missing(connection),
            "head": AuditHead.objects.filter(id=1).first(),
            "checkpoints": checkpoints.read()[-5:],
            "breadcrumbs": [("Audit log", reverse("audit-list"))],
        },
    )
