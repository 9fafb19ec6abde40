"""Pages of people, accounts, roles and signers."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from portal.agency import services
from portal.agency.access import can
from portal.agency.models import Person, RoleAssignment, Signer
from portal.agency.phones import current
from portal.agency.roles import ROLE_CHOICES, ROLES
from portal.agency.services import offices_in_reach
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.views import requires
from portal.web.forms import (
    AccountForm,
    EndForm,
    PersonForm,
    RoleForm,
    SignerForm,
)


class PersonTable(tables.Table):
    name = tables.Column(linkify=lambda record: reverse("person-detail", args=[record.pk]))
    office = tables.Column(
        accessor="office__name",
        verbose_name="Office",
        linkify=lambda record: reverse("office-detail", args=[record.office.code]),
    )
    starts_on = tables.DateColumn(verbose_name="Since", format="M j, Y")
    ends_on = tables.DateColumn(verbose_name="Left", format="M j, Y")

    class Meta:
        model = Person
        fields = ("name", "title", "office", "starts_on", "ends_on")


class PersonFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(lookup_expr="icontains", label="Name")

    class Meta:
        model = Person
        fields = ("name",)


@requires("offices.view")
class PersonList(ListPage):
    template_name = "kit/register_list.html"
    area = "people"
    table_class = PersonTable
    filterset_class = PersonFilter
    title = "People"
    intro = "The agency's register: who was in which office, from when to when."
    noun, noun_plural = "person", "people"
    empty_words = "Add the people whose devices and accounts hold records."
    actions = [
        ("Add a person", "person-new", "offices.edit"),
        ("Take in a staff roster", "roster", "offices.edit"),
    ]

    def get_queryset(self) -> Any:
        mine = offices_in_reach(self.request.user, "offices.view")
        return Person.objects.filter(office__in=mine).select_related("office").order_by("name")


def _person(request: HttpRequest, pk: int) -> Person:
    mine = offices_in_reach(request.user, "offices.view")
    return get_object_or_404(
        Person.objects.filter(office__in=mine).select_related("office", "user"), pk=pk
    )


@requires("offices.view")
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    return render(
        request,
        "agency/person_detail.html",
        {
            "title": person.name,
            "person": person,
            "roles": person.user.roles.select_related("office") if person.user else [],
            "designations": person.signer_designations.select_related("agency"),
            "may_edit": can(request.user, "offices.edit", person.office),
            "may_roles": can(request.user, "roles.edit", person.office),
            "breadcrumbs": [("People", reverse("person-list"))],
        },
    )


def _page_of(person: Person) -> str:
    return reverse("person-detail", args=[person.pk])


class _PeoplePage(FormPage):
    breadcrumbs_to = ("People", "person-list")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        label, name = self.breadcrumbs_to
        return [(label, reverse(name))]


@requires("offices.edit")
class PersonNew(_PeoplePage):
    form_class = PersonForm
    title = "Add a person"
    submit_label = "Add"

    def get_initial(self) -> dict[str, Any]:
        return {"office": self.request.GET.get("office")}

    def save(self, form: PersonForm) -> HttpResponse:
        person = services.add_person(actor=self.request.user, **form.cleaned_data)
        return redirect("person-detail", person.pk)


@requires("offices.edit")
class PersonEdit(_PeoplePage):
    form_class = PersonForm
    title = "Edit the person"

    @cached_property
    def person(self) -> Person:
        return _person(self.request, self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        kept = {name: getattr(self.person, name) for name in PersonForm.base_fields}
        return {**kept, "phones": "; ".join(map(str, current(self.person)))}

    def save(self, form: PersonForm) -> HttpResponse:
        services.edit_person(self.person, actor=self.request.user, **form.cleaned_data)
        return redirect("person-detail", self.person.pk)


@requires("roles.edit")
class AccountNew(FormPage):
    form_class = AccountForm
    title = "Make an account"
    submit_label = "Make the account"

    @cached_property
    def person(self) -> Person:
        mine = offices_in_reach(self.request.user, "roles.edit")
        return get_object_or_404(Person, office__in=mine, user__isnull=True, pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("People", reverse("person-list")), (self.person.name, _page_of(self.person))]

    def save(self, form: AccountForm) -> HttpResponse:
        person = self.person
        first, _, last = person.name.partition(" ")
        services.add_account(
            actor=self.request.user,
            person=person,
            first_name=first[:150],
            last_name=last[:150],
            **form.cleaned_data,
        )
        messages.success(self.request, "The account is made. Give it a role next.")
        return redirect("person-detail", person.pk)


@requires("offices.view")
def role_list(request: HttpRequest) -> HttpResponse:
    """Who holds which role, and what each role may do."""
    mine = offices_in_reach(request.user, "offices.view")
    return render(
        request,
        "agency/role_list.html",
        {
            "title": "Roles and signers",
            "assignments": RoleAssignment.objects.filter(office__in=mine).select_related(
                "user", "office"
            ),
            "signers": Signer.objects.filter(agency__in=mine).select_related("person", "agency"),
            "roles": [(role.title, role.description, key) for key, role in ROLES.items()],
            "today": timezone.localdate(),
            "may_edit": can(request.user, "roles.edit"),
            "role_choices": ROLE_CHOICES,
        },
    )


@requires("roles.edit")
class RoleNew(_PeoplePage):
    form_class = RoleForm
    title = "Give a role"
    submit_label = "Give the role"
    breadcrumbs_to = ("Roles and signers", "role-list")

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": timezone.localdate(), "user": self.request.GET.get("user")}

    def save(self, form: RoleForm) -> HttpResponse:
        assignment = services.give_role(actor=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{assignment}.")
        return redirect("role-list")


class _EndPage(FormPage):
    """Ends something dated: a role, a designation. `ending` finds it within reach."""

    form_class = EndForm

    @cached_property
    def ending(self) -> Any:
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"intro": f"{self.ending}."}


@requires("roles.edit")
class RoleEnd(_EndPage):
    title = "End a role"
    submit_label = "End the role"

    @cached_property
    def ending(self) -> RoleAssignment:
        mine = offices_in_reach(self.request.user, "roles.edit")
        return get_object_or_404(RoleAssignment, office__in=mine, pk=self.kwargs["pk"])

    def save(self, form: EndForm) -> HttpResponse:
        services.end_role(self.ending, actor=self.request.user, **form.cleaned_data)
        return redirect("role-list")


@requires("roles.edit")
class SignerNew(_PeoplePage):
    form_class = SignerForm
    title = "Designate a signer"
    intro = "Only persons in this register may sign a report (36 CFR 1230.14(b), 1220.34(b))."
    submit_label = "Designate"
    breadcrumbs_to = ("Roles and signers", "role-list")

    def save(self, form: SignerForm) -> HttpResponse:
        services.designate_signer(actor=self.request.user, **form.cleaned_data)
        return redirect("role-list")


@requires("roles.edit")
class SignerEnd(_EndPage):
    title = "End a designation"
    submit_label = "End the designation"

    @cached_property
    def ending(self) -> Signer:
        mine = offices_in_reach(self.request.user, "roles.edit")
        return get_object_or_404(Signer, agency__in=mine, pk=self.kwargs["pk"])

    def save(self, form: EndForm) -> HttpResponse:
        services.end_signer(self.ending, on=form.cleaned_data["on"], actor=self.request.user)
        return redirect("role-list")
