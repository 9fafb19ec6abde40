"""From a sealed file to rows and findings: what is written, and that it is written once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from portal.audit.models import AuditEvent
from portal.errors import Conflict
from portal.jobs import queue
from portal.jobs.models import Job
from portal.vault import store
from records import ingest
from records.models import Conversation, Finding, FindingEntry, Message, MessageExport
from records.services import exports, filing, findings
from tests.factories import ScheduleItemFactory
from tests.records.exports import Desk, archive, chat, last_job, search, table_rows, work

pytestmark = pytest.mark.django_db

TIMER = b"""\
01/20/21, 08:00 - Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can \
read or listen to them. Tap to learn more.
01/20/21, 08:01 - Ana Ruiz: first
01/20/21, 08:02 - Bob Lee turned on disappearing messages. New messages will disappear from this chat 7 days after \
they're sent.
01/21/21, 08:03 - Ana Ruiz: second
01/22/21, 08:04 - Bob Lee turned off disappearing messages.
"""
AMBIGUOUS = b"01/02/21, 08:00 - Ana Ruiz: one\n01/02/21, 08:01 - Bob Lee: two\n"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_entry_becomes_one_row_that_points_to_its_bytes(desk: Desk) -> None:
    data = chat(300)
    export = desk.read(data)
    rows = list(Message.objects.filter(export=export).order_by("seq"))
    assert export.state == "ready"
    assert [row.seq for row in rows] == list(range(1, 301))
    assert sum(row.length for row in rows) == len(data) == export.bytes_owned
    for row in rows:
        assert data[row.offset : row.offset + row.length].startswith(row.written.encode())
        assert row.body.encode() in data[row.offset : row.offset + row.length]


def test_backslash_tab_and_newline_come_back_as_they_stand_in_the_file(desk: Desk) -> None:
    body = "a\tb \\ c \\N \\n\nnext line\rx\u202f\U0001f600"
    export = desk.read(
        f"01/20/21, 08:00 - Ana Ruiz: {body}\n01/25/21, 08:00 - Bob Lee: \\N\n".encode()
    )
    assert [message.body for message in export.messages.order_by("seq")] == [body, "\\N"]


def test_what_a_database_refuses_is_replaced_and_the_rest_is_kept(desk: Desk) -> None:
    export = desk.read(
        b"01/20/21, 08:00 - Ana\x00Ruiz: a\x00b \xff c\n01/25/21, 08:00 - Bob Lee: fine\n"
    )
    assert [message.body for message in export.messages.order_by("seq")] == [
        "a\u2400b \ufffd c",
        "fine",
    ]
    assert set(export.conversations.get().participants.values_list("name", flat=True)) == {
        "Ana\u2400Ruiz",
        "Bob Lee",
    }


def test_times_are_told_in_utc_by_the_zone_that_was_said(desk: Desk) -> None:
    export = desk.read(chat(2, start=datetime(2021, 7, 20, 8, 0)), time_zone="America/Chicago")
    message = export.messages.get(seq=1)
    assert message.sent_at is not None
    assert message.local is not None
    clock = datetime.fromtimestamp(message.local / 1e6, UTC)
    assert (message.sent_at - clock).total_seconds() == 5 * 3600
    assert export.first_at == message.sent_at
    assert not export.problems.filter(code="T-ZONE-ASSUMED").exists()


def test_a_zone_that_nobody_said_is_assumed_and_shown(desk: Desk) -> None:
    export = desk.read(chat(20), time_zone="")
    problem = export.problems.get(code="T-ZONE-ASSUMED")
    assert "America/New_York" in problem.words
    assert export.verdict == "with_warnings"
    assert export.reading["time_zone_assumed"] is True
    assert export.problem_count == export.problems.count()


def test_an_hour_that_the_clock_change_repeats_is_told(desk: Desk) -> None:
    export = desk.read(
        chat(4, start=datetime(2021, 11, 7, 1, 20)) + b"12/25/21, 08:00 - Ana Ruiz: later\n"
    )
    assert "repeats" in export.problems.get(code="T-CLOCK-CHANGE").words


def test_participants_and_days_are_counted(desk: Desk) -> None:
    export = desk.read(chat(500))
    conversation = export.conversations.get()
    assert sum(conversation.participants.values_list("entries", flat=True)) == 500
    assert sum(conversation.days.values_list("entries", flat=True)) == 500
    for day in conversation.days.all():
        first = conversation.messages.get(seq=day.first_seq)
        assert first.local is not None
        assert datetime.fromtimestamp(first.local / 1e6, UTC).date() == day.day
    assert conversation.entries == export.entries == 500


def test_body_is_found_by_full_text_search_once_it_is_read(desk: Desk) -> None:
    data = chat(50) + b"02/20/21, 08:00 - Ana Ruiz: xylophone in the locker\n"
    desk.read(data)
    assert search("xylophone") == [51]


def test_findings_cite_their_entries(desk: Desk) -> None:
    export = desk.read(TIMER)
    finding = export.findings.get(code="TIMER_ON")
    assert list(finding.cited.order_by("seq").values_list("seq", flat=True)) == [3, 5]
    assert finding.first_at is not None
    assert export.finding_count == 1
    assert finding.conversation == export.conversations.get()


def test_attachments_are_present_missing_or_unnamed(desk: Desk) -> None:
    text = (
        b"01/20/21, 08:00 - Ana Ruiz: IMG-20210120-WA0001.jpg (file attached)\n"
        b"01/25/21, 08:00 - Bob Lee: IMG-20210120-WA0002.jpg (file attached)\n"
    )
    files = {"IMG-20210120-WA0001.jpg": b"\xff\xd8one", "IMG-20210120-WA0009.jpg": b"\xff\xd8nine"}
    export = desk.read(archive(text, files), name="WhatsApp Chat with Team.zip")
    assert list(export.attachments.order_by("id").values_list("seq", "name", "size", "state")) == [
        (1, "IMG-20210120-WA0001.jpg", 5, "present"),
        (2, "IMG-20210120-WA0002.jpg", 0, "missing"),
        (None, "IMG-20210120-WA0009.jpg", 6, "unnamed"),
    ]


def test_reading_writes_one_audit_event_and_ends_the_job(desk: Desk) -> None:
    export = desk.read(chat(20))
    events = AuditEvent.objects.filter(
        object_type="records.messageexport", object_id=str(export.pk)
    )
    assert sorted(events.values_list("action", flat=True)) == ["export.read", "export.received"]
    assert events.get(action="export.read").detail["rows_digest"] == export.rows_digest
    assert last_job(export).state == Job.State.DONE


def test_undecided_date_order_waits_for_an_answer_and_is_read_with_it(desk: Desk) -> None:
    export = desk.read(AMBIGUOUS)
    assert export.state == "needs_answer"
    assert [question["code"] for question in export.questions] == ["date_order"]
    assert not export.messages.exists()
    exports.answer(export, {"date_order": "dmy"}, actor=desk.liaison)
    work(export)
    assert export.state == "ready"
    assert export.reading["date_order"] == "dmy"
    assert datetime.fromtimestamp(export.messages.get(seq=1).local / 1e6, UTC).month == 2


def test_file_that_is_no_export_is_rejected_with_a_code_and_kept(desk: Desk) -> None:
    export = desk.read(b"\xff\xd8\xff\xe0" + bytes(2000), name="chat.txt")
    assert (export.state, export.rejection_code) == ("rejected", "F-PHOTO")
    assert export.rejection_words
    assert last_job(export).state == Job.State.DONE
    assert store.intact(export.stored_file) == (True, "")


def test_archive_that_proves_damaged_in_mid_stream_leaves_no_rows(desk: Desk) -> None:
    packed = bytearray(archive(chat(400), {}))
    packed[len(packed) // 2] ^= 1
    export = desk.read(bytes(packed), name="chat.zip")
    assert (export.state, export.rejection_code) == ("rejected", "Z-CRC")
    assert not export.messages.exists()
    assert not export.problems.exists()


def test_reading_again_gives_the_same_rows_and_keeps_filing_and_judgement(desk: Desk) -> None:
    export = desk.read(TIMER)
    before = table_rows(export)
    conversation, finding = export.conversations.get(), export.findings.get()
    item = ScheduleItemFactory()
    filing.file(conversation, office=desk.office, schedule_item=item, actor=desk.liaison)
    findings.judge(finding, "confirmed", "", actor=desk.liaison)
    exports.read_again(export, actor=desk.liaison)
    work(export)
    assert table_rows(export) == before
    assert export.generation == 2
    assert Conversation.objects.get(export=export).schedule_item == item
    assert Finding.objects.get(pk=finding.pk).state == "confirmed"
    assert search("first") == [2]


def test_finding_no_longer_seen_is_deleted_unless_somebody_judged_it(desk: Desk) -> None:
    export = desk.read(TIMER)
    kept = Finding.objects.create(
        export=export, key="a" * 64, number=7, rule="r", code="C", title="t", explanation="e", confidence="certain",
        state="confirmed",
    )  # fmt: skip
    gone = Finding.objects.create(
        export=export,
        key="b" * 64,
        number=8,
        rule="r",
        code="C",
        title="t",
        explanation="e",
        confidence="certain",
    )
    FindingEntry.objects.create(finding=gone, export=export, seq=1)
    exports.read_again(export, actor=desk.liaison)
    work(export)
    assert Finding.objects.get(pk=kept.pk).withdrawn
    assert not Finding.objects.filter(pk=gone.pk).exists()
    assert export.finding_count == 1


def test_bytes_that_changed_in_the_store_fail_the_job_and_leave_no_rows(desk: Desk) -> None:
    export = desk.hand_in(chat(100, seed=99)).export
    path = store.path_of(export.stored_file.sha256)
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    work(export)
    assert (export.state, export.rejection_code) == ("rejected", "I-BYTES-CHANGED")
    assert (last_job(export).state, last_job(export).error_code) == (
        Job.State.FAILED,
        "I-BYTES-CHANGED",
    )
    assert not export.messages.exists()
    assert not export.stored_file.fixity_checks.get().intact


def test_worker_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    export = desk.hand_in(chat(100)).export
    job = Job.objects.get(subject_id=str(export.pk))
    first = queue.take(job.pk)
    assert first is not None
    Job.objects.filter(pk=job.pk).update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    second = queue.take(job.pk)
    assert second is not None
    with pytest.raises(queue.LeaseLost):
        ingest.run(first)
    assert not export.messages.exists()
    ingest.run(second)
    assert export.messages.count() == 100


def test_unknown_error_fails_the_job_with_its_name_and_without_content(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = desk.hand_in(chat(100)).export

    def broken(*_: object) -> None:
        raise ValueError("secret words of a message")

    with monkeypatch.context() as patch:
        patch.setattr("records.ingest.batches.write", broken)
        with pytest.raises(ingest.ReadingFailed):
            work(export)
    job = last_job(export)
    assert job.state == Job.State.FAILED
    assert "ValueError" in job.error
    assert "secret" not in job.error
    export.refresh_from_db()
    assert export.state == "reading"
    exports.read_again(export, actor=desk.liaison)
    work(export)
    assert (export.state, export.messages.count()) == ("ready", 100)


def test_export_that_is_being_read_cannot_be_read_again(desk: Desk) -> None:
    export = desk.hand_in(chat(10)).export
    with pytest.raises(Conflict):
        exports.answer(export, {}, actor=desk.liaison)
    with pytest.raises(exports.Refused):
        exports.read_again(export, actor=desk.liaison)


def test_other_time_zone_has_the_export_read_again(desk: Desk) -> None:
    export = desk.read(chat(10))
    before = export.messages.get(seq=1).sent_at
    exports.correct(
        export, time_zone="America/Denver", reason="Phone was in El Paso.", actor=desk.liaison
    )
    work(export)
    after = export.messages.get(seq=1).sent_at
    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() == 3600
    assert MessageExport.objects.get(pk=export.pk).generation == 2


def test_times_that_cannot_be_true_are_told_with_the_first_entry(desk: Desk) -> None:
    export = desk.read(chat(4) + b"12/25/38, 08:00 - Ana Ruiz: from a clock that runs ahead\n")
    problem = export.problems.get(code="T-FUTURE")
    assert problem.seq == 5
    assert export.verdict == MessageExport.Verdict.WITH_WARNINGS
    assert not export.problems.filter(code="T-1970").exists()


def test_problems_of_the_last_batch_survive_a_worker_that_stops_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = chat(20) + b"01/21/21, 08:00 - Ana Ruiz: NUL \x00\n" + chat(3, seed=2)
    codes = list(Desk().read(text).problems.order_by("id").values_list("code", flat=True))
    assert "W-NUL" in codes
    export = desk.hand_in(text).export

    def stops(*_: object) -> None:
        raise OperationalError("the database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("records.ingest.worker.Ingest._complete", stops)
        work(export)
    assert export.written_through == 24
    Job.objects.filter(subject_id=str(export.pk)).update(lease_until=export.received_at)
    work(export)
    assert export.state == "ready"
    assert list(export.problems.order_by("id").values_list("code", flat=True)) == codes
