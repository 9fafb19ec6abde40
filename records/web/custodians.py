"""Pages of custodians: whose devices and accounts the messages come from."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property

from portal.agency.access import can
from portal.agency.models import Office
from portal.audit.models import AuditEvent
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.views import requires
from records import uses
from records.models import Custodian, Finding, MessageExport
from records.services import custodians as services
from records.web.catalogue_forms import CustodianEditForm, CustodianForm
from records.web.filters import OfficeFilter
from records.web.forms.exports import offices_for

NUMBER = {"td": {"class": "number"}, "th": {"class": "number"}}
SHOWN = 20


class CustodianTable(tables.Table):
    name = tables.TemplateColumn(
        '<div><a href="{% url "custodian-detail" record.pk %}">{{ record.person.name }}</a>'
        '{% if record.person.title %}<br><span class="custos-quiet">{{ record.person.title }}</span>{% endif %}</div>',
        order_by="person__name",
        verbose_name="Custodian",
    )
    office = tables.Column(accessor="office__name", verbose_name="Office")
    starts_on = tables.DateColumn(verbose_name="Since", format="M j, Y", default="Not known")
    ends_on = tables.DateColumn(verbose_name="Until", format="M j, Y", default="Goes on")
    exports = tables.TemplateColumn(
        '{% if value %}<a href="{% url "export-list" %}?custodian={{ record.pk }}">'
        "{{ value|intcomma }}</a>{% else %}0{% endif %}",
        accessor="export_total",
        verbose_name="Exports",
        attrs=NUMBER,
    )
    findings = tables.TemplateColumn(
        '{% if value %}<a href="{% url "custodian-detail" record.pk %}#findings">'
        "{{ value|intcomma }}</a>{% else %}0{% endif %}",
        accessor="finding_total",
        verbose_name="Findings",
        attrs=NUMBER,
    )

    def value_name(self, record: Custodian) -> str:
        return record.person.name

    def value_exports(self, record: Any) -> int:
        return int(record.export_total)

    def value_findings(self, record: Any) -> int:
        return int(record.finding_total)


def _offices(request: HttpRequest) -> QuerySet[Office]:
    return offices_for(request.user, "custodians.view")  # type: ignore[no-any-return]


class CustodianFilter(django_filters.FilterSet):
    office = OfficeFilter(queryset=_offices, label="Office", empty_label="All offices")
    name = django_filters.CharFilter(
        field_name="person__name", lookup_expr="icontains", label="Name"
    )
    exports = django_filters.ChoiceFilter(
        choices=[("with", "With exports"), ("without", "Nothing handed in yet")],
        method="by_exports",
        label="Message exports",
        empty_label="Any",
    )

    class Meta:
        model = Custodian
        fields: list[str] = []

    def by_exports(self, queryset: Any, name: str, value: str) -> Any:
        return (
            queryset.filter(export_total__gt=0)
            if value == "with"
            else queryset.filter(export_total=0)
        )


@requires("custodians.view")
class CustodianList(ListPage):
    """All custodians of the offices in reach, and whether anything was handed in from them."""

    template_name = "kit/register_list.html"
    area = "people"
    table_class = CustodianTable
    filterset_class = CustodianFilter
    title = "Custodians"
    intro = "Whose devices and accounts messages come from, for which office, from when to when."
    noun = "custodian"
    empty_title = "No custodians yet"
    empty_words = (
        "A message export always belongs to a custodian: the person whose phone or account it was made on. "
        "Add the first one, then hand in an export."
    )
    actions = [("Add a custodian", "custodian-new", "custodians.edit")]

    def get_queryset(self) -> Any:
        exports = MessageExport.objects.visible_to(self.request.user).filter(
            custodian=OuterRef("pk")
        )
        findings = (
            Finding.objects.visible_to(self.request.user)
            .current()
            .filter(export__custodian=OuterRef("pk"))
        )
        return (
            Custodian.objects.visible_to(self.request.user)
            .select_related("person", "office")
            .annotate(
                export_total=_count(exports, "custodian"),
                finding_total=_count(findings, "export__custodian"),
            )
        )


def _count(rows: Any, by: str) -> Any:
    """How many rows there are for each custodian, in one statement."""
    counted = rows.order_by().values(by).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def custodian_of(request: HttpRequest, pk: int) -> Custodian:
    """A custodian that the person may see; 404 outside."""
    mine = Custodian.objects.visible_to(request.user).select_related("person", "office")
    return get_object_or_404(mine, pk=pk)


@requires("custodians.view")
def custodian_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One custodian: particulars, exports, findings, and what rests on them."""
    custodian = custodian_of(request, pk)
    exports = MessageExport.objects.visible_to(request.user).filter(custodian=custodian)
    findings = (
        Finding.objects.visible_to(request.user).current().filter(export__custodian=custodian)
    )
    elsewhere = (
        Custodian.objects.visible_to(request.user).filter(person=custodian.person).exclude(pk=pk)
    )
    context = {
        "title": str(custodian),
        "custodian": custodian,
        "exports": exports.select_related("tool")[:SHOWN],
        "export_total": exports.count(),
        "findings": findings.select_related("export").order_by("export__number", "number")[:SHOWN],
        "finding_total": findings.count(),
        "still_open": findings.filter(state=Finding.State.OPEN).count(),
        "uses": uses.of(request.user, custodian),
        "elsewhere": elsewhere.select_related("office"),
        "events": _events(custodian),
        "may_edit": can(request.user, "custodians.edit", custodian.office),
        "may_receive": can(request.user, "exports.receive", custodian.office),
        "breadcrumbs": [("Custodians", reverse("custodian-list"))],
    }
    return render(request, "records/custodian_detail.html", context)


def _events(custodian: Custodian) -> QuerySet[AuditEvent]:
    about = Q(object_type="records.custodian", object_id=str(custodian.pk))
    return AuditEvent.objects.filter(about).order_by("-sequence")[:10]


@requires("custodians.edit")
class CustodianNew(FormPage):
    form_class = CustodianForm
    title = "Add a custodian"
    intro = "Somebody whose phone or account holds messages of an office. A person may be custodian of several offices."
    submit_label = "Add the custodian"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        code = self.request.GET.get("office", "")
        office = offices_for(self.request.user, "custodians.edit").filter(code=code).first()
        return {"office": office.pk if office else None, "person": self.request.GET.get("person")}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Custodians", reverse("custodian-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("custodian-list")
        return super().get_context_data(**kwargs)

    def save(self, form: CustodianForm) -> HttpResponse:
        custodian = services.add(actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{custodian} is a custodian of {custodian.office}.")
        return redirect("custodian-detail", custodian.pk)


@requires("custodians.edit")
class CustodianEdit(FormPage):
    form_class = CustodianEditForm
    title = "Edit the custodian"
    intro = "Name and title are kept in the people register; the office stays, since exports hang on it."

    @cached_property
    def custodian(self) -> Custodian:
        return custodian_of(self.request, self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.custodian, name) for name in services.FIELDS}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        url = reverse("custodian-detail", args=[self.custodian.pk])
        return [("Custodians", reverse("custodian-list")), (str(self.custodian), url)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("custodian-detail", args=[self.custodian.pk])
        return super().get_context_data(**kwargs)

    def save(self, form: CustodianEditForm) -> HttpResponse:
        services.edit(self.custodian, actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, "Saved.")
        return redirect("custodian-detail", self.custodian.pk)
