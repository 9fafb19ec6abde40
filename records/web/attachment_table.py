"""Attachments as a list shows them: columns, conditions, and the words of a scan."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.timezone import localtime

from portal.kit.templatetags.kit import revealed
from records.attachments.media_types import ANY, GROUPS, TYPES
from records.ingest.examination import UNSEEN
from records.models import Attachment, FileContent
from records.web import cells

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
        name: str = format_html("<bdi>{}</bdi>", revealed(record.name))
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
        if record.content is None and not record.size:
            return ""
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
    told = f"{localtime(content.scanned_at):%Y-%m-%d}, {content.scan_signatures}"
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
