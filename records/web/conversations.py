"""A conversation as a person reads it, the raw bytes beside any entry, and how it is filed."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from portal.agency.access import can
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.models import Alias, Conversation, Finding, Message
from records.renditions import rsmf
from records.services import custody, filing
from records.web import cells, raw
from records.web.entries import EntryPage, Position, entry_page
from records.web.forms.filing import FilingForm
from records.web.months import month_of, read_day, read_month
from records.web.reach import conversation_of, export_of, person, whole
from records.web.words import kind_choices

MOST_SENDERS = 200
PEOPLE_SHOWN = 12


class ConversationTable(tables.Table):
    title = tables.Column(verbose_name="Conversation")
    entries = tables.Column(verbose_name="Entries", attrs=cells.NUMBER)
    office = tables.Column(accessor="office__name", verbose_name="Filed under")
    schedule_item = tables.Column(
        verbose_name="Schedule item",
        default="Unscheduled",
        empty_values=(),
        order_by="schedule_item__number",
    )
    filed_at = tables.DateTimeColumn(format="M j, Y", verbose_name="Filed", default="Not yet")
    change = tables.Column(
        accessor="index", verbose_name="Change", orderable=False, exclude_from_export=True
    )

    def __init__(self, *args: Any, reads: bool, **kwargs: Any) -> None:
        self.reads = reads
        super().__init__(*args, **kwargs)

    def render_title(self, value: str, record: Conversation) -> str:
        if not self.reads:
            return revealed(value)
        return cells.link(
            revealed(value), "conversation-detail", record.export.number, record.index
        )

    def value_title(self, value: str) -> str:
        return value

    def render_schedule_item(self, record: Conversation) -> str:
        return str(record.schedule_item or "Unscheduled")

    def value_schedule_item(self, record: Conversation) -> str:
        return str(record.schedule_item or "Unscheduled")

    def render_change(self, record: Conversation) -> str:
        step = "File again" if record.filed_at else "File"
        words = format_html('{} <span class="usa-sr-only">{}</span>', step, record.title)
        return cells.link(words, "conversation-file", record.export.number, record.index)


class ConversationFilter(django_filters.FilterSet):
    title = django_filters.CharFilter(lookup_expr="icontains", label="Title")
    unscheduled = django_filters.ChoiceFilter(
        field_name="schedule_item",
        lookup_expr="isnull",
        choices=[("True", "Unscheduled"), ("False", "With a schedule item")],
        label="Schedule",
        empty_label="Any",
        method="by_schedule",
    )

    class Meta:
        model = Conversation
        fields: list[str] = []

    def by_schedule(
        self, queryset: QuerySet[Conversation], name: str, value: str
    ) -> QuerySet[Conversation]:
        return queryset.filter(schedule_item__isnull=value == "True")


@requires("exports.view")
class ConversationList(ListPage):
    """All conversations of one export, and how each is filed."""

    table_class = ConversationTable
    filterset_class = ConversationFilter
    noun = "conversation"
    empty_title = "No conversations"
    empty_words = "They appear when the export has been read."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.export = export_of(request, kwargs["number"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Conversation]:
        found = self.export.conversations.select_related(
            "export", "office", "schedule_item__schedule"
        )
        return found.order_by("index")

    def get_table_kwargs(self) -> dict[str, Any]:
        user, office = self.request.user, self.export.office
        hidden = () if can(user, "exports.classify", office) else ("change",)
        return {"exclude": hidden, "reads": bool(can(user, "messages.view", office))}

    def get_title(self) -> str:
        return f"Conversations in {self.export.number}"

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        detail = reverse("export-detail", args=[self.export.number])
        return [("Message exports", reverse("export-list")), (self.export.number, detail)]


@requires("messages.view")
@require_safe
def conversation_detail(request: HttpRequest, number: str, index: int) -> HttpResponse:
    """One page of a conversation."""
    conversation = conversation_of(request, number, index)
    kind, sender = (
        request.GET.get("kind", "").replace("\x00", "")[:24],
        whole(request.GET.get("sender")),
    )
    if "day" in request.GET:
        return _jump(request, conversation, read_day(request.GET["day"]))
    position = _position(request)
    page = entry_page(conversation, position, kind=kind, sender=sender)
    senders = list(conversation.participants.order_by("-entries", "name")[: MOST_SENDERS + 1])
    filters = {"kind": kind, "sender": sender if sender is not None else ""}
    context = {
        "title": revealed(conversation.title) or "Conversation",
        "breadcrumbs": [
            ("Message exports", reverse("export-list")),
            (conversation.export.number, reverse("export-detail", args=[number])),
        ],
        "conversation": conversation,
        "base": reverse("conversation-detail", args=[number, index]),
        "export": conversation.export,
        "page": page,
        "asked": _asked(request, page),
        "position": position,
        "links": _links(page, filters),
        "month": _month(request, conversation, page),
        "senders": senders[:MOST_SENDERS],
        "more_senders": len(senders) > MOST_SENDERS,
        "people": _linked(senders[:PEOPLE_SHOWN]),
        "senders_url": _senders_url(request, conversation),
        "kinds": kind_choices(conversation.export.kinds),
        "kind": kind,
        "sender": sender,
        "filtering": bool(kind) or sender is not None,
        "findings": Finding.objects.current()
        .filter(conversation=conversation)
        .order_by("number")[:12],
        "may_file": can(request.user, "exports.classify", conversation.export.office),
    }
    return render(request, "records/conversation_detail.html", context)


def _linked(senders: list[Any]) -> list[Any]:
    """The most frequent senders with who stands behind each."""
    linked = Alias.objects.of_handles(sender.known_as_id for sender in senders)
    for sender in senders:
        sender.linked = linked.get(sender.known_as_id, [])
    return senders


def _senders_url(request: HttpRequest, conversation: Conversation) -> str:
    """The list of all senders of the export; empty for a person who may not see it."""
    if not can(request.user, "senders.view", conversation.export.office):
        return ""
    query = urlencode({"export": conversation.export.number, "show": "all"})
    return f"{reverse('sender-list')}?{query}"


def _position(request: HttpRequest) -> Position:
    """What the address asks for; what cannot be read gives the beginning."""
    asked = {name: whole(request.GET.get(name)) for name in ("at", "from", "before")}
    if asked["at"] is not None:
        return Position(target=asked["at"])
    if asked["before"] is not None:
        return Position(before=asked["before"])
    return Position(start=asked["from"], at_end="end" in request.GET)


def _jump(request: HttpRequest, conversation: Conversation, day: date | None) -> HttpResponse:
    """To the heading of a day; where it may be missing, to the sentence that says what is shown instead."""
    query: dict[str, Any] = {
        name: request.GET[name] for name in ("kind", "sender") if request.GET.get(name)
    }
    filtering = bool(query)
    found = conversation.days.filter(day__gte=day).order_by("day").first() if day else None
    if found is None and day is not None:
        query["end"] = "1"
    elif found is not None and not conversation.newest_first:
        query["from"] = found.first_seq
    elif found is not None:  # read from old to new, a day begins beside the day before it
        older = conversation.days.filter(day__lt=found.day).order_by("-day").first()
        if older is not None:
            query["from"] = older.first_seq - 1
    if found is not None and found.day == day and not filtering:
        return redirect(f"{request.path}?{urlencode(query)}#day-{day}")
    query["asked"] = day.isoformat() if day else ""
    return redirect(f"{request.path}?{urlencode(query)}#asked")


def _asked(request: HttpRequest, page: EntryPage) -> str:
    """What a page says that was reached by a day: whether it begins there, and if not, why."""
    if "asked" not in request.GET:
        return ""
    day = read_day(request.GET["asked"])
    if day is None:
        return "That is no day of the calendar. Choose a day, for example March 9, 2021."
    words = date_format(day, "F j, Y")
    days = [each.day for each in page.days if each.day]
    if day in days:
        return f"Entries from {words} on."
    later = min((each for each in days if each > day), default=None)
    if later is not None:
        return (
            f"No entry here has the date {words}. The next one has {date_format(later, 'F j, Y')}."
        )
    if days:
        last = date_format(max(days), "F j, Y")
        return f"No entry here has the date {words} or a later one. The last one has {last}."
    return f"No entry here has the date {words} or a later one."


def _links(page: EntryPage, filters: dict[str, Any]) -> dict[str, str]:
    """Queries of the neighbouring pages, the filter kept."""
    kept = {name: value for name, value in filters.items() if value != ""}
    links = {"oldest": urlencode(kept), "newest": urlencode({**kept, "end": 1})}
    if page.has_older and page.first is not None:
        links["older"] = urlencode({**kept, "before": page.first})
    if page.has_newer and page.last is not None:
        links["newer"] = urlencode({**kept, "from": page.following})
    return links


def _month(request: HttpRequest, conversation: Conversation, page: EntryPage) -> Any:
    """The month asked for, else that of the page's first day, else that of the first day of all."""
    day = read_month(request.GET.get("month", "")) or next(
        (each.day for each in page.days if each.day), None
    )
    if day is None:
        day = conversation.days.order_by("day").values_list("day", flat=True).first()
    return month_of(conversation, day) if day else None


@requires("messages.view")
@require_safe
def conversation_rsmf(request: HttpRequest, number: str, index: int) -> HttpResponseBase:
    """The whole conversation as an RSMF file; the copy is noted in the custody log."""
    conversation = conversation_of(request, number, index)
    custody.copy_conversation(conversation, form="rsmf", actor=person(request))
    name = f"{conversation.export.number}-{index + 1}.rsmf"
    response = StreamingHttpResponse(
        rsmf.stream(conversation), content_type="application/octet-stream"
    )
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@requires("messages.view")
@require_safe
def message_raw(request: HttpRequest, number: str, index: int, seq: int) -> HttpResponse:
    """The exact bytes of one entry: beside it (htmx), or as a page of its own."""
    conversation = conversation_of(request, number, index)
    entry = get_object_or_404(
        Message.objects.filter(conversation=conversation)
        .select_related("participant")
        .defer("body"),
        seq=seq,
    )
    beside = bool(request.headers.get("HX-Request"))
    start = whole(request.GET.get("from")) or 0
    size = raw.BESIDE if beside else raw.PAGE
    context = {
        "title": f"Raw bytes of entry {entry.seq:,}",
        "breadcrumbs": [
            ("Message exports", reverse("export-list")),
            (conversation.export.number, reverse("export-detail", args=[number])),
            (
                revealed(conversation.title),
                f"{reverse('conversation-detail', args=[number, index])}?at={seq}#e{seq}",
            ),
        ],
        "conversation": conversation,
        "export": conversation.export,
        "entry": entry,
        "piece": raw.piece_of(conversation, entry, start, size),
    }
    return render(request, f"records/message_raw{'_beside' if beside else ''}.html", context)


@requires("exports.classify")
class FileConversation(FormPage):
    """File a conversation under an office and, where one fits, a schedule item."""

    form_class = FilingForm
    title = "File this conversation"
    submit_label = "File"
    success_message = "Filed."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.conversation = conversation_of(request, kwargs["number"], kwargs["index"])
        self.export_url = reverse("export-detail", args=[kwargs["number"]])
        self.cancel_url = self.export_url
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {
            "office": self.conversation.office_id,
            "schedule_item": self.conversation.schedule_item_id,
        }

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        number = self.conversation.export.number
        return [("Message exports", reverse("export-list")), (number, self.export_url)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.intro = f"{revealed(self.conversation.title)} ({self.conversation.entries:,} entries)"
        return super().get_context_data(**kwargs)

    def save(self, form: FilingForm) -> Conversation:
        filing.file(self.conversation, actor=person(self.request), **form.cleaned_data)
        return self.conversation

    def next_url(self, outcome: Any) -> str:
        return f"{self.export_url}#conversations"
