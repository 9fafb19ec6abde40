"""A table of messages that no known application writes: the page asks for its columns, then for what is left open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from records.formats.generic import mapping
from records.lifecycles import State
from records.models import MessageExport
from records.services import exports as services
from records.web.answer_words import said
from tests.records.exports import Desk, work

TABLE = b"When;Who;What\n03/04/2024 08:00;Ann;Hello\n05/06/2024 09:00;Ben;<b>Bye</b>\n"
COLUMNS = {
    "column_time": "When",
    "column_clock": "-",
    "column_sender": "Who",
    "column_recipients": "-",
    "column_body": "What",
    "column_conversation": "-",
    "column_id": "-",
    "column_file": "-",
}


@pytest.fixture
def export(desk: Desk) -> MessageExport:
    return desk.read(TABLE, name="messages.csv")


def address(export: MessageExport) -> str:
    return reverse("export-answer", args=[export.number])


def test_the_export_waits_and_the_page_shows_the_columns_with_their_values(
    officer: Client, export: MessageExport
) -> None:
    assert export.state == State.NEEDS_ANSWER
    page = officer.get(address(export))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Which column is what?" in text
    assert page.context["table"]["names"] == ["When", "Who", "What"]
    assert page.context["table"]["rows"][0] == ("03/04/2024 08:00", "Ann", "Hello")
    assert "&lt;b&gt;Bye" in text
    assert "<b>Bye" not in text
    # Nothing is chosen beforehand but "no column" where a table may do without.
    assert page.context["form"]["column_time"].initial == ""
    assert page.context["form"]["column_clock"].initial == "-"


def test_columns_then_layout_then_clock_and_the_messages_are_there(
    officer: Client, export: MessageExport
) -> None:
    assert officer.post(address(export), COLUMNS).status_code == 302
    work(export)
    assert [question["code"] for question in export.questions] == ["time_layout"]
    text = officer.get(address(export)).content.decode()
    assert "03/04/2024 08:00 is April 3, 2024, 08:00" in text
    assert "03/04/2024 08:00 is March 4, 2024, 08:00" in text
    officer.post(address(export), {"time_layout": "mdy"})
    work(export)
    assert [question["code"] for question in export.questions] == ["time_basis"]
    officer.post(address(export), {"time_basis": "zone"})
    work(export)
    assert export.state == State.READY
    rows = export.messages.order_by("seq").values_list("body", "written", "sent_at")
    assert [(body, written, f"{sent:%Y-%m-%d %H:%M}") for body, written, sent in rows] == [
        ("Hello", "03/04/2024 08:00", "2024-03-04 14:00"),
        ("<b>Bye</b>", "05/06/2024 09:00", "2024-05-06 14:00"),
    ]


def test_the_mapping_is_kept_with_the_export_and_in_the_audit_log(
    officer: Client, export: MessageExport
) -> None:
    officer.post(address(export), COLUMNS)
    export.refresh_from_db()
    assert export.answers == COLUMNS
    event = AuditEvent.objects.get(action="export.answered", object_id=str(export.pk))
    assert event.detail["answers"] == COLUMNS
    work(export)
    officer.post(address(export), {"time_layout": "dmy"})
    export.refresh_from_db()
    assert export.answers == {**COLUMNS, "time_layout": "dmy"}


@pytest.mark.parametrize(
    "change", [{"column_time": ""}, {"column_time": "Where"}, {"column_body": "-"}]
)
def test_an_answer_that_is_none_of_the_columns_is_not_taken(
    officer: Client, export: MessageExport, change: dict[str, str]
) -> None:
    response = officer.post(address(export), COLUMNS | change)
    assert response.status_code == 422
    export.refresh_from_db()
    assert (export.state, export.answers) == (State.NEEDS_ANSWER, {})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"column_time": "Who", "column_body": "Who"},
            "\u201cWho\u201d is chosen 3 times: for the time, the sender and the text",
        ),
        ({"column_body": "Who"}, "\u201cWho\u201d is chosen 2 times"),
        (
            {"column_time": "What", "column_body": "When"},
            "\u201cHello\u201d is not a date with a time of day",
        ),
    ],
)
def test_columns_that_cannot_be_right_are_refused_on_the_page_with_the_reason(
    officer: Client, export: MessageExport, change: dict[str, str], reason: str
) -> None:
    response = officer.post(address(export), COLUMNS | change)
    assert response.status_code == 422
    assert reason in response.content.decode()
    export.refresh_from_db()
    assert (export.state, export.answers) == (State.NEEDS_ANSWER, {})


def test_a_date_and_its_time_of_day_in_two_columns_are_taken(officer: Client, desk: Desk) -> None:
    data = b"Day;Hour;Who;What\n03/14/2024;08:00;Ann;Hello\n03/15/2024;09:00;Ben;Bye\n"
    export = desk.read(data, name="messages.csv")
    response = officer.post(address(export), COLUMNS | {"column_time": "Day"})
    assert "\u201c03/14/2024\u201d is not a date with a time of day" in response.content.decode()
    answers = COLUMNS | {"column_time": "Day", "column_clock": "Hour"}
    assert officer.post(address(export), answers).status_code == 302


def test_a_column_that_is_empty_in_the_rows_shown_is_left_to_the_reading(
    officer: Client, desk: Desk
) -> None:
    lone = [";".join(str(place) if at == place else "" for at in range(8)) for place in range(2, 7)]
    full = ["x;Ann;;;;;;2024-03-04T13:00:00Z"] * 9
    data = "\n".join(("A;Who;What;D;E;F;G;When", *lone, *full, "")).encode()
    export = desk.read(data, name="messages.csv")
    assert not any(row[7] for row in officer.get(address(export)).context["table"]["rows"])
    assert officer.post(address(export), COLUMNS).status_code == 302
    work(export)
    assert export.state == State.READY


def test_an_answer_by_another_way_is_asked_again_with_the_reason(
    officer: Client, export: MessageExport
) -> None:
    answers = COLUMNS | {"column_time": "What", "column_body": "When"}
    services.answer(export, answers, actor=export.received_by)
    work(export)
    assert export.state == State.NEEDS_ANSWER
    assert "holds no times" in officer.get(address(export)).content.decode()


def test_the_export_says_in_words_what_is_asked_and_what_was_answered(
    officer: Client, export: MessageExport
) -> None:
    detail = reverse("export-detail", args=[export.number])
    assert "both readings" not in officer.get(detail).content.decode()
    for answers in (COLUMNS, {"time_layout": "mdy"}, {"time_basis": "zone"}):
        officer.post(address(export), answers)
        work(export)
    answered = officer.get(detail).context["answered"]
    assert ("Column of the sender", "Who") in answered
    assert ("Column of the time of day", "none") in answered
    assert ("How the times are written", "Month first, then day") in answered
    assert not [label for label, _ in answered if label.startswith("column")]
    assert "column_" not in officer.get(detail).content.decode()


def test_recipients_stand_with_each_message_of_the_conversation(
    officer: Client, desk: Desk
) -> None:
    data = b"When,Who,Whom,What\n2024-03-04T13:00:00Z,Ann,<i>Ben</i>; Lee,Hello\n"
    export = desk.read(data, name="messages.csv")
    officer.post(address(export), COLUMNS | {"column_recipients": "Whom"})
    work(export)
    page = officer.get(reverse("conversation-detail", args=[export.number, 0])).content.decode()
    assert "To <bdi>&lt;i&gt;Ben&lt;/i&gt;; Lee</bdi>" in page


def test_each_question_about_a_column_has_words_for_its_answer() -> None:
    codes = [f"{mapping.PREFIX}{role.name}" for role in mapping.ROLES]
    labels = [label for label, _ in said(dict.fromkeys(codes, "When"))]
    assert all(label.startswith("Column of the ") for label in labels)
    assert len(set(labels)) == len(codes)


def test_our_own_column_names_are_read_without_a_question(desk: Desk) -> None:
    data = b"time,sender,body\n2024-03-04T08:00:00-06:00,Ann,Hello\n"
    export = desk.read(data, name="messages.csv")
    assert (export.state, export.entries) == (State.READY, 1)


def test_who_may_not_answer_cannot(sign_in: Callable[..., Client], export: MessageExport) -> None:
    assert sign_in("auditor").post(address(export), COLUMNS).status_code in (403, 404)
