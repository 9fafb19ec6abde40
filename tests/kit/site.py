"""A small site that uses every part of the kit once: pages for the tests of the frame, never served elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters
import django_tables2
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet

from portal.agency.models import Office
from portal.kit import keyset, pages
from portal.kit.bodies import takes_files
from portal.kit.errors import Conflict, NotFound, UserError
from portal.kit.forms import ComboBox, FilesField, FormPage
from portal.kit.lists import ListPage
from portal.kit.views import public, requires, signed_in


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery.html", gallery_context())


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


@public
def open_to_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@requires("incidents.edit")
def needs_incidents(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@public
def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("body of a message")


@public
def refuses(request: HttpRequest) -> HttpResponse:
    kinds: dict[str, UserError] = {
        "conflict": Conflict(
            "state-moved", "Somebody was faster.", next_step="Open the page again."
        ),
        "missing": NotFound("not-found", "There is no such export."),
        "plain": UserError(
            "zip-bomb", "The archive is too large.", place="chat.zip", next_step="Hand in the text."
        ),
    }
    raise kinds[request.GET["kind"]]


@public
def positions(request: HttpRequest) -> HttpResponse:
    page = keyset.page(Office.objects.all(), keys=("path", "pk"), request=request, size=3)
    return HttpResponse(
        ",".join(office.code for office in page.rows) + f"|{page.previous}|{page.next}"
    )


class OfficeTable(django_tables2.Table):
    name = django_tables2.Column()
    code = django_tables2.Column()
    kind = django_tables2.TemplateColumn(
        '<span class="custos-tag">{{ record.get_kind_display }}</span>'
    )

    class Meta:
        model = Office
        fields = ("name", "code", "kind")
        order_by = "name"


class OfficeFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(lookup_expr="icontains", label="Name contains")
    kind = django_filters.ChoiceFilter(
        choices=Office.Kind.choices, label="Kind", empty_label="Any kind"
    )
    starts_on = django_filters.DateFilter(lookup_expr="gte", label="Opened on or after")

    class Meta:
        model = Office
        fields = ("name", "kind", "starts_on")


@requires("offices.view")
class OfficeList(ListPage):
    table_class = OfficeTable
    filterset_class = OfficeFilter
    title = "Offices"
    intro = "Every office of the agency, with its predecessors."
    noun = "office"
    page_size = 5
    empty_words = "An office is a node of the agency's tree. Add the department first."
    actions = [("Add an office", "office-add", "offices.edit")]

    def get_queryset(self) -> Any:
        return Office.objects.all()


@requires("offices.view")
class OfficeScroll(OfficeList):
    keyset = ("path", "pk")


class OfficeForm(forms.Form):
    name = forms.CharField(
        label="Name of the office", help_text="As on the agency's organization chart."
    )
    kind = forms.ChoiceField(choices=Office.Kind.choices, widget=forms.RadioSelect, label="Kind")
    parent = forms.ChoiceField(
        label="Part of",
        widget=ComboBox,
        required=False,
        choices=[("", "Nothing"), ("a", "Department of Sample")],
    )
    starts_on = forms.DateField(label="Opened on", required=False)
    duties = forms.MultipleChoiceField(
        label="Duties",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("r", "Records"), ("l", "Legal")],
    )
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    chart = FilesField(label="Organization chart", required=False, help_text="One or many files.")
    confirmed = forms.BooleanField(
        label="I have checked the name", help_text="It appears in reports to NARA."
    )


@requires("offices.edit")
@takes_files(limit=lambda: 1024 * 1024)
class OfficeAdd(FormPage):
    form_class = OfficeForm
    title = "Add an office"
    intro = "An office is where records are made. It can be closed later, never deleted."
    submit_label = "Add the office"
    success_message = "The office was added."
    cancel_url = "/offices/"
    breadcrumbs = [("Home", "/"), ("Offices", "/offices/")]

    def save(self, form: OfficeForm) -> Any:
        if form.cleaned_data["name"] == "Taken":
            raise UserError(
                "name-taken",
                "Another office has this name.",
                place="name",
                next_step="Choose another.",
            )
        if form.cleaned_data["name"] == "Race":
            raise Conflict("state-moved", "Somebody was faster.", next_step="Open the page again.")
        return Office.objects.create(name=form.cleaned_data["name"], code="NEW", path="/NEW/")

    def next_url(self, outcome: Any) -> str:
        return "/offices/"


class ThingViewSet(ViewSet):
    access = {"list": "exports.view", "create": "exports.receive"}

    def list(self, request: Any) -> Response:
        return Response([1, 2])

    def create(self, request: Any) -> Response:
        raise UserError(
            "empty-file", "The file is empty.", place="chat.txt", next_step="Export the chat again."
        )

    def destroy(self, request: Any, pk: str) -> Response:
        return Response(status=204)

    def retrieve(self, request: Any, pk: str) -> Response:
        raise NotFound("not-found", "There is no such thing.")


def gallery_context() -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "title": "Gallery",
        "states": ["ready", "reading", "needs_answer", "rejected", "draft"],
        "due": today + timedelta(days=5),
        "past": date(2021, 11, 25),
        "facts": [
            ("Custodian", "Jordan Sample"),
            ("Office", "Office of Field Operations"),
            ("Handed in", ""),
        ],
        "steps": ["Incident", "Elements (a)(1)-(5)", "Letter's items", "Checks", "Sign"],
        "side": [
            {
                "label": "(a)(1) Records affected",
                "url": "#a1",
                "note": "Complete",
                "tone": "good",
                "current": True,
            },
            {"label": "(a)(2) Office", "url": "#a2", "note": "One error", "tone": "bad"},
        ],
        "tabs": [
            {"label": "Summary", "url": "#", "current": True},
            {"label": "Findings", "url": "#f", "count": 1204},
            {"label": "Problems", "url": "#p", "count": 0},
        ],
        "history": [
            {
                "when": timezone.now(),
                "title": "Report submitted",
                "who": "Kim Signer",
                "tone": "good",
                "words": "RPT-1",
            },
            {
                "when": timezone.now(),
                "title": "Incident opened",
                "who": "Lee Officer",
                "tone": "warn",
            },
        ],
        "offers": [
            {
                "name": "triage",
                "label": "Start triage",
                "allowed": True,
                "reason": "",
                "needs_reason": False,
            },
            {
                "name": "dismiss",
                "label": "Dismiss",
                "allowed": True,
                "reason": "",
                "needs_reason": True,
            },
            {
                "name": "sign",
                "label": "Sign",
                "allowed": False,
                "reason": "Only a designated signer may sign.",
            },
        ],
        "advance_url": "/",
        "raw": "26/10/2021, 9:15\u202fPM - \u202eevil\u202c: a\x07b <script>alert(1)</script>",
        "parts": [("Tags", "tags"), ("Clock", "clock")],
    }


router = SimpleRouter()
router.register("things", ThingViewSet, basename="thing")

urlpatterns = [
    path("", include("portal.kit.urls")),
    path("", home, name="home"),
    path("accounts/", include("allauth.urls")),
    path("undeclared/", undeclared),
    path("open/", open_to_all),
    path("incidents/", needs_incidents, name="incident-list"),
    path("fails/", fails),
    path("refuses/", refuses),
    path("positions/", positions),
    path("offices/", OfficeList.as_view(), name="office-list"),
    path("offices/add/", OfficeAdd.as_view(), name="office-add"),
    path("scroll/", OfficeScroll.as_view(), name="office-scroll"),
    path("api/v1/", include(router.urls)),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.server_error
