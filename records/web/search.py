"""Search over the content of all messages a person may read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.agency.access import can
from portal.kit.lists import counted
from portal.kit.views import signed_in
from records import highlight
from records import search as full_text
from records.web.forms.search import SearchForm
from records.web.reach import person
from records.web.words import kind_words

NARROWERS = (
    "office",
    "custodian",
    "conversation",
    "export",
    "sender",
    "first_day",
    "last_day",
    "kind",
)


@signed_in
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Hits newest first, each leading to its place. A person without the right to message content is told so."""
    decision = can(request.user, "messages.view")
    if not decision:
        refused = {"title": "Search", "reason": decision.reason}
        return render(request, "records/search_refused.html", refused)
    form = SearchForm(request.GET if request.GET else None, user=request.user)
    context: dict[str, Any] = {
        "title": "Search messages",
        "form": form,
        "narrowers": [form[name] for name in NARROWERS],
        "narrowed": any(request.GET.get(name) for name in NARROWERS),
        "words": request.GET.get("q", ""),
    }
    if form.is_bound and form.is_valid():
        context |= _found(request, form)
    return render(request, "records/search.html", context)


def _found(request: HttpRequest, form: SearchForm) -> dict[str, Any]:
    query = full_text.understand(form.cleaned_data["q"])
    if not query:
        return {"no_words": bool(form.cleaned_data["q"].strip()) or any(request.GET.values())}
    page = full_text.find(
        person(request),
        query,
        form.narrowing(),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    wanted = highlight.pattern(query.phrases)
    hits = [
        {
            "row": row,
            "pieces": highlight.excerpt(row.text, wanted),  # type: ignore[attr-defined]
            "when": full_text.shown_time(row.local),
            "words": kind_words(row.kind),
        }
        for row in page.rows
    ]
    return {
        "searched": True,
        "hits": hits,
        "page": page,
        "total_words": counted(page.total, "message"),
    }
