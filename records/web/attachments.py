"""Attachments of an export: the list, copies, pictures, the quarantine, another scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import django_filters
import django_tables2 as tables
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
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from portal.agency.access import can
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.attached import Unreadable, stream_of
from records.attachments.media_types import ANY, GROUPS, KNOWN_AS_SAFE, TYPES
from records.ingest.examination import UNSEEN
from records.lifecycles import being_examined
from records.models import Attachment, FileContent, Message, MessageExport, Thumbnail
from records.services import attachments as services
from records.services import custody
from records.web import cells
from records.web.raw import unreadable
from records.web.reach import export_of, person, readable_export_of

WAITING = "waiting"
TONES = {
    FileContent.Scan.CLEAN: "good",
    FileContent.Scan.INFECTED: "bad",
    FileContent.Scan.NOT_SCANNED: "warn",
}
STATE_TONES = {
    Attachment.State.PRESENT: "good",
    Attachment.State.LEFT_OUT: "warn",
    Attachment.State.MISSING: "bad",
    Attachment.State.UNNAMED: "warn",
}
_TAG = '<span class="custos-tag custos-tag--{}">{}</span>'


class AttachmentTable(tables.Table):
    name = tables.Column(verbose_name="Name")
    state = tables.Column(verbose_name="In the export")
    type = tables.Column(verbose_name="Type by its bytes", empty_values=(), accessor="pk")
    length = tables.Column(verbose_name="Plays", empty_values=(), accessor="pk", attrs=cells.NUMBER)
    size = tables.Column(verbose_name="Size", attrs=cells.NUMBER)
    sha256 = tables.Column(verbose_name="SHA-256", empty_values=(), accessor="pk")
    scan = tables.Column(verbose_name="Scan", empty_values=(), accessor="pk")
    seq = tables.Column(verbose_name="Entry", attrs=cells.NUMBER, default="")
    contradiction = tables.Column(verbose_name="Warning", visible=False)

    def render_name(self, record: Attachment) -> str:
        name = format_html("<bdi>{}</bdi>", revealed(record.name))
        if record.is_held and not record.unreadable:
            number = record.export.number
            name = cells.link(name, _copy_address_name(record), number, record.pk)
        if not record.contradiction:
            return name
        return format_html(
            '{} <span class="custos-under">{} {}</span>',
            name,
            format_html(_TAG, "bad", "Not what it says"),
            revealed(record.contradiction),
        )

    def value_name(self, record: Attachment) -> str:
        return record.name

    def render_state(self, record: Attachment) -> str:
        tag = format_html(_TAG, STATE_TONES[record.state], record.get_state_display())  # type: ignore[index]
        words = record.unreadable or record.left_out
        return cells.two_lines(tag, revealed(words)) if words else tag

    def value_state(self, record: Attachment) -> str:
        return record.get_state_display()

    def render_type(self, record: Attachment) -> str:
        return record.content.type.title if record.content else ""

    def value_type(self, record: Attachment) -> str:
        return record.content.media_type if record.content else ""

    def render_length(self, record: Attachment) -> str:
        return record.content.duration if record.content else ""

    def render_size(self, record: Attachment) -> str:
        return filesizeformat(record.content.size if record.content else record.size)

    def value_size(self, record: Attachment) -> int:
        return record.content.size if record.content else record.size

    def render_sha256(self, record: Attachment) -> str:
        if record.content is None:
            return ""
        return format_html(
            '<a href="?sha256={0}" aria-label="Files with SHA-256 {0}"><code>{1}\u2026</code></a>',
            record.content.sha256,
            record.content.sha256[:16],
        )

    def value_sha256(self, record: Attachment) -> str:
        return record.content.sha256 if record.content else ""

    def render_scan(self, record: Attachment) -> str:
        return format_html(
            '{} <span class="custos-under">{}</span>',
            format_html(_TAG, scan_tone(record), scan_label(record)),
            revealed(scan_words(record)),
        )

    def value_scan(self, record: Attachment) -> str:
        return " ".join(filter(None, (scan_label(record), scan_words(record))))

    def render_seq(self, value: int, record: Attachment) -> str:
        if record.conversation_index is None:  # type: ignore[attr-defined]
            return f"{value:,}"
        return cells.link(
            f"{value:,}",
            "conversation-detail",
            record.export.number,
            record.conversation_index,  # type: ignore[attr-defined]
            query=f"?at={value}#e{value}",
        )

    def value_seq(self, value: int | None) -> int | str:
        return "" if value is None else value


def _copy_address_name(attachment: Attachment) -> str:
    """Where a copy is had: infected files have a door of their own."""
    infected = attachment.content is not None and attachment.content.infected
    return "attachment-quarantine" if infected else "attachment-download"


def scan_label(attachment: Attachment) -> str:
    """The scan state of a file in words."""
    if attachment.content is not None:
        return attachment.content.get_scan_display()
    return "Not scanned" if attachment.unreadable or not attachment.is_held else "Waiting"


def scan_tone(attachment: Attachment) -> str:
    if attachment.content is not None:
        return TONES[attachment.content.scan]  # type: ignore[index]
    return "quiet"


def scan_words(attachment: Attachment) -> str:
    """What was found, or why it was not scanned; with which signatures and when."""
    content = attachment.content
    if content is None:
        if not attachment.is_held:
            return "The export does not hold it."
        return attachment.unreadable
    if content.scanned_at is None:
        return content.scan_words
    told = f"{content.scanned_at:%Y-%m-%d}, {content.scan_signatures}"
    return f"{content.scan_words}; {told}" if content.scan_words else told


class AttachmentFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        choices=Attachment.State.choices, label="In the export", empty_label="Any"
    )
    type = django_filters.ChoiceFilter(
        choices=list(GROUPS.items()), method="by_type", label="Type", empty_label="Any"
    )
    scan = django_filters.ChoiceFilter(
        choices=[*FileContent.Scan.choices, (WAITING, "Waiting")],
        method="by_scan",
        label="Scan",
        empty_label="Any",
    )
    warning = django_filters.ChoiceFilter(
        choices=[("type", "Not what its name says"), ("unreadable", "Cannot be read")],
        method="by_warning",
        label="Warning",
        empty_label="Any",
    )
    sha256 = django_filters.CharFilter(field_name="content__sha256", label="SHA-256")

    class Meta:
        model = Attachment
        fields: list[str] = []

    def by_type(
        self, queryset: QuerySet[Attachment], name: str, value: str
    ) -> QuerySet[Attachment]:
        names = [each.name for each in TYPES.values() if each.group == value]
        return queryset.filter(content__media_type__in=names or [ANY])

    def by_scan(
        self, queryset: QuerySet[Attachment], name: str, value: str
    ) -> QuerySet[Attachment]:
        return queryset.filter(UNSEEN if value == WAITING else Q(content__scan=value))

    def by_warning(
        self, queryset: QuerySet[Attachment], name: str, value: str
    ) -> QuerySet[Attachment]:
        field = "contradiction" if value == "type" else "unreadable"
        return queryset.exclude(**{field: ""})


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

    count: int
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
