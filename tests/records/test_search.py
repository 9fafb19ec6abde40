"""Search: what a person types, the same answer from both databases, and no input that breaks it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from records import highlight, search
from records.models import Message
from tests.factories import (
    ConversationFactory,
    MessageFactory,
    OfficeFactory,
    ParticipantFactory,
    RoleFactory,
    UserFactory,
)

DAY = 86_400_000_000


def index() -> None:
    """What ingest does after loading; PostgreSQL keeps its index itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_message_text(records_message_text) VALUES('rebuild')"
            )


@pytest.fixture
def office(db: None) -> Any:
    return OfficeFactory()


@pytest.fixture
def officer(office: Any) -> Any:
    return RoleFactory(office=office).user


@pytest.fixture
def conversation(office: Any) -> Any:
    conversation = ConversationFactory(export__office=office)
    ana = ParticipantFactory(conversation=conversation, name="Ana")
    bo = ParticipantFactory(conversation=conversation, name="Bo")
    lines = [
        (ana, "The manifest is on the shared drive"),
        (bo, "delete the manifest"),
        (ana, "We keep the shared files; nobody deletes"),
        (bo, "STRASSE caf\u00e9 and caf\u00c9"),
        (None, "Messages are end-to-end encrypted"),
    ]
    for number, (sender, body) in enumerate(lines, 1):
        MessageFactory(
            conversation=conversation,
            participant=sender,
            kind="text" if sender else "encryption",
            body=body,
            seq=number,
            local=number * DAY,
        )
    index()
    return conversation


def found(user: Any, typed: str, **narrowing: object) -> list[int]:
    within = search.Narrowing(**narrowing)  # type: ignore[arg-type]
    query = search.understand(typed)
    listed = search.matching(user, query, within).values_list("seq", flat=True)
    hits = [row.seq for row in search.find(user, query, within).rows]
    assert sorted(listed) == sorted(hits)
    return hits


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("manifest", [2, 1]),
        ("MANIFEST", [2, 1]),
        ("shared drive", [1]),
        ("drive shared", [1]),
        ('"shared drive"', [1]),
        ('"drive shared"', []),
        ("manifest -delete", [1]),
        ("drive or deletes", [3, 1]),
        ("delete", [2]),
        ("caf\u00e9", [4]),
        ("cafe", []),
        ("-manifest", []),
        ("", []),
        ("nothing of the kind", []),
        ('"the shared', [3, 1]),
        ("the AND manifest", []),
        ("encrypted", [5]),
    ],
)
def test_what_is_typed_finds_the_same_on_both_databases(
    officer: Any, conversation: Any, typed: str, expected: list[int]
) -> None:
    assert found(officer, typed) == expected


def test_search_narrows_by_place_person_time_and_kind(
    officer: Any, office: Any, conversation: Any
) -> None:
    export = conversation.export
    assert found(officer, "the", office_ids=(office.pk,)) == [3, 2, 1]
    assert found(officer, "the", office_ids=(office.pk + 1000,)) == []
    assert found(officer, "the", custodian_id=export.custodian_id) == [3, 2, 1]
    assert found(officer, "the", conversation_id=conversation.pk + 1) == []
    assert found(officer, "the", export_id=export.pk, sender="bo") == [2]
    assert found(officer, "the", first_day=date(1970, 1, 3), last_day=date(1970, 1, 3)) == [2]
    assert found(officer, "encrypted or manifest", kind="encryption") == [5]


def test_a_common_word_is_narrowed_the_same_way(
    officer: Any, conversation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "COMMON", 1)
    monkeypatch.setattr(search, "COUNT_UP_TO", 0)
    assert found(officer, "the", sender="bo") == [2]
    assert found(officer, "the", kind="text", export_id=conversation.export_id) == [3, 2, 1]
    assert found(officer, "the", conversation_id=conversation.pk, last_day=date(1970, 1, 3)) == [
        2,
        1,
    ]
    assert found(officer, "encrypted", kind="encryption") == [5]


def test_search_finds_nothing_outside_of_the_reach(conversation: Any) -> None:
    elsewhere = RoleFactory().user
    assert found(elsewhere, "manifest") == []
    assert found(UserFactory(), "manifest") == []


@pytest.mark.parametrize("role", ["custodian", "auditor", "administrator", "nara_reviewer"])
def test_a_role_without_message_content_finds_nothing(
    office: Any, conversation: Any, role: str
) -> None:
    assert found(RoleFactory(role=role, office=office).user, "manifest") == []


NASTY = [
    "'", '"', '""', '"""', "''", "\\", "\\\\", "%", "_", "*", "a*", "*a", "^a", "a^", "a:b", "body:a", "body : a",
    "{body}: a", "{a b}: c", "a + b", "+a", "a +", "NEAR(a b)", "NEAR(a b, 5)", "NEAR", "near a", "AND", "OR", "NOT",
    "a AND", "AND a", "a OR", "OR a", "a NOT", "NOT a", "a NOT b", "or", "or or", "or or a", "a or", "a or or b",
    "(", ")", "()", "(a", "a)", "((a)", "(a))", "a(b", "[a]", "{a}", "<a>", "<->", "a <-> b", "a & b", "a | b", "!a",
    "a & ", "& a", "|", "!", "!!", "a:*", "a:ABCD", ":*", ":", "::", "-", "--", "---a", "-a", "- a", "a -", '-"', '-"a',
    '-"a"', '"a', 'a"', '"a" b"', 'a "b', '"-a"', '"" a', '"*"', '"("', "\x00", "a\x00b", "\x01\x02",
    "\ud800", "a\udfff",
    "\u0000\u0001", "\ufeff", "\u202ea", "\u200b", "\u00ad", "\U0001f600", "a \U0001f600", "\U0001f600\U0001f600",
    "\u4f60\u597d", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd",
    "\u0928\u092e\u0938\u094d\u0924\u0947",
    "e\u0301", "\u0130", "\u00df", "\ufb03", "\u00b2", "\u2167", "1", "-1", "3.14", "1e9", "0x1f", "1,000", "12:30",
    "a@b.com", "http://a.b/c?d=e&f=g#h", "/etc/passwd", "C:\\a", "a-b", "a_b", "don't", "a'b''c", "; DROP TABLE x; --",
    "' OR 1=1 --", "%s", "%(a)s", "{0}", "${a}", "$1", "?", "?1", ":name", "@p", "#", "~", "`a`", "a" * 5000,
    "a " * 3000, '"' * 999, "-a " * 400, "or " * 400, "(" * 500, "\t\n\r", "a\nb", "\u2028", "\u0301",
]  # fmt: skip


def test_there_are_more_than_120_nasty_searches() -> None:
    assert len(set(NASTY)) >= 120


def test_no_input_makes_search_fail(officer: Any, conversation: Any) -> None:
    for typed in NASTY:
        query = search.understand(typed)
        results = search.find(officer, query, search.Narrowing(sender=typed))
        assert results.total >= 0, typed
        wanted = highlight.pattern(query.phrases)
        for row in search.find(officer, query).rows:
            assert highlight.excerpt(row.text, wanted)  # type: ignore[attr-defined]


@pytest.fixture
def many(officer: Any, office: Any) -> list[int]:
    conversation: Any = ConversationFactory(export__office=office)
    rows: list[Any] = [
        Message(
            export=conversation.export,
            conversation=conversation,
            seq=number,
            kind="text",
            body=f"word {number % 7}",
            written="",
            local=None if number % 10 == 0 else (number * 37 % 211) * DAY,
            offset=0,
            length=1,
        )
        for number in range(1, 1301)
    ]
    Message.objects.bulk_create(rows)
    index()
    timed = sorted(
        (row for row in rows if row.local is not None), key=lambda row: (-row.local, -row.seq)
    )
    untimed = sorted((row for row in rows if row.local is None), key=lambda row: -row.seq)
    return [row.seq for row in timed + untimed]


@pytest.mark.parametrize("common", [50_000, 100])
@pytest.mark.parametrize("typed", ["word", '"word 3"'])
def test_pages_walk_all_hits_in_both_directions(
    officer: Any, many: list[int], typed: str, common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "COMMON", common)
    monkeypatch.setattr(search, "FIRST", common)
    query = search.understand(typed)
    expected = [seq for seq in many if typed == "word" or seq % 7 == 3]
    forwards, mark, pages = [], "", []
    while True:
        page = search.find(officer, query, after=mark, size=40)
        pages.append([row.seq for row in page.rows])
        forwards += pages[-1]
        if not page.after:
            break
        mark = page.after
    assert forwards == expected
    assert page.total == (1001 if typed == "word" else len(expected))
    for earlier in reversed(pages[:-1]):
        page = search.find(officer, query, before=page.before, size=40)
        assert [row.seq for row in page.rows] == earlier
    assert page.before == ""


@pytest.mark.parametrize("mark", ["x", "1", ".", "1.x", "9" * 40 + ".1", ".\u0661", "a.b", "1.1.1"])
def test_a_mark_that_is_none_of_ours_gives_the_first_page(
    officer: Any, conversation: Any, mark: str
) -> None:
    query = search.understand("manifest")
    assert [row.seq for row in search.find(officer, query, after=mark).rows] == [2, 1]


def test_highlighted_pieces_joined_are_the_text() -> None:
    wanted = highlight.pattern(["shared drive", "a"])
    text = "A Shared,  DRIVE <b>a</b> cat a"
    pieces = highlight.segments(text, wanted)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.hit] == ["A", "Shared,  DRIVE", "a", "a"]


def test_an_excerpt_shows_the_first_hit_of_a_long_text() -> None:
    text = "lorem ipsum " * 4000 + "needle " + "dolor sit " * 4000
    pieces = highlight.excerpt(text, highlight.pattern(["needle"]))
    assert [piece.text for piece in pieces if piece.hit] == ["needle"]
    assert sum(len(piece.text) for piece in pieces) < 360
    assert pieces[0].text == pieces[-1].text[::-1] == "\u2026 "
