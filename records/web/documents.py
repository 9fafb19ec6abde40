"""Pages of documents: letters, Inspector General reports, policies and other papers that a case rests on."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.kit.bodies import takes_files
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.views import requires
from portal.vault import store
from records import uses
from records.models import Document
from records.services import custody
from records.services import documents as services
from records.web.catalogue_forms import DocumentForm
from records.web.exports import sealed_download
from records.web.filters import OfficeFilter
from records.web.forms.exports import offices_for
from records.web.reach import person


class DocumentTable(tables.Table):
    number = tables.TemplateColumn(
        '<a href="{% url "document-detail" record.number %}">{{ record.number }}</a>',
        verbose_name="Document",
    )
    title = tables.Column(verbose_name="Title")
    kind = tables.Column(verbose_name="What it is")
    dated = tables.DateColumn(format="M j, Y", verbose_name="Dated", default="Not dated")
    office = tables.Column(accessor="office__name", verbose_name="Office")
    size = tables.TemplateColumn(
        "{{ value|filesizeformat }}",
        accessor="stored_file__size",
        verbose_name="Size",
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    added_at = tables.DateTimeColumn(format="M j, Y", verbose_name="Added")

    def value_number(self, record: Document) -> str:
        return record.number

    def value_size(self, record: Document) -> int:
        return record.stored_file.size


def _offices(request: HttpRequest) -> Any:
    return offices_for(request.user, "documents.view")


class DocumentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        choices=Document.Kind.choices, label="What it is", empty_label="Any"
    )
    office = OfficeFilter(queryset=_offices, label="Office", empty_label="All offices")
    title = django_filters.CharFilter(lookup_expr="icontains", label="Words in the title")

    class Meta:
        model = Document
        fields: list[str] = []


@requires("documents.view")
class DocumentList(ListPage):
    """All documents of the offices in reach."""

    table_class = DocumentTable
    filterset_class = DocumentFilter
    title = "Documents"
    intro = (
        "Papers that a case rests on, sealed like message exports. A report cites them as exhibits."
    )
    noun = "document"
    empty_title = "No documents yet"
    empty_words = (
        "Add NARA's letter, the Inspector General's report, policies and training records. "
        "What a report says about them can then be shown."
    )
    actions = [("Add a document", "document-new", "documents.edit")]

    def get_queryset(self) -> Any:
        return Document.objects.visible_to(self.request.user).select_related(
            "office", "stored_file"
        )


def document_of(request: HttpRequest, number: str) -> Document:
    """A document that the person may see; 404 outside."""
    documents = Document.objects.visible_to(request.user).select_related(
        "office", "stored_file", "added_by"
    )
    return get_object_or_404(documents, number=number)


@requires("documents.view")
def document_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One document: what it is, its fixity, its custody, and what rests on it."""
    document = document_of(request, number)
    stored = document.stored_file
    about = {"object_type": "records.document", "object_id": str(document.pk)}
    context = {
        "title": document.number,
        "document": document,
        "stored": stored,
        "receptions": stored.receptions.filter(office=document.office).select_related(
            "received_by"
        ),
        "checks": stored.fixity_checks.all()[:10],
        "uses": uses.of(request.user, document),
        "events": AuditEvent.objects.filter(**about).order_by("-sequence")[:10],
        "breadcrumbs": [("Documents", reverse("document-list"))],
    }
    return render(request, "records/document_detail.html", context)


@requires("documents.view")
def document_download(request: HttpRequest, number: str) -> HttpResponseBase:
    """The sealed bytes, always as a file and never as a page; the copy is noted in the custody log."""
    document = custody.copy_document(document_of(request, number), actor=person(request))
    return sealed_download(store.open_sealed(document.stored_file), document.file_name)


@requires("documents.edit")
@takes_files(limit=lambda: services.LIMIT)
class DocumentNew(FormPage):
    form_class = DocumentForm
    title = "Add a document"
    intro = "It is sealed with its SHA-256 as it is. A corrected version is a document of its own."
    submit_label = "Add the document"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        mine = list(offices_for(self.request.user, "documents.edit")[:1])
        return {"office": mine[0].pk if mine else None, "kind": self.request.GET.get("kind")}

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Documents", reverse("document-list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.cancel_url = reverse("document-list")
        return super().get_context_data(**kwargs)

    def save(self, form: DocumentForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        file = values.pop("file")
        document = services.add(store.blocks(file), file.name, actor=self.request.user, **values)
        messages.success(self.request, f"{document.number} is sealed.")
        return redirect("document-detail", document.number)
