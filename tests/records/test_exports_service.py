"""Handing in, answering, correcting, filing and judging: who may, what is refused, and that each leaves one event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from portal.jobs.models import Job
from portal.vault.models import Reception, StoredFile
from records.models import MessageExport
from records.services import exports, filing, findings
from tests.factories import (
    ConversationFactory,
    CustodianFactory,
    ExportFactory,
    FindingFactory,
    OfficeFactory,
    RoleFactory,
    ScheduleItemFactory,
    UserFactory,
)
from tests.records.exports import Desk, chat

QUESTION = {
    "code": "date_order",
    "words": "Which?",
    "choices": [{"value": "dmy"}, {"value": "mdy"}],
}


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_handing_in_enters_export_reception_job_and_one_event(desk: Desk) -> None:
    received = desk.hand_in(chat(3), collected_by="Field office", channel="api")
    assert not received.already_held
    assert received.export.number.startswith("EXP-")
    reception = Reception.objects.get()
    assert (reception.channel, reception.collected_by) == ("api", "Field office")
    assert Job.objects.get().subject_id == str(received.export.pk)
    assert actions() == ["export.received"]


def test_same_bytes_in_the_same_office_are_the_same_export_with_a_new_reception(desk: Desk) -> None:
    first = desk.hand_in(chat(3))
    second = desk.hand_in(chat(3), name="copy.txt")
    assert second.already_held
    assert second.export == first.export
    assert list(Reception.objects.values_list("name", flat=True)) == [
        "WhatsApp Chat with Team.txt",
        "copy.txt",
    ]
    assert actions() == ["export.received", "export.received_again"]
    assert Job.objects.count() == 1


def test_same_bytes_in_another_office_are_another_export_of_one_sealed_file(desk: Desk) -> None:
    first, second = desk.hand_in(chat(3)).export, Desk().hand_in(chat(3)).export
    assert first.pk != second.pk
    assert first.stored_file == second.stored_file
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_uploads_of_one_file_at_once_make_one_export_and_fifty_receptions() -> None:
    desk = Desk()
    data = chat(30)

    def upload(number: int) -> bool:
        try:
            return desk.hand_in(data, name=f"{number}.txt").already_held
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        held = list(pool.map(upload, range(50)))
    assert held.count(False) == 1
    assert MessageExport.objects.count() == Job.objects.count() == 1
    assert Reception.objects.count() == 50
    assert AuditEvent.objects.filter(action="export.received_again").count() == 49


def test_person_without_a_role_there_is_refused_and_nothing_is_sealed(desk: Desk) -> None:
    elsewhere = RoleFactory(role="liaison").user
    for actor in (UserFactory(), elsewhere):
        with pytest.raises(Refused):
            exports.receive(
                iter([b"x"]), "a.txt", office=desk.office, custodian=desk.custodian, tool=desk.tool,
                account="official", time_zone="", actor=actor,
            )  # fmt: skip
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "E-ZONE"),
        ({"account": "borrowed"}, "E-ACCOUNT"),
    ],
)
def test_wrong_word_is_refused_with_a_code(desk: Desk, told: dict[str, str], code: str) -> None:
    with pytest.raises(UserError) as refusal:
        desk.hand_in(b"x", **told)
    assert refusal.value.code == code
    assert refusal.value.next_step


def test_custodian_of_another_office_is_refused(desk: Desk) -> None:
    with pytest.raises(UserError, match="not a custodian") as refusal:
        desk.hand_in(b"x", custodian=CustodianFactory(office=OfficeFactory()))
    assert refusal.value.code == "E-CUSTODIAN"


def test_empty_file_is_refused(desk: Desk) -> None:
    with pytest.raises(UserError) as refusal:
        desk.hand_in(b"")
    assert refusal.value.code == "V-EMPTY"
    assert not MessageExport.objects.exists()


def waiting(desk: Desk) -> MessageExport:
    return ExportFactory(
        office=desk.office, custodian=desk.custodian, state="needs_answer", questions=[QUESTION]
    )


def test_answer_has_the_export_read_with_it(desk: Desk) -> None:
    export = exports.answer(waiting(desk), {"date_order": "dmy"}, actor=desk.liaison)
    export.refresh_from_db()
    assert (export.state, export.answers, export.questions) == (
        "received",
        {"date_order": "dmy"},
        [],
    )
    assert Job.objects.get().subject_id == str(export.pk)
    assert actions() == ["export.answered"]


@pytest.mark.parametrize(
    ("answers", "code"), [({}, "E-ANSWER-MISSING"), ({"date_order": "xyz"}, "E-ANSWER")]
)
def test_answer_that_is_missing_or_none_of_the_choices_is_refused(
    desk: Desk, answers: dict[str, str], code: str
) -> None:
    with pytest.raises(UserError) as refusal:
        exports.answer(waiting(desk), answers, actor=desk.liaison)
    assert refusal.value.code == code


def test_second_answer_is_a_conflict(desk: Desk) -> None:
    export = waiting(desk)
    again = MessageExport.objects.get(pk=export.pk)
    exports.answer(export, {"date_order": "dmy"}, actor=desk.liaison)
    with pytest.raises(Conflict):
        exports.answer(again, {"date_order": "mdy"}, actor=desk.liaison)
    assert actions() == ["export.answered"]


def test_custodian_may_hand_in_but_not_answer(desk: Desk) -> None:
    custodian = RoleFactory(office=desk.office, role="custodian").user
    with pytest.raises(Refused):
        exports.answer(waiting(desk), {"date_order": "dmy"}, actor=custodian)


def test_correction_tells_what_was_changed_and_why(desk: Desk) -> None:
    export = desk.hand_in(chat(3)).export
    exports.correct(export, account="personal", reason="His own phone.", actor=desk.liaison)
    export.refresh_from_db()
    assert export.account == "personal"
    detail = AuditEvent.objects.get(action="export.corrected").detail
    assert detail == {
        "changes": {"account": {"from": "official", "to": "personal"}},
        "reason": "His own phone.",
    }


def test_correction_without_reason_or_change_is_refused(desk: Desk) -> None:
    export = desk.hand_in(chat(3)).export
    for reason, account in ((" ", "personal"), ("Why not", "official")):
        with pytest.raises(UserError):
            exports.correct(export, account=account, reason=reason, actor=desk.liaison)
    assert actions() == ["export.received"]


def test_time_zone_cannot_change_under_a_running_worker(desk: Desk) -> None:
    export = desk.hand_in(chat(3)).export
    with pytest.raises(Conflict):
        exports.correct(export, time_zone="America/Denver", reason="x", actor=desk.liaison)


def test_conversation_is_filed_under_an_office_and_an_item_or_none(desk: Desk) -> None:
    export = ExportFactory(office=desk.office, custodian=desk.custodian)
    conversation, item = ConversationFactory(export=export), ScheduleItemFactory()
    filing.file(conversation, office=desk.office, schedule_item=item, actor=desk.liaison)
    filing.file(conversation, office=desk.office, schedule_item=None, actor=desk.liaison)
    conversation.refresh_from_db()
    assert conversation.schedule_item is None
    assert conversation.filed_by == desk.liaison
    assert actions() == ["conversation.filed", "conversation.filed"]
    with pytest.raises(Refused):
        filing.file(conversation, office=OfficeFactory(), schedule_item=item, actor=desk.liaison)


def test_dismissal_needs_a_reason_and_confirmation_does_not(desk: Desk) -> None:
    finding = FindingFactory(export__office=desk.office, export__custodian=desk.custodian)
    with pytest.raises(UserError):
        findings.judge(finding, "dismissed", " ", actor=desk.liaison)
    findings.judge(finding, "confirmed", "", actor=desk.liaison)
    findings.judge(finding, "dismissed", "Test message.", actor=desk.liaison)
    finding.refresh_from_db()
    assert (finding.state, finding.judgement, finding.judged_by) == (
        "dismissed",
        "Test message.",
        desk.liaison,
    )
    assert actions() == ["finding.judged", "finding.judged"]


def test_two_people_cannot_judge_one_finding_at_once(desk: Desk) -> None:
    finding = FindingFactory(export__office=desk.office, export__custodian=desk.custodian)
    other = type(finding).objects.get(pk=finding.pk)
    findings.judge(finding, "confirmed", "", actor=desk.liaison)
    with pytest.raises(Conflict):
        findings.judge(other, "dismissed", "No.", actor=desk.liaison)
