"""The conversation page: order and paging, jumps, filters, what stands beside an entry, raw bytes, files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.vault import store
from records.models import ConversationDay, MessageExport
from tests.formats.archive_maker import Part, build
from tests.records.exports import Desk, archive, chat

COUNT = 900


@pytest.fixture
def export(desk: Desk) -> MessageExport:
    return desk.read(chat(COUNT))


def address(export: MessageExport) -> str:
    return reverse("conversation-detail", args=[export.number, 0])


def shown(client: Client, export: MessageExport, **query: Any) -> list[int]:
    response = client.get(address(export), query, follow=True)
    assert response.status_code == 200
    return [int(seq) for seq in re.findall(r'<article[^>]* id="e(\d+)"', response.content.decode())]


@pytest.mark.parametrize("newest_first", [False, True])
def test_newer_and_older_pages_show_every_entry_once(
    officer: Client, export: MessageExport, newest_first: bool
) -> None:
    export.conversations.update(newest_first=newest_first)
    forwards, response = [], officer.get(address(export))
    while True:
        forwards += [each.row.seq for day in response.context["page"].days for each in day.entries]
        if "newer" not in response.context["links"]:
            break
        response = officer.get(f"{address(export)}?{response.context['links']['newer']}")
    ordinals = range(1, COUNT + 1)
    assert forwards == list(reversed(ordinals) if newest_first else ordinals)
    backwards: list[int] = []
    response = officer.get(address(export), {"end": 1})
    while True:
        backwards = [
            each.row.seq for day in response.context["page"].days for each in day.entries
        ] + backwards
        if "older" not in response.context["links"]:
            break
        response = officer.get(f"{address(export)}?{response.context['links']['older']}")
    assert backwards == forwards


def test_an_entry_is_reached_with_what_came_before_it(
    officer: Client, export: MessageExport
) -> None:
    page = shown(officer, export, at=300)
    assert page == list(range(280, 380))
    words = officer.get(address(export), {"at": 300}).content.decode()
    assert re.search(r'custos-entry--target[^>]* id="e300"', words)
    assert shown(officer, export, at=1)[0] == 1
    assert shown(officer, export, at=COUNT)[-1] == COUNT


def test_a_day_is_reached_also_when_nothing_was_written_on_it(
    officer: Client, export: MessageExport
) -> None:
    days = list(ConversationDay.objects.filter(conversation__export=export))
    assert len(days) > 1
    assert shown(officer, export, day=days[1].day.isoformat())[0] == days[1].first_seq
    assert shown(officer, export, day="1999-01-01")[0] == 1
    assert shown(officer, export, day="2199-01-01")[-1] == COUNT


def test_a_day_is_reached_at_its_heading(officer: Client, export: MessageExport) -> None:
    day = ConversationDay.objects.filter(conversation__export=export).order_by("day")[1].day
    answer = officer.get(address(export), {"day": day.isoformat()})
    path, _, fragment = answer["Location"].partition("#")
    assert fragment == f"day-{day}"
    page = officer.get(path).content.decode()
    assert page.count(f' id="{fragment}" tabindex="-1"') == 1
    assert 'id="asked"' not in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2199-01-01", "No entry here has the date January 1, 2199 or a later one. The last one has"),
        ("1999-01-01", "No entry here has the date January 1, 1999. The next one has"),
        ("", "That is no day of the calendar."),
        ("2021-13-45", "That is no day of the calendar."),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_reached_is_answered_by_a_sentence(
    officer: Client, export: MessageExport, day: str, words: str
) -> None:
    answer = officer.get(address(export), {"day": day})
    path, _, fragment = answer["Location"].partition("#")
    assert fragment == "asked"
    page = officer.get(path).content.decode()
    assert 'id="asked" tabindex="-1"' in page
    assert words in page


def test_a_day_of_a_file_from_new_to_old_is_reached_at_its_heading(
    officer: Client, desk: Desk
) -> None:
    noons = [datetime(2024, 3, day, 12 + hour, tzinfo=UTC) for day in (1, 2, 5) for hour in (3, 5)]
    messages = [
        {"sender_name": "Ann", "timestamp_ms": int(noon.timestamp() * 1000), "content": "hi"}
        for noon in reversed(noons)
    ]
    people = [{"name": "Ann"}, {"name": "Ben"}]
    told = {
        "participants": people,
        "messages": messages,
        "title": "Ben",
        "thread_path": "inbox/ben_1",
    }
    place = b"your_facebook_activity/messages/inbox/ben_1/message_1.json"
    packed = build(Part(place, json.dumps(told, indent=2).encode()))
    export = desk.read(packed, name="download.zip")
    assert export.conversations.get().newest_first
    days = [each.day for each in ConversationDay.objects.filter(conversation__export=export)]
    assert len(days) == 3
    for day in days:
        answer = officer.get(address(export), {"day": day.isoformat()})
        path, _, fragment = answer["Location"].partition("#")
        page = officer.get(path).content.decode()
        headings = re.findall(r'<h2 class="custos-day__heading" id="([^"]+)" tabindex="-1"', page)
        assert headings[0] == fragment == f"day-{day}"


def test_filing_is_offered_again_once_it_is_filed(officer: Client, export: MessageExport) -> None:
    assert ">File it</a>" in officer.get(address(export)).content.decode()
    export.conversations.update(filed_at=timezone.now())
    assert ">File again</a>" in officer.get(address(export)).content.decode()
    page = officer.get(reverse("export-conversations", args=[export.number])).content.decode()
    assert "File again <span" in page


def test_a_day_of_the_month_with_one_entry_says_so(officer: Client, desk: Desk) -> None:
    page = officer.get(address(desk.read(chat(1)))).content.decode()
    assert '<span class="usa-sr-only">, 1 entry</span>' in page


def test_a_day_under_a_filter_is_answered_by_a_sentence(
    officer: Client, export: MessageExport
) -> None:
    """The filter may have taken every entry of the day away, and its heading with them."""
    day = ConversationDay.objects.filter(conversation__export=export).order_by("day")[1].day
    answer = officer.get(address(export), {"day": day.isoformat(), "kind": "text"})
    path, _, fragment = answer["Location"].partition("#")
    assert (fragment, "kind=text" in path) == ("asked", True)
    assert f"Entries from {day:%B} {day.day}, {day.year} on." in officer.get(path).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"at": "x"}, {"at": "-5"}, {"at": "9" * 30}, {"from": "1e3"}, {"before": ""}, {"day": "2021-13-45"},
        {"month": "0000-00"}, {"month": "9999-12"}, {"month": "x"}, {"kind": "\x00"}, {"sender": "1'"},
        {"at": "\u0661"}, {"kind": "x" * 5000},
    ],
)  # fmt: skip
def test_no_address_breaks_the_page(
    officer: Client, export: MessageExport, query: dict[str, str]
) -> None:
    assert officer.get(address(export), query, follow=True).status_code == 200


def test_filters_by_kind_and_sender_keep_their_order(
    officer: Client, export: MessageExport
) -> None:
    for kind in ("deleted_by_other", "media_omitted", "text"):
        expected = list(
            export.messages.filter(kind=kind).order_by("seq").values_list("seq", flat=True)
        )
        assert shown(officer, export, kind=kind) == expected[:100]
        assert shown(officer, export, kind=kind, end=1) == expected[-100:]
    sender = export.conversations.get().participants.order_by("name").first()
    assert sender is not None
    own = list(
        export.messages.filter(participant=sender).order_by("seq").values_list("seq", flat=True)
    )
    assert shown(officer, export, sender=sender.pk) == own[:100]
    assert shown(officer, export, sender=sender.pk, kind="view_once") == []


def test_a_page_takes_the_same_number_of_queries_wherever_it_is(
    officer: Client, export: MessageExport
) -> None:
    counts = set()
    officer.get(address(export))
    for query in ({"from": 1}, {"from": 200}, {"before": 400}):
        with CaptureQueriesContext(connection) as queries:
            officer.get(address(export), query)
        counts.add(len(queries))
    assert max(counts) <= 18
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("role", ["custodian", "auditor", "administrator", "nara_reviewer"])
def test_content_is_for_those_who_may_read_it(
    sign_in: Callable[..., Client], export: MessageExport, role: str
) -> None:
    client = sign_in(role)
    assert client.get(address(export)).status_code == 403
    assert client.get(reverse("message-raw", args=[export.number, 0, 1])).status_code == 403


def test_another_office_s_conversation_does_not_exist(officer: Client, desk: Desk) -> None:
    export = Desk().read(archive(chat(5), {"IMG-1.jpg": b"x"}))
    file = export.attachments.get()
    for name, args in (
        ("conversation-detail", [export.number, 0]),
        ("conversation-file", [export.number, 0]),
        ("message-raw", [export.number, 0, 1]),
        ("attachment-download", [export.number, file.pk]),
        ("export-original", [export.number]),
    ):
        assert officer.get(reverse(name, args=args)).status_code == 404, name


def test_raw_bytes_are_exactly_those_of_the_file(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    with store.open_sealed(export.stored_file) as file:
        data = file.read()
    for seq in (1, 200, COUNT):
        entry = export.messages.get(seq=seq)
        page = officer.get(reverse("message-raw", args=[export.number, 0, seq]))
        piece = page.context["piece"]
        assert (
            bytes.fromhex("".join(line.hexadecimal for line in piece.lines).replace(" ", ""))
            == (data[entry.offset : entry.offset + entry.length])
        )
        assert piece.lines[0].offset == entry.offset


def test_raw_bytes_of_a_long_entry_come_in_parts(officer: Client, desk: Desk) -> None:
    body = b"1/20/21, 09:00 - A: " + b"long " * 4000 + b"\n1/20/21, 09:01 - B: end\n"
    export = desk.read(body)
    got, start = b"", 0
    while True:
        piece = officer.get(
            reverse("message-raw", args=[export.number, 0, 1]), {"from": start}
        ).context["piece"]
        got += bytes.fromhex("".join(line.hexadecimal for line in piece.lines).replace(" ", ""))
        if piece.later is None:
            break
        start = piece.later
    assert got == body[: export.messages.get(seq=1).length]
    words = officer.get(address(export)).content.decode()
    assert "Only the beginning is shown" in words
    assert len(words) < 60_000


def test_raw_bytes_beside_an_entry_are_a_fragment(officer: Client, export: MessageExport) -> None:
    words = officer.get(
        reverse("message-raw", args=[export.number, 0, 2]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in words
    assert "custos-hex" in words


def test_raw_bytes_inside_an_archive_and_its_files(officer: Client, desk: Desk) -> None:
    line = b"1/20/21, 09:00 - A: IMG-20210120-WA0001.jpg (file attached)\n"
    other = b"1/20/21, 09:01 - A: IMG-20210120-WA0002.jpg (file attached)\n"
    picture = b"\xff\xd8\xff" + b"<script>" * 400
    export = desk.read(archive(line + other + chat(20), {"IMG-20210120-WA0001.jpg": picture}))
    piece = officer.get(reverse("message-raw", args=[export.number, 0, 1])).context["piece"]
    assert piece.text.startswith("1/20/21, 09:00 - A: IMG")
    words = officer.get(address(export)).content.decode()
    assert "Named, but not in the export" in words
    present = export.attachments.get(state="present")
    response = officer.get(reverse("attachment-download", args=[export.number, present.pk]))
    assert b"".join(response.streaming_content) == picture
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert AuditEvent.objects.filter(action="export.attachment_copied").count() == 1
    missing = export.attachments.get(state="missing")
    assert (
        officer.get(reverse("attachment-download", args=[export.number, missing.pk])).status_code
        == 404
    )


def test_message_text_is_shown_and_never_run(officer: Client, desk: Desk) -> None:
    hostile = "<script>alert(1)</script> {{ frame.agency }} {% debug %} \u202egnp.exe"
    data = f"1/20/21, 09:00 - <b>Eve</b>\u202e: {hostile}\n1/20/21, 09:01 - B: needle {hostile}\n".encode()
    export = desk.read(data, name=f"{hostile}.txt"[:200])
    for path in (
        address(export),
        reverse("message-raw", args=[export.number, 0, 1]),
        f"{reverse('search')}?q=needle",
        reverse("conversation-file", args=[export.number, 0]),
    ):
        words = officer.get(path).content.decode()
        assert "<script>alert" not in words, path
        assert "<b>Eve" not in words, path
        assert "\u202e" not in words, path
        assert (
            "{{ frame.agency }}" in words or "conversation-file" in path or path.endswith("/file/")
        ), path


def test_an_entry_shows_its_findings_and_doubts(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(COUNT))
    finding = export.findings.filter(cited__isnull=False).order_by("number").first()
    assert finding is not None
    cited = finding.cited.order_by("seq").first()
    assert cited is not None
    words = officer.get(address(export), {"at": cited.seq}).content.decode()
    article = words.split(f'id="e{cited.seq}"')[1].split("</article>")[0]
    assert reverse("finding-detail", args=[export.number, finding.number]) in article
