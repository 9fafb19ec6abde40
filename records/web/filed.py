"""All conversations of all exports in reach, and how they are filed (36 CFR 1222.34)."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.http import HttpRequest

from portal.agency.access import can, scoped
from portal.kit.lists import ListPage
from portal.kit.views import requires
from records.models import Conversation, ScheduleItem
from records.web.filters import OfficeFilter
from records.web.forms.exports import offices_for

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
TITLE = (
    '{% if reads %}<a href="{% url "conversation-detail" record.export.number record.index %}">{{ record.title }}</a>'
    "{% else %}{{ record.title }}{% endif %}"
)
ITEM = (
    "{% if record.schedule_item and schedules %}"
    '<a href="{% url "schedule-item-detail" record.schedule_item.pk %}">{{ record.schedule_item }}</a>'
    "{% elif record.schedule_item %}{{ record.schedule_item }}"
    '{% else %}<span class="custos-tag custos-tag--warn">Unscheduled</span>{% endif %}'
)


def filed_conversations(user: Any) -> Any:
    """Conversations of the exports that a person may see: their particulars, not what was written in them."""
    return scoped(Conversation.objects.all(), user, "exports.view", "export__office")


class FiledTable(tables.Table):
    title = tables.TemplateColumn(
        TITLE, verbose_name="Conversation", extra_context=lambda table: {"reads": table.reads}
    )
    export = tables.TemplateColumn(
        '<a href="{% url "export-detail" record.export.number %}">{{ record.export.number }}</a>',
        order_by="export__number",
        verbose_name="Export",
    )
    custodian = tables.Column(accessor="export__custodian__person__name", verbose_name="Custodian")
    entries = tables.Column(verbose_name="Entries", attrs=NUMBER)
    office = tables.Column(accessor="office__name", verbose_name="Filed under")
    item = tables.TemplateColumn(
        ITEM,
        verbose_name="Schedule item",
        order_by=("schedule_item__schedule__code", "schedule_item__number"),
        extra_context=lambda table: {"schedules": table.schedules},
    )
    filed_at = tables.DateTimeColumn(format="M j, Y", verbose_name="Filed", default="Not yet")

    def __init__(self, *args: Any, reads: bool, schedules: bool, **kwargs: Any) -> None:
        self.reads, self.schedules = reads, schedules
        super().__init__(*args, **kwargs)

    def value_title(self, record: Conversation) -> str:
        return record.title

    def value_export(self, record: Conversation) -> str:
        return record.export.number

    def value_item(self, record: Conversation) -> str:
        return str(record.schedule_item or "Unscheduled")


def _offices(request: HttpRequest) -> Any:
    return offices_for(request.user, "exports.view")


def _items(request: HttpRequest) -> Any:
    return ScheduleItem.objects.visible_to(request.user).select_related("schedule")


class FiledFilter(django_filters.FilterSet):
    office = OfficeFilter(queryset=_offices, label="Filed under", empty_label="All offices")
    item = django_filters.ModelChoiceFilter(
        field_name="schedule_item", queryset=_items, label="Schedule item", empty_label="Any"
    )
    state = django_filters.ChoiceFilter(
        choices=[
            ("scheduled", "Scheduled"),
            ("unscheduled", "Unscheduled"),
            ("not_filed", "Nobody has filed it"),
        ],
        method="by_state",
        label="State",
        empty_label="Any",
    )
    title = django_filters.CharFilter(lookup_expr="icontains", label="Words in the title")

    class Meta:
        model = Conversation
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        if value == "not_filed":
            return queryset.filter(filed_at__isnull=True)
        return queryset.filter(schedule_item__isnull=value == "unscheduled")


@requires("exports.view")
class FiledList(ListPage):
    """Every conversation with the office that keeps it and the schedule item it is filed under."""

    template_name = "kit/register_list.html"
    area = "schedules"
    table_class = FiledTable
    filterset_class = FiledFilter
    title = "Conversations filed"
    intro = (
        "Each conversation belongs to an office and, where one fits, to a schedule item. "
        "Unscheduled means permanent until approved (36 CFR 1220.18)."
    )
    noun = "conversation"
    empty_title = "No conversations yet"
    empty_words = "Conversations appear here when message exports have been read."
    actions = [("Hand in exports", "export-new", "exports.receive")]

    def get_queryset(self) -> Any:
        related = ("export__custodian__person", "office", "schedule_item__schedule")
        return (
            filed_conversations(self.request.user)
            .select_related(*related)
            .order_by("-export__received_at", "index")
        )

    def get_table_kwargs(self) -> dict[str, Any]:
        return {
            name: bool(can(self.request.user, permission))
            for name, permission in (("reads", "messages.view"), ("schedules", "schedules.view"))
        }
