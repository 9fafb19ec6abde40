"""Pages of incidents: the list, opening one, and one page with everything on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from portal.agency.access import can
from portal.agency.models import Office
from portal.agency.services import offices_in_reach
from portal.audit.models import AuditEvent
from portal.errors import UserError
from portal.kit.forms import FormPage
from portal.kit.lifecycle import buttons
from portal.kit.lists import ListPage
from portal.kit.views import requires
from records.models import Finding, MessageExport
from reports import clocks
from reports.case_ids import year_disagrees
from reports.citations import local_day
from reports.incident_lifecycle import INCIDENT
from reports.limbs import LIMBS
from reports.models import Incident
from reports.services import incidents as services
from reports.web.incident_forms import IncidentForm, StepForm


class IncidentTable(tables.Table):
    number = tables.Column(linkify=lambda record: reverse("incident-detail", args=[record.number]))
    state = tables.TemplateColumn(template_name="kit/state_cell.html")
    office = tables.Column(accessor="office__name", verbose_name="Agency")
    occurrence = tables.Column()
    findings = tables.Column(accessor="finding_total", verbose_name="Findings")
    discovered_on = tables.DateColumn(verbose_name="Discovered", format="M j, Y")

    class Meta:
        model = Incident
        fields = ("number", "title", "state", "occurrence", "office", "findings", "discovered_on")

    def value_state(self, record: Incident) -> str:
        return record.get_state_display()


def _offices(request: HttpRequest) -> Any:
    return offices_in_reach(request.user, "incidents.view")


class IncidentFilter(django_filters.FilterSet):
    office = django_filters.ModelChoiceFilter(
        queryset=_offices, method="by_office", label="Office concerned", empty_label="All offices"
    )
    state = django_filters.ChoiceFilter(choices=Incident.State.choices, empty_label="Any state")
    occurrence = django_filters.ChoiceFilter(choices=Incident.Occurrence.choices, empty_label="Any")
    title = django_filters.CharFilter(lookup_expr="icontains", label="Words in the title")

    class Meta:
        model = Incident
        fields = ("state", "occurrence", "title")

    def by_office(self, queryset: Any, name: str, value: Office) -> Any:
        return queryset.concerning(value)


@requires("incidents.view")
class IncidentList(ListPage):
    table_class = IncidentTable
    filterset_class = IncidentFilter
    title = "Incidents"
    intro = (
        "Removal, defacing, alteration or destruction of records, actual or feared (36 CFR 1230.3)."
    )
    noun = "incident"
    empty_title = "No incidents"
    empty_words = (
        "Open one from the findings of a message export, or from a letter, a report or a tip. "
        "Every incident leads to a report under 36 CFR 1230.14 or is dismissed with a reason."
    )
    actions = [("Open an incident", "incident-new", "incidents.report")]

    def get_queryset(self) -> Any:
        return (
            Incident.objects.visible_to(self.request.user)
            .select_related("office")
            .annotate(finding_total=Count("incident_findings"))
            .order_by("-opened_at")
        )


@requires("incidents.report")
class IncidentNew(FormPage):
    """Open an incident, prefilled from the findings chosen on the list before."""

    form_class = IncidentForm
    title = "Open an incident"
    intro = "Say what you know now. Dates, offices and findings can be added until the report is signed."
    submit_label = "Open the incident"
    breadcrumbs = [("Incidents", "/incidents/")]
    template_name = "reports/incident_form.html"

    @cached_property
    def findings(self) -> list[Finding]:
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        ids = [value for value in source.getlist("finding") if value.isdecimal()]
        visible = Finding.objects.visible_to(self.request.user).current()
        return list(
            visible.filter(pk__in=ids).select_related(
                "export__office", "export__custodian", "export__tool"
            )
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "user": self.request.user,
            "findings": self.findings,
        }

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"discovered_on": timezone.localdate(), "origin": "staff_report"}
        if self.findings:
            initial |= proposal(self.findings)
        return initial

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(findings=self.findings, **kwargs)

    def save(self, form: IncidentForm) -> HttpResponse:
        incident = services.open_incident(
            actor=self.request.user, findings=self.findings, **form.cleaned_data
        )
        messages.success(self.request, f"{incident.number} is open.")
        if not can(self.request.user, "incidents.view"):
            return redirect("home")
        return redirect("incident-detail", incident.number)


def proposal(findings: list[Finding]) -> dict[str, Any]:
    """What findings already say of an incident: offices, custodians, tools, dates.

    Whether records were lost, and how (36 CFR 1230.3), is for a person to say: nothing is chosen beforehand.
    """
    exports = {finding.export_id: finding.export for finding in findings}
    span = Finding.objects.filter(pk__in=[f.pk for f in findings]).aggregate(
        first=Min("first_local"), last=Max("last_local")
    )
    tools = sorted({export.tool.name for export in exports.values()})
    offices = {export.office_id for export in exports.values()}
    values: dict[str, Any] = {
        "title": f"{' and '.join(tools)} messages not retained",
        "origin": "findings",
        "offices": sorted(offices),
        "custodians": sorted({export.custodian_id for export in exports.values()}),
        "tools": sorted({export.tool_id for export in exports.values()}),
        "office": _agency_over(offices),
        "summary": "\n".join(f"{finding}: {finding.title}" for finding in findings),
    }
    # By the device's clock, like every day that a finding or a figure shows.
    for name, moment in (("occurred_from", span["first"]), ("occurred_to", span["last"])):
        if moment is not None:
            values[name] = date.fromisoformat(local_day(moment))
    return values


def _agency_over(office_ids: set[int]) -> int | None:
    """The agency above all the offices concerned: it has the signer."""
    paths = list(Office.objects.filter(pk__in=office_ids).values_list("path", flat=True))
    agencies = Office.objects.filter(kind=Office.Kind.AGENCY).order_by("-path")
    return next(
        (agency.pk for agency in agencies if all(path.startswith(agency.path) for path in paths)),
        None,
    )


@requires("incidents.view")
def incident_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one incident on one page."""
    incident = get_object_or_404(
        Incident.objects.visible_to(request.user).select_related("office", "opened_by"),
        number=number,
    )
    governing = clocks.of_incident(incident)
    letters = [
        (letter, clocks.of_letter(letter))
        for letter in incident.letters.prefetch_related("items", "extensions").select_related(
            "document"
        )
    ]
    findings = incident.incident_findings.select_related(
        "finding__export__custodian__person", "finding__export__office"
    )
    report = getattr(incident, "report", None)
    return render(
        request,
        "reports/incident_detail.html",
        {
            "title": incident.number,
            "incident": incident,
            "governing": governing,
            "letters": letters,
            "findings": findings,
            "limbs": [LIMBS[key] for key in incident.limbs if key in LIMBS],
            "kinds": [Incident.Kind(kind).label for kind in incident.kinds],
            "steps": buttons(
                offer
                for offer in INCIDENT.available(incident, request.user)
                if offer.transition.name != "prepare_report"
            ),
            "may_edit": can(request.user, "incidents.edit", incident.office),
            "may_draft": can(request.user, "reports.edit", incident.office),
            "step_url": reverse("incident-step", args=[number]),
            "report": report,
            "versions": list(report.versions.order_by("-version")) if report else [],
            "case_warning": _case_warning(incident),
            "events": AuditEvent.objects.filter(
                object_type="reports.incident", object_id=str(incident.pk)
            ).order_by("-sequence")[:30],
            "breadcrumbs": [("Incidents", reverse("incident-list"))],
        },
    )


def _case_warning(incident: Incident) -> str:
    letter = incident.letters.first()
    return year_disagrees(incident.nara_case, letter.dated) if letter and incident.nara_case else ""


@requires("incidents.edit")
class IncidentEdit(FormPage):
    form_class = IncidentForm
    title = "Edit the incident"
    template_name = "reports/incident_form.html"

    @cached_property
    def incident(self) -> Incident:
        return get_object_or_404(
            Incident.objects.visible_to(self.request.user), number=self.kwargs["number"]
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "incident": self.incident}

    def get_initial(self) -> dict[str, Any]:
        incident = self.incident
        links = {
            name: list(getattr(incident, name).values_list("pk", flat=True))
            for name in services.LINKS
        }
        return {**{name: getattr(incident, name) for name in services.PLAIN}, **links}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        url = reverse("incident-detail", args=[self.incident.number])
        return [("Incidents", reverse("incident-list")), (self.incident.number, url)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = self.request.POST.get("revision") or self.incident.revision
        return super().get_context_data(revision=revision, incident=self.incident, **kwargs)

    def save(self, form: IncidentForm) -> HttpResponse:
        revision = self.request.POST.get("revision", "")
        services.edit_incident(
            self.incident,
            revision=int(revision) if revision.isdecimal() else 0,
            actor=self.request.user,
            **form.cleaned_data,
        )
        messages.success(self.request, "Saved.")
        return redirect("incident-detail", self.incident.number)


@require_POST
@requires("incidents.edit")
def incident_step(request: HttpRequest, number: str) -> HttpResponse:
    """Take a step of the life cycle."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), number=number)
    form = StepForm(request.POST)
    if form.is_valid() and form.cleaned_data["step"] in {
        offer.transition.name for offer in INCIDENT.available(incident, request.user)
    }:
        try:
            services.advance_incident(
                incident,
                form.cleaned_data["step"],
                actor=request.user,
                reason=form.cleaned_data["reason"],
            )
        except UserError as error:
            messages.error(request, str(error))
    else:
        messages.error(
            request, "That step is not possible from the present state. Nothing was changed."
        )
    return redirect("incident-detail", number)


@requires("incidents.edit")
def incident_findings(request: HttpRequest, number: str) -> HttpResponse:
    """Choose further findings for the incident, or take one out."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), number=number)
    visible = (
        Finding.objects.visible_to(request.user).current().exclude(state=Finding.State.DISMISSED)
    )
    if request.method == "POST":
        chosen = visible.filter(
            pk__in=[v for v in request.POST.getlist("finding") if v.isdecimal()]
        )
        if "remove" in request.POST:
            finding = get_object_or_404(
                Finding.objects.visible_to(request.user),
                pk=request.POST["remove"] if request.POST["remove"].isdecimal() else 0,
            )
            services.remove_finding(incident, finding, actor=request.user)
        else:
            services.add_findings(incident, chosen, actor=request.user)
        return redirect("incident-detail", number)
    offered = visible.exclude(incident_findings__incident=incident).select_related(
        "export__custodian__person"
    )
    exports = MessageExport.objects.visible_to(request.user).filter(findings__in=offered).distinct()
    export = request.GET.get("export", "")
    if export:
        offered = offered.filter(export__number=export)
    return render(
        request,
        "reports/incident_findings.html",
        {
            "title": "Add findings",
            "incident": incident,
            "offered": offered.order_by("export__number", "number")[:500],
            "exports": exports,
            "chosen_export": export,
            "breadcrumbs": [
                ("Incidents", reverse("incident-list")),
                (incident.number, reverse("incident-detail", args=[number])),
            ],
        },
    )
