"""Pages of the schedule catalogue: schedules, their items, and what is filed under them."""

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
from records.models import Schedule, ScheduleItem
from records.services import schedules as services
from records.web.catalogue_forms import ItemForm, ScheduleForm
from records.web.filed import filed_conversations

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
ITEM = (
    '<div><a href="{% url "schedule-item-detail" record.pk %}">{{ record.schedule.code }} item {{ record.number }}</a>'
    '{% if record.superseded_by_id %}<br><span class="custos-tag">Superseded</span>{% endif %}</div>'
)
DISPOSITION = (
    '<span class="custos-tag{% if record.disposition == "permanent" %} custos-tag--good{% endif %}">'
    "{{ record.get_disposition_display }}</span>"
)
VERIFIED = (
    "<div>{% if record.authority %}{{ record.authority }}{% else %}No number on record{% endif %}<br>"
    "{% if record.authority_verified and record.text_verified %}"
    '<span class="custos-tag custos-tag--good">Verified</span>'
    '{% elif record.authority_verified %}<span class="custos-tag custos-tag--warn">Number verified, text not</span>'
    '{% elif record.text_verified %}<span class="custos-tag custos-tag--warn">Text verified, number not</span>'
    '{% else %}<span class="custos-tag custos-tag--warn">Not verified</span>{% endif %}</div>'
)
RETENTION = (
    "<div>{{ record.retention }}{% if record.longer_authorized %}"
    '<br><span class="custos-quiet">Longer retention is authorized for business use.</span>{% endif %}</div>'
)


class ItemTable(tables.Table):
    item = tables.TemplateColumn(ITEM, verbose_name="Item", order_by=("schedule__code", "number"))
    title = tables.Column(verbose_name="Records")
    disposition = tables.TemplateColumn(DISPOSITION, verbose_name="Disposition")
    retention = tables.TemplateColumn(RETENTION, verbose_name="Instruction", orderable=False)
    authority = tables.TemplateColumn(VERIFIED, verbose_name="Disposition authority")
    filed = tables.TemplateColumn(
        '{% if value %}<a href="{% url "conversation-list" %}?item={{ record.pk }}">'
        "{{ value|intcomma }}</a>{% else %}0{% endif %}",
        accessor="filed_total",
        verbose_name="Filed under it",
        attrs=NUMBER,
    )

    def value_item(self, record: ScheduleItem) -> str:
        return str(record)

    def value_disposition(self, record: ScheduleItem) -> str:
        return record.get_disposition_display()  # type: ignore[no-any-return]

    def value_retention(self, record: ScheduleItem) -> str:
        return str(record.retention)

    def value_authority(self, record: ScheduleItem) -> str:
        verified = "verified" if record.authority_verified else "not verified"
        return f"{record.authority or 'none'} ({verified})"

    def value_filed(self, record: Any) -> int:
        return int(record.filed_total)


def _schedules(request: HttpRequest) -> Any:
    return Schedule.objects.visible_to(request.user)


class ItemFilter(django_filters.FilterSet):
    schedule = django_filters.ModelChoiceFilter(
        queryset=_schedules, label="Schedule", empty_label="All schedules"
    )
    disposition = django_filters.ChoiceFilter(
        choices=ScheduleItem.Disposition.choices, label="Disposition", empty_label="Any"
    )
    verified = django_filters.ChoiceFilter(
        choices=[("yes", "Number and text verified"), ("no", "Something is not verified")],
        method="by_verified",
        label="Verified",
        empty_label="Any",
    )
    words = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", label="Words in the title"
    )

    class Meta:
        model = ScheduleItem
        fields: list[str] = []

    def by_verified(self, queryset: Any, name: str, value: str) -> Any:
        both = {"authority_verified": True, "text_verified": True}
        return queryset.filter(**both) if value == "yes" else queryset.exclude(**both)


@requires("schedules.view")
class ScheduleList(ListPage):
    """The catalogue: every item of every schedule, with its authority and whether somebody has verified it."""

    template_name = "records/schedule_list.html"
    area = "schedules"
    table_class = ItemTable
    filterset_class = ItemFilter
    title = "Schedule catalogue"
    intro = "The authority to dispose of records. What no item covers is unscheduled and treated as permanent."
    noun = "item"
    empty_title = "No schedules yet"
    empty_words = (
        "Add a General Records Schedule or one of your agency's own, then its items. Until a conversation is filed "
        "under an item it is unscheduled: permanent until a schedule is approved (36 CFR 1220.18)."
    )
    actions = [("Add a schedule", "schedule-new", "schedules.edit")]

    def get_queryset(self) -> Any:
        filed = filed_conversations(self.request.user).filter(schedule_item=OuterRef("pk"))
        counted = (
            filed.order_by().values("schedule_item").annotate(total=Count("pk")).values("total")
        )
        total = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        items = ScheduleItem.objects.visible_to(self.request.user).select_related("schedule")
        return items.annotate(filed_total=total).order_by("schedule__code", "number")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = filed_conversations(self.request.user)
        return super().get_context_data(
            schedules=_schedules(self.request).annotate(item_total=Count("items")),
            may_edit=bool(can(self.request.user, "schedules.edit")),
            may_see_filed=bool(can(self.request.user, "exports.view")),
            filed=mine.filter(schedule_item__isnull=False).count(),
            unscheduled=mine.filter(schedule_item__isnull=True).count(),
            unverified=self.everything.exclude(authority_verified=True, text_verified=True).count(),
            **kwargs,
        )


def item_of(request: HttpRequest, pk: int) -> ScheduleItem:
    """An item that the person may see; 404 outside."""
    items = ScheduleItem.objects.visible_to(request.user).select_related(
        "schedule__agency", "superseded_by__schedule"
    )
    return get_object_or_404(items, pk=pk)


@requires("schedules.view")
def schedule_item_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: its words, its authority, whether both are verified, and what is filed under it."""
    item = item_of(request, pk)
    filed = filed_conversations(request.user).filter(schedule_item=item)
    about = {"object_type": "records.scheduleitem", "object_id": str(item.pk)}
    context = {
        "title": str(item),
        "item": item,
        "filed_total": filed.count(),
        "filed": filed.select_related("export__custodian__person", "office").order_by("-filed_at")[
            :20
        ],
        "may_read": can(request.user, "messages.view"),
        "may_see_filed": can(request.user, "exports.view"),
        "supersedes": item.supersedes.select_related("schedule"),
        "events": AuditEvent.objects.filter(**about).order_by("-sequence")[:10],
        "may_edit": can(request.user, "schedules.edit", item.schedule.agency),
        "breadcrumbs": [("Schedule catalogue", reverse("schedule-list"))],
    }
    return render(request, "records/schedule_item_detail.html", context)


class _SchedulePage(FormPage):
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Schedule catalogue", reverse("schedule-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("schedule-list")
        return super().get_context_data(**kwargs)


@requires("schedules.edit")
class ScheduleNew(_SchedulePage):
    form_class = ScheduleForm
    title = "Add a schedule"
    intro = "Its items come next."
    submit_label = "Add the schedule"

    def save(self, form: ScheduleForm) -> HttpResponse:
        schedule = services.add_schedule(actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{schedule.code} is in the catalogue. Add its first item.")
        return redirect("schedule-item-new", schedule.pk)


@requires("schedules.edit")
class ScheduleItemNew(_SchedulePage):
    form_class = ItemForm
    title = "Add an item"
    intro = "Take number, instruction and authority from the schedule itself, and say whether you compared them."
    submit_label = "Add the item"

    @cached_property
    def schedule(self) -> Schedule:
        return get_object_or_404(_schedules(self.request), pk=self.kwargs["schedule"])

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        url = f"{reverse('schedule-list')}?schedule={self.schedule.pk}"
        return [*super().get_breadcrumbs(), (self.schedule.code, url)]

    def save(self, form: ItemForm) -> HttpResponse:
        item = services.add_item(self.schedule, actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{item} is in the catalogue.")
        return redirect("schedule-item-detail", item.pk)


@requires("schedules.edit")
class ScheduleItemEdit(_SchedulePage):
    form_class = ItemForm
    title = "Edit the item"
    intro = "Everything filed under the item follows. What was said before stays in the audit log."

    @cached_property
    def item(self) -> ScheduleItem:
        return item_of(self.request, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "item": self.item}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.item, name) for name in services.ITEM_FIELDS}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [
            *super().get_breadcrumbs(),
            (str(self.item), reverse("schedule-item-detail", args=[self.item.pk])),
        ]

    def save(self, form: ItemForm) -> HttpResponse:
        services.edit_item(self.item, actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{self.item} is saved.")
        return redirect("schedule-item-detail", self.item.pk)
