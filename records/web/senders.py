"""The worklist of senders whom nobody has identified, and confirming suggestions in number (36 CFR 1236.22(a)(3))."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from portal.agency.access import can, reach
from portal.kit.forms import FormPage
from portal.kit.lists import ListPage
from portal.kit.templatetags.kit import revealed
from portal.kit.views import requires
from records.handles import KINDS
from records.models import Alias, Handle, Participant
from records.services import aliases, suggestions
from records.web import cells
from records.web.filters import OfficeFilter
from records.web.forms.exports import offices_for
from records.web.forms.senders import ConfirmForm
from records.web.reach import person, whole

MOST_AT_ONCE = 500


class SenderTable(tables.Table):
    chosen = tables.Column(
        accessor="pk", verbose_name="Choose", orderable=False, exclude_from_export=True
    )
    written = tables.Column(verbose_name="Sender")
    kind = tables.Column(verbose_name="Known by", visible=False)
    custodian = tables.Column(
        accessor="custodian__person__name", verbose_name="In the address book of", visible=False
    )
    suggestion = tables.Column(
        accessor="pk", verbose_name="Suggestion", orderable=False, empty_values=()
    )
    export_total = tables.Column(verbose_name="Exports", attrs=cells.NUMBER)
    entry_total = tables.Column(verbose_name="Entries", attrs=cells.NUMBER)
    first_at = tables.Column(verbose_name="First", attrs=cells.NOWRAP)
    last_at = tables.Column(verbose_name="Last", attrs=cells.NOWRAP)

    class Meta:
        order_by = ("-entry_total", "pk")

    def render_chosen(self, record: Any) -> str:
        if len(record.suggestions) != 1:
            return ""
        return format_html(
            '<input type="checkbox" class="custos-check" name="alias" value="{}" form="confirm-suggestions" '
            'aria-label="Choose the suggestion for {}">',
            record.suggestions[0].pk,
            revealed(record.written),
        )

    def render_written(self, value: str, record: Any) -> str:
        return cells.two_lines(
            cells.link(revealed(value), "sender-detail", record.pk), _known_by(record)
        )

    def render_suggestion(self, record: Any) -> str:
        if not record.suggestions:
            return "None"
        return format_html_join(
            "",
            '<div>{} <span class="custos-under">{}</span></div>',
            ((alias.person, alias.because) for alias in record.suggestions),
        )

    def render_export_total(self, value: int, record: Any) -> str:
        return format_html(
            '<a href="{}#where">{}</a>', reverse("sender-detail", args=[record.pk]), f"{value:,}"
        )

    def render_entry_total(self, value: int) -> str:
        return f"{value:,}"

    def render_first_at(self, value: Any) -> str:
        return _shown_day(value)

    def render_last_at(self, value: Any) -> str:
        return _shown_day(value)

    def value_written(self, value: str) -> str:
        return value

    def value_suggestion(self, record: Any) -> str:
        return "; ".join(f"{alias.person}: {alias.because}" for alias in record.suggestions)

    def value_export_total(self, value: int) -> int:
        return value

    def value_entry_total(self, value: int) -> int:
        return value


def _known_by(handle: Handle) -> str:
    """What kind of handle it is, the name met beside it, and whose address book it stands in."""
    parts = [handle.get_kind_display()]
    if handle.display:
        parts.append(f"met as {revealed(handle.display)}")
    if handle.custodian:
        parts.append(f"on the device of {handle.custodian}")
    return ", ".join(parts)


def _shown_day(moment: Any) -> str:
    day = localdate(moment)
    return f"{day:%b} {day.day}, {day.year}"


def senders_in_reach(request: HttpRequest) -> QuerySet[Handle]:
    """Handles with what they come to in the exports that the person may see."""
    offices = reach(request.user, "senders.view").office_ids()
    found = Alias.objects.suggested().select_related("person").order_by("pk")
    return (
        Handle.objects.filter(participants__conversation__export__office__in=offices)
        .annotate(
            export_total=Count("participants__conversation__export", distinct=True),
            entry_total=Sum("participants__entries"),
            first_at=Min("participants__first_at"),
            last_at=Max("participants__last_at"),
            waiting=Count("participants", filter=Q(participants__identified=False)),
        )
        .select_related("custodian__person")
        .prefetch_related(Prefetch("aliases", found, to_attr="suggestions"))
    )


class SenderFilter(django_filters.FilterSet):
    show = django_filters.ChoiceFilter(
        choices=[("identified", "Identified"), ("all", "All senders")],
        method="by_state",
        label="Show",
        empty_label="Not identified",
    )
    office = OfficeFilter(
        queryset=lambda request: offices_for(request.user, "senders.view"),
        method="by_office",
        label="Office",
        empty_label="All offices",
    )
    export = django_filters.CharFilter(method="by_export", label="Export number")
    kind = django_filters.ChoiceFilter(choices=KINDS, label="Known by", empty_label="Anything")
    suggestion = django_filters.ChoiceFilter(
        choices=[("with", "With a suggestion"), ("without", "Without one")],
        method="by_suggestion",
        label="Suggestion",
        empty_label="Any",
    )
    q = django_filters.CharFilter(method="by_words", label="Number, address or name")

    class Meta:
        model = Handle
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """A worklist: what is done is shown when asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data["show"] else found.filter(waiting__gt=0)

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(waiting=0) if value == "identified" else queryset

    def by_office(self, queryset: Any, name: str, value: Any) -> Any:
        return _met(queryset, conversation__export__office__path__startswith=value.path)

    def by_export(self, queryset: Any, name: str, value: str) -> Any:
        return _met(queryset, conversation__export__number__iexact=value.replace("\x00", ""))

    def by_suggestion(self, queryset: Any, name: str, value: str) -> Any:
        suggested = Exists(Alias.objects.suggested().filter(handle=OuterRef("pk")))
        return queryset.filter(suggested if value == "with" else ~suggested)

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        value = value.replace("\x00", "")
        return queryset.filter(
            Q(written__icontains=value) | Q(value__icontains=value) | Q(display__icontains=value)
        )


def _met(handles: Any, **where: Any) -> Any:
    """Handles that occur there. The counts beside them stay those of all exports in reach."""
    return handles.filter(Exists(Participant.objects.filter(known_as=OuterRef("pk"), **where)))


@requires("senders.view")
class SenderList(ListPage):
    """Senders whom nobody has identified, the most talkative first, with what the register suggests."""

    template_name = "records/sender_list.html"
    area = "people"
    table_class = SenderTable
    filterset_class = SenderFilter
    title = "Senders"
    intro = (
        "The names of senders and recipients must be known (36 CFR 1236.22(a)(3)). Exports hold numbers and nicknames: "
        "say whose they are. Counts are over all exports you may see."
    )
    noun = "sender"
    empty_title = "No senders yet"
    empty_words = "When an export has been read, everybody who wrote in it appears here."

    def get_queryset(self) -> Any:
        return senders_in_reach(self.request)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {} if can(self.request.user, "senders.link") else {"exclude": ("chosen",)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_link = can(self.request.user, "senders.link")
        return super().get_context_data(
            may_link=may_link,
            single=len(_single(self.object_list)) if may_link else 0,
            most=MOST_AT_ONCE,
            **kwargs,
        )


def _single(handles: Any) -> list[int]:
    """The suggestions of a list whose sender has one and no other, up to what is confirmed at once."""
    one = Alias.objects.suggested().filter(handle__in=handles.order_by().values("pk"))
    counted = one.values("handle").annotate(total=Count("pk"), first=Min("pk")).filter(total=1)
    return sorted(counted.values_list("first", flat=True)[:MOST_AT_ONCE])


@requires("senders.link")
class ConfirmSuggestions(FormPage):
    """Confirm many suggestions: their number first, then each with its reason, then the button."""

    form_class = ConfirmForm
    template_name = "records/sender_confirm.html"

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        return [("Senders", reverse("sender-list"))]

    @cached_property
    def chosen(self) -> list[Alias]:
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        if self.request.method == "GET" and "every" in asked:
            listed = SenderFilter(asked, senders_in_reach(self.request), request=self.request)
            keys = _single(listed.qs) if listed.is_valid() else []
        else:
            given = (whole(value) for value in asked.getlist("alias"))
            keys = [key for key in given if key is not None][:MOST_AT_ONCE]
        found = Alias.objects.visible_to(self.request.user).suggested().filter(pk__in=keys)
        return list(
            found.select_related("handle__agency", "handle__custodian__person", "person").order_by(
                "handle__written", "pk"
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = len(self.chosen)
        self.title = f"Confirm {count:,} suggestion{'' if count == 1 else 's'}"
        self.submit_label = self.title
        self.cancel_url = reverse("sender-list")
        return super().get_context_data(chosen=self.chosen, **kwargs)

    def save(self, form: ConfirmForm) -> HttpResponse:
        done = aliases.confirm_all(self.chosen, actor=person(self.request), **form.cleaned_data)
        words = f"{len(done):,} sender{' is' if len(done) == 1 else 's are'} linked."
        messages.success(self.request, words if done else "Nothing was chosen.")
        return redirect("sender-list")


@requires("senders.link")
@require_POST
def look_again(request: HttpRequest) -> HttpResponse:
    """Ask the register of people anew, after it has changed."""
    found = suggestions.look_again(actor=person(request))
    messages.success(request, f"{found:,} new suggestion{'' if found == 1 else 's'}.")
    return redirect("sender-list")
