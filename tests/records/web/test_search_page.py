"""The search page: hits that lead to their place, conditions, and a plain word to those who may not search."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from records.models import MessageExport
from tests.records.exports import Desk
from tests.records.test_search import NASTY

DATA = (
    b"1/20/21, 09:00 - Ana: the manifest of Tuesday\n"
    b"1/21/21, 09:00 - Bo: manifest <b>again</b>\n"
    b"1/22/21, 09:00 - Ana: nothing\n"
)


@pytest.fixture
def export(desk: Desk) -> MessageExport:
    return desk.read(DATA)


def test_hits_lead_to_their_place_newest_first(officer: Client, export: MessageExport) -> None:
    words = officer.get(reverse("search"), {"q": "manifest"}).content.decode()
    place = reverse("conversation-detail", args=[export.number, 0])
    assert words.index(f"{place}?at=2#e2") < words.index(f"{place}?at=1#e1")
    assert "<mark>manifest</mark> &lt;b&gt;again" in words
    assert "2 messages" in words


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"sender": "ana"}, [1]),
        ({"first_day": "2021-01-21"}, [2]),
        ({"last_day": "2021-01-20"}, [1]),
        ({"kind": "call"}, []),
        ({"export": "exp"}, None),
        ({"first_day": "2021-02-01", "last_day": "2021-01-01"}, None),
        ({"office": "999999"}, None),
        ({"conversation": "999999"}, None),
        ({"conversation": "x"}, None),
    ],
)
def test_conditions_narrow_or_are_explained(
    officer: Client, export: MessageExport, condition: dict[str, str], expected: list[int] | None
) -> None:
    response = officer.get(reverse("search"), {"q": "manifest", **condition})
    assert response.status_code == 200
    if expected is None:
        assert "One of the conditions cannot be used" in response.content.decode()
    else:
        assert [hit["row"].seq for hit in response.context["hits"]] == expected


def test_an_office_stands_for_everything_below_it(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    for query in (
        {"office": desk.office.pk},
        {"export": export.number},
        {"custodian": desk.custodian.pk},
        {"conversation": export.conversations.get().pk},
    ):
        response = officer.get(reverse("search"), {"q": "manifest", **query})
        assert len(response.context["hits"]) == 2, query


def test_others_do_not_find_it(sign_in: Callable[..., Client], export: MessageExport) -> None:
    client = sign_in(office=Desk().office)
    assert client.get(reverse("search"), {"q": "manifest"}).context["hits"] == []


@pytest.mark.parametrize("role", ["custodian", "auditor", "administrator"])
def test_a_role_without_content_is_told_why(
    sign_in: Callable[..., Client], export: MessageExport, role: str
) -> None:
    response = sign_in(role).get(reverse("search"), {"q": "manifest"})
    assert response.status_code == 200
    words = response.content.decode()
    assert "your role does not" in words
    assert "<mark>" not in words


def test_no_search_breaks_the_page(officer: Client, export: MessageExport) -> None:
    for typed in NASTY[::4]:
        typed = typed.encode("utf-8", "replace").decode()
        assert officer.get(reverse("search"), {"q": typed, "after": typed}).status_code == 200, (
            typed
        )
    for query in ({}, {"q": ""}, {"q": "\U0001f600"}, {"q": "-manifest"}, {"kind": "nothing"}):
        assert officer.get(reverse("search"), query).status_code == 200
