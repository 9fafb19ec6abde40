"""Pages of messaging tools: which are approved, and which delete by themselves."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property

from portal.agency.access import can
from portal.audit.models import AuditEvent
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.views import requires
from records import uses
from records.models import MessageExport, MessagingTool
from records.services import tools as services
from records.web.catalogue_forms import ToolForm

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
APPROVED = (
    '{% if record.approved %}<span class="custos-tag custos-tag--good">Approved</span>'
    '{% else %}<span class="custos-tag custos-tag--warn">Not approved</span>{% endif %}'
)
DELETES = (
    '<div><span class="custos-tag{% if record.deletes_itself %} custos-tag--bad{% endif %}">'
    "{{ record.deletion.label }}</span>"
    "{% if record.auto_delete_setting %}<br>{{ record.auto_delete_setting }}{% endif %}</div>"
)


class ToolTable(tables.Table):
    name = tables.TemplateColumn(
        '<div><a href="{% url "tool-detail" record.pk %}">{{ record.name }}</a>'
        '{% if record.vendor %}<br><span class="custos-quiet">{{ record.vendor }}</span>{% endif %}</div>',
        verbose_name="Messaging tool",
    )
    approved = tables.TemplateColumn(APPROVED, verbose_name="Official business")
    deletes_itself = tables.TemplateColumn(DELETES, verbose_name="Deletion")
    policy = tables.Column(verbose_name="Policy", orderable=False, default="None on record")
    checked_on = tables.DateColumn(verbose_name="Looked at", format="M j, Y", default="Never")
    exports = tables.TemplateColumn(
        '{% if value %}<a href="{% url "export-list" %}?tool={{ record.pk }}">'
        "{{ value|intcomma }}</a>{% else %}0{% endif %}",
        accessor="export_total",
        verbose_name="Exports",
        attrs=NUMBER,
    )

    def value_name(self, record: MessagingTool) -> str:
        return record.name

    def value_approved(self, record: MessagingTool) -> str:
        return "Approved" if record.approved else "Not approved"

    def value_deletes_itself(self, record: MessagingTool) -> str:
        said = record.deletion.label
        return f"{said}: {record.auto_delete_setting}" if record.auto_delete_setting else said

    def value_exports(self, record: Any) -> int:
        return int(record.export_total)


class ToolFilter(django_filters.FilterSet):
    approved = django_filters.ChoiceFilter(
        choices=[("yes", "Approved"), ("no", "Not approved")],
        method="by_approval",
        label="Official business",
        empty_label="Any",
    )
    deletes_itself = django_filters.ChoiceFilter(
        choices=MessagingTool.Deletion.choices,
        method="by_deletion",
        label="Deletion",
        empty_label="Any",
    )

    class Meta:
        model = MessagingTool
        fields: list[str] = []

    def by_approval(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(approved=value == "yes")

    def by_deletion(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_deletion(value)


@requires("custodians.view")
class ToolList(ListPage):
    """All messaging tools, with the setting in force and the exports that came from each."""

    template_name = "kit/register_list.html"
    area = "people"
    table_class = ToolTable
    filterset_class = ToolFilter
    title = "Messaging tools"
    intro = "The applications that messages are written with. NARA's letters ask for their policies and settings."
    noun = "messaging tool"
    empty_title = "No messaging tools yet"
    empty_words = (
        "Add the applications in use, approved or not: an export always names the one it came from."
    )
    actions = [("Add a messaging tool", "tool-new", "custodians.edit")]

    def get_queryset(self) -> Any:
        exports = MessageExport.objects.visible_to(self.request.user).filter(tool=OuterRef("pk"))
        counted = exports.order_by().values("tool").annotate(total=Count("pk")).values("total")
        total = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        return MessagingTool.objects.visible_to(self.request.user).annotate(export_total=total)


def tool_of(request: HttpRequest, pk: int) -> MessagingTool:
    """A messaging tool, for whoever may see tools; 404 for others."""
    return get_object_or_404(MessagingTool.objects.visible_to(request.user), pk=pk)


@requires("custodians.view")
def tool_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One messaging tool: approval, deletion, policy, the exports from it and what rests on it."""
    tool = tool_of(request, pk)
    about = {"object_type": "records.messagingtool", "object_id": str(tool.pk)}
    context = {
        "title": tool.name,
        "tool": tool,
        "export_total": MessageExport.objects.visible_to(request.user).filter(tool=tool).count(),
        "may_see_exports": can(request.user, "exports.view"),
        "uses": uses.of(request.user, tool),
        "events": AuditEvent.objects.filter(**about).order_by("-sequence")[:10],
        "may_edit": can(request.user, "custodians.edit"),
        "breadcrumbs": [("Messaging tools", reverse("tool-list"))],
    }
    return render(request, "records/tool_detail.html", context)


class _ToolPage(FormPage):
    form_class = ToolForm

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Messaging tools", reverse("tool-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("tool-list")
        return super().get_context_data(**kwargs)


@requires("custodians.edit")
class ToolNew(_ToolPage):
    title = "Add a messaging tool"
    intro = "Add tools that are not approved as well, when official business was written with them."
    submit_label = "Add the tool"

    def save(self, form: ToolForm) -> HttpResponse:
        tool = services.add(actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{tool} is in the list.")
        return redirect("tool-detail", tool.pk)


@requires("custodians.edit")
class ToolEdit(_ToolPage):
    title = "Edit the messaging tool"
    intro = "What was said before stays in the audit log."

    @cached_property
    def tool(self) -> MessagingTool:
        return tool_of(self.request, self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return ToolForm.initial_of(self.tool)

    def save(self, form: ToolForm) -> HttpResponse:
        services.edit(self.tool, actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{self.tool} is saved.")
        return redirect("tool-detail", self.tool.pk)
