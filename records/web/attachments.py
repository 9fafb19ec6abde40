"""Attachments of an export: the list, copies, pictures, the quarantine, another scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from portal.agency.access import can
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.attached import Unreadable, stream_of
from records.attachments.media_types import ANY, KNOWN_AS_SAFE
from records.ingest.examination import UNSEEN
from records.lifecycles import being_examined
from records.models import Attachment, FileContent, Message, MessageExport, Thumbnail
from records.services import attachments as services
from records.services import custody
from records.web.attachment_table import WAITING, AttachmentFilter, AttachmentTable
from records.web.raw import unreadable
from records.web.reach import export_of, person, readable_export_of


@requires("messages.view")
class AttachmentList(ListPage):
    """All files that an export names or holds: what they are, and what the scanner says."""

    template_name = "records/attachment_list.html"
    table_class = AttachmentTable
    filterset_class = AttachmentFilter
    noun = "attachment"
    keyset = ("pk",)
    empty_title = "No attachments"
    empty_words = "No message of this export names a file, and none lies in it unnamed."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.export = readable_export_of(request, kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Attachment]:
        named_by = Message.objects.filter(export=self.export, seq=OuterRef("seq"))
        return (
            Attachment.objects.filter(export=self.export)
            .select_related("content", "export")
            .annotate(conversation_index=Subquery(named_by.values("conversation__index")[:1]))
        )

    def get_title(self) -> str:
        return f"Attachments in {self.export.number}"

    def get_intro(self) -> str:
        return "Files that messages name, and files that no message names. Types are told by the bytes, not by names."

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        detail = reverse("export-detail", args=[self.export.number])
        return [("Message exports", reverse("export-list")), (self.export.number, detail)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_scan = can(self.request.user, "exports.answer", self.export.office)
        return super().get_context_data(
            export=self.export,
            examining=being_examined(self.export),
            may_scan=bool(may_scan) and bool(settings.CLAMD_URL),
            **kwargs,
        )


class CountOf(NamedTuple):
    """How many attachments are so, and where they are listed."""

    number: int
    label: str
    tone: str
    query: str


def counts_of(export: MessageExport) -> list[CountOf]:
    """What an export's page says of its attachments; nothing where it has none."""
    state, scan = Attachment.State, FileContent.Scan
    told = (
        ("held", "in the export", "", "state=present", Q(state=state.PRESENT)),
        ("left_out", "left out by the app", "warn", "state=left_out", Q(state=state.LEFT_OUT)),
        ("missing", "named, not there", "bad", "state=missing", Q(state=state.MISSING)),
        ("unnamed", "named by no message", "warn", "state=unnamed", Q(state=state.UNNAMED)),
        ("differ", "not what they say", "bad", "warning=type", ~Q(contradiction="")),
        ("torn", "cannot be read", "bad", "warning=unreadable", ~Q(unreadable="")),
        ("infected", "infected", "bad", "scan=infected", Q(content__scan=scan.INFECTED)),
        ("unscanned", "not scanned", "warn", "scan=not_scanned", Q(content__scan=scan.NOT_SCANNED)),
        ("clean", "clean", "good", "scan=clean", Q(content__scan=scan.CLEAN)),
        ("waiting", "waiting to be examined", "", f"scan={WAITING}", UNSEEN),
    )
    counted = Attachment.objects.filter(export=export).aggregate(
        **{name: Count("pk", filter=condition) for name, _, _, _, condition in told}
    )
    return [
        CountOf(counted[name], label, tone, query)
        for name, label, tone, query, _ in told
        if counted[name]
    ]


@requires("messages.view")
@require_safe
def attachment_download(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A copy of one file out of the sealed export, noted in the custody log. Infected ones stay in quarantine."""
    attachment = _attachment_of(request, number, pk)
    if not attachment.is_held:
        raise Http404
    custody.copy_attachment(attachment, actor=person(request))
    found = attachment.content.media_type if attachment.content else ANY
    return _download(attachment, _file_name(attachment), found if found in KNOWN_AS_SAFE else ANY)


@requires("messages.view")
@require_safe
def attachment_picture(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The small picture of an image: drawn anew by the portal, never the file's own bytes."""
    attachment = _attachment_of(request, number, pk)
    if attachment.content is None or attachment.content.infected:
        raise Http404
    picture = get_object_or_404(Thumbnail, content=attachment.content_id)
    response = HttpResponse(bytes(picture.data), content_type="image/jpeg")
    return _locked_up(response)


class QuarantineForm(forms.Form):
    """Why somebody takes a copy of an infected file."""

    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea,
        max_length=2000,
        help_text="Kept in the audit log with the copy.",
    )


@requires("quarantine.open")
class Quarantine(FormPage):
    """A copy of a file that the scanner calls infected, for those who may, with a reason."""

    form_class = QuarantineForm
    title = "Take a copy out of quarantine"
    submit_label = "Take the copy"
    danger = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.attachment = _attachment_of(request, kwargs["number"], kwargs["pk"])
        if self.attachment.content is None or not self.attachment.content.infected:
            raise Http404
        self.cancel_url = reverse("export-attachments", args=[kwargs["number"]])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        content = self.attachment.content
        self.intro = (
            f"{revealed(self.attachment.name)}: the scanner found {revealed(content.scan_words)}. The file is a record "
            "and is kept. Open the copy only on a machine that is made for this; its name gets an ending that no "
            "program opens by itself."
        )
        return super().get_context_data(**kwargs)

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        number = self.attachment.export.number
        return [
            ("Message exports", reverse("export-list")),
            (number, reverse("export-detail", args=[number])),
            ("Attachments", reverse("export-attachments", args=[number])),
        ]

    def save(self, form: QuarantineForm) -> HttpResponseBase:
        custody.copy_from_quarantine(
            self.attachment, reason=form.cleaned_data["reason"], actor=person(self.request)
        )
        return _download(self.attachment, f"{_file_name(self.attachment)}.infected", ANY)


@requires("exports.answer")
@require_POST
def scan_again(request: HttpRequest, number: str) -> HttpResponse:
    """Have all attachments of an export scanned with the signatures of today."""
    export = export_of(request, number)
    services.scan_again(export, actor=person(request))
    messages.success(request, f"The attachments of {export.number} are being scanned again.")
    return redirect("export-attachments", export.number)


def _attachment_of(request: HttpRequest, number: str, pk: int) -> Attachment:
    """An attachment of an export whose content the person may read."""
    export = readable_export_of(request, number)
    rows = Attachment.objects.select_related("content", "export__office", "export__stored_file")
    return get_object_or_404(rows, export=export, pk=pk)


def _file_name(attachment: Attachment) -> str:
    return attachment.member.rpartition("/")[2] or attachment.name or "attachment"


def _download(attachment: Attachment, name: str, media_type: str) -> StreamingHttpResponse:
    """Sealed bytes as a file to keep, never as a page: no browser opens or interprets it."""
    pieces = Opened(stream_of(attachment, attachment.export))
    response = StreamingHttpResponse(pieces, content_type=media_type)
    if attachment.content is not None:
        response["Content-Length"] = str(attachment.content.size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return _locked_up(response)


def _locked_up(response: Any) -> Any:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class Opened:
    """Pieces of a file of which the first is there already: what cannot be read is told before an answer begins."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        try:
            self._first = next(pieces, b"")
        except (OSError, Unreadable) as error:
            raise unreadable() from error

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._pieces

    def close(self) -> None:
        """Closes the export."""
        closing: Any = self._pieces
        closing.close()
