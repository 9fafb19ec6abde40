"""Pages of the agency tree."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property

from portal.agency import services
from portal.agency.access import can
from portal.agency.models import Office, Person
from portal.kit.forms import FormPage
from portal.kit.panels import holdings
from portal.kit.views import requires
from portal.web.forms import OfficeEditForm, OfficeForm, SuccessionForm


def visible_offices(request: HttpRequest) -> Any:
    return services.offices_in_reach(request.user, "offices.view")


@requires("offices.view")
def office_list(request: HttpRequest) -> HttpResponse:
    """The tree, with people and links to what each office holds."""
    offices = list(visible_offices(request).select_related("parent").order_by("path"))
    base = min((office.depth for office in offices), default=0)
    for office in offices:
        office.indent = min(office.depth - base, 6)  # type: ignore[attr-defined]
    return render(
        request,
        "agency/office_list.html",
        {
            "title": "Offices and people",
            "offices": offices,
            "may_edit": can(request.user, "offices.edit"),
        },
    )


@requires("offices.view")
def office_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One office: people, roles, signers, predecessors and successors, and what it holds."""
    office = get_object_or_404(visible_offices(request), code=code)
    return render(
        request,
        "agency/office_detail.html",
        {
            "title": office.name,
            "office": office,
            "people": Person.objects.filter(office=office).select_related("user"),
            "roles": office.role_assignments.select_related("user").order_by("role"),
            "signers": office.signers.select_related("person"),
            "successions": office.successions.select_related("successor"),
            "precessions": office.precessions.select_related("predecessor"),
            "holdings": holdings(request.user, office),
            "may_edit": can(request.user, "offices.edit", office),
            "may_roles": can(request.user, "roles.edit", office),
            "breadcrumbs": [("Offices and people", reverse("office-list"))],
        },
    )


class _ScopedFormPage(FormPage):
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Offices and people", reverse("office-list"))]


@requires("offices.edit")
class OfficeNew(_ScopedFormPage):
    form_class = OfficeForm
    title = "Add an office"
    intro = "Its code stays with it for good. When it is reorganized, record who took over."
    submit_label = "Add the office"

    def get_initial(self) -> dict[str, Any]:
        parent = (
            visible_offices(self.request).filter(code=self.request.GET.get("parent", "")).first()
        )
        return {"parent": parent.pk} if parent else {}

    def save(self, form: OfficeForm) -> HttpResponse:
        office = services.add_office(actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{office} is in the tree.")
        return redirect("office-detail", office.code)


class _OnOffice(FormPage):
    @cached_property
    def office(self) -> Office:
        return get_object_or_404(visible_offices(self.request), code=self.kwargs["code"])

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [
            ("Offices and people", reverse("office-list")),
            (self.office.name, reverse("office-detail", args=[self.office.code])),
        ]


@requires("offices.edit")
class OfficeEdit(_OnOffice):
    form_class = OfficeEditForm
    title = "Edit the office"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.office, name) for name in OfficeEditForm.base_fields}

    def save(self, form: OfficeEditForm) -> HttpResponse:
        services.edit_office(self.office, actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, "Saved.")
        return redirect("office-detail", self.office.code)


@requires("offices.edit")
class OfficeSuccessionNew(_OnOffice):
    form_class = SuccessionForm
    title = "Record a successor"
    intro = "Who took over this office's functions and records, and on what day."
    submit_label = "Record"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def save(self, form: SuccessionForm) -> HttpResponse:
        values = form.cleaned_data
        services.succeed_office(
            self.office,
            values["successor"],
            on=values["on"],
            judgement=values["judgement"],
            actor=self.request.user,
        )
        messages.success(self.request, "The succession is recorded.")
        return redirect("office-detail", self.office.code)
