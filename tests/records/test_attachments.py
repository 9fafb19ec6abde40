"""Attachments examined by the worker: what they are, what the scanner says, pictures; killed, resumed, read again."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from PIL import Image

from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from portal.jobs import queue
from portal.jobs.models import Job
from records.attachments.thumbnails import SIDE
from records.ingest import examination
from records.lifecycles import EXAMINE
from records.models import Attachment, FileContent, MessageExport, Thumbnail
from records.services import attachments, custody, exports
from tests.attachments import samples
from tests.attachments.clamd_process import ClamdProcess
from tests.environment import free_port
from tests.factories import RoleFactory
from tests.processes import wait_for
from tests.records.exports import Desk, archive, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def clamd() -> Iterator[ClamdProcess]:
    with ClamdProcess() as process:
        yield process


def export_with(desk: Desk, files: dict[str, bytes], *missing: str) -> MessageExport:
    """An export that names files, holds those and lacks some; it was read, and nobody has looked at the files."""
    named = [*files, *missing]
    lines = [
        f"01/{20 + number % 9}/21, 08:{number:02} - Ana Ruiz: {name} (file attached)\n"
        for number, name in enumerate(named)
    ]
    lines.append("01/31/21, 09:00 - Bob Lee: end\n")
    return desk.read(archive("".join(lines).encode(), files), name="chat.zip")


def open_job(export: MessageExport) -> Job:
    states = ["queued", "running"]
    return Job.objects.get(kind=EXAMINE, subject_id=str(export.pk), state__in=states)


def examine(export: MessageExport) -> Job:
    job = open_job(export)
    queue.run(str(job.pk), examination.run)
    job.refresh_from_db()
    return job


def test_reading_an_export_with_files_queues_their_examination_and_does_not_wait(
    desk: Desk,
) -> None:
    export = export_with(desk, {"IMG-1.jpg": samples.image()})
    assert export.state == "ready"
    assert open_job(export).state == "queued"
    assert export.attachments.get().content is None


def test_an_export_without_files_queues_nothing(desk: Desk) -> None:
    export = export_with(desk, {}, "IMG-1.jpg")
    assert not Job.objects.filter(kind=EXAMINE, subject_id=str(export.pk)).exists()


def test_each_file_gets_hash_size_type_and_length(desk: Desk) -> None:
    files = {
        "IMG-1.jpg": samples.image(),
        "PTT-1.opus": samples.opus(61_500),
        "DOC-1.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "AUD-1.xyz": b"\x00\x01\x02",
    }
    export = export_with(desk, files, "IMG-9.jpg")
    assert examine(export).state == "done"
    rows = {row.name: row for row in export.attachments.select_related("content")}
    for name, data in files.items():
        content = rows[name].content
        assert content is not None
        assert (content.sha256, content.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert rows["IMG-1.jpg"].content.media_type == "image/jpeg"
    assert rows["PTT-1.opus"].content.duration_ms == 61_500
    assert rows["PTT-1.opus"].content.duration == "1:02"
    assert rows["AUD-1.xyz"].content.media_type == "application/octet-stream"
    assert rows["IMG-9.jpg"].content is None


def test_equal_files_share_what_is_known_of_their_bytes(desk: Desk) -> None:
    export = export_with(desk, {"IMG-1.jpg": b"\xff\xd8\xffsame", "IMG-2.jpg": b"\xff\xd8\xffsame"})
    examine(export)
    assert export.attachments.count() == 2
    assert FileContent.objects.filter(attachments__export=export).distinct().count() == 1


def test_a_name_that_contradicts_the_bytes_is_told(desk: Desk) -> None:
    export = export_with(desk, {"photo.jpg": b"MZ" + bytes(90), "real.jpg": samples.image()})
    examine(export)
    told = dict(export.attachments.values_list("name", "contradiction"))
    assert "Windows program" in told["photo.jpg"]
    assert told["real.jpg"] == ""


def test_a_picture_is_drawn_of_images_and_of_nothing_else(desk: Desk) -> None:
    svg = samples.OF_EACH_TYPE["image/svg+xml"]
    files = {
        "a.jpg": samples.image(),
        "b.svg": svg,
        "c.jpg": b"\xff\xd8\xffbroken",
        "d.html": b"<html>x",
    }
    export = export_with(desk, files)
    examine(export)
    rows = {row.name: row.content for row in export.attachments.select_related("content")}
    assert rows["a.jpg"].picture_width == SIDE
    with Image.open(io.BytesIO(bytes(Thumbnail.objects.get(content=rows["a.jpg"]).data))) as image:
        assert image.size == (rows["a.jpg"].picture_width, rows["a.jpg"].picture_height)
    assert Thumbnail.objects.filter(content__attachments__export=export).count() == 1
    assert rows["c.jpg"].picture_words
    assert rows["b.svg"].picture_words == "", "nobody even tried"


def put_inside(
    export: MessageExport, name: str, place: tuple[int, int], **told: object
) -> Attachment:
    """A file whose content stands inside the text, as formats of mails and MMS enter it."""
    return Attachment.objects.create(
        export=export, seq=1, name=name, state="present", offset=place[0], length=place[1], **told
    )


@pytest.mark.parametrize("packed", [False, True])
def test_content_inside_the_text_is_decoded_where_it_stands(desk: Desk, packed: bool) -> None:
    files = [samples.image(), samples.opus(3_000), b"plain words"]
    texts = [base64.b64encode(each) for each in files[:2]] + [files[2]]
    lines = [
        b"01/2%d/21, 08:00 - Ana Ruiz: " % number + text + b"\n"
        for number, text in enumerate(texts)
    ]
    text = b"".join(lines)
    export = desk.read(archive(text, {}), name="c.zip") if packed else desk.read(text)
    rows = [
        put_inside(export, f"part {number}", (text.index(each), len(each)), encoding=encoding)
        for number, (each, encoding) in enumerate(zip(texts, ["base64", "base64", ""], strict=True))
    ]
    rows.append(put_inside(export, "cut", (len(text) - 4, 400)))
    rows.append(put_inside(export, "torn", (text.index(texts[0]) + 1, 401), encoding="base64"))
    examination.ask_for(export)
    assert examine(export).state == "done"
    for row, data in zip(rows, files, strict=False):
        row.refresh_from_db()
        assert row.content is not None, row.unreadable
        assert row.content.sha256 == hashlib.sha256(data).hexdigest()
    assert rows[1].content.duration_ms == 3_000
    told = dict(
        Attachment.objects.filter(export=export, content=None).values_list("name", "unreadable")
    )
    assert "ends before" in told["cut"]
    assert "base64" in told["torn"]


def test_a_damaged_file_is_told_and_the_others_are_examined(desk: Desk) -> None:
    good, bad = samples.image(), bytes(range(256)) * 8
    packed = bytearray(
        archive(b"01/20/21, 08:00 - A: b.bin (file attached)\n" * 2, {"b.bin": bad, "a.jpg": good})
    )
    packed[packed.index(bad) + 700] ^= 1
    export = desk.read(bytes(packed), name="c.zip")
    assert examine(export).state == "done"
    broken = export.attachments.filter(name="b.bin").first()
    assert broken.content is None
    assert broken.unreadable
    assert export.attachments.get(name="a.jpg").content.media_type == "image/jpeg"


def test_without_a_scanner_every_file_says_so(desk: Desk) -> None:
    export = export_with(desk, {"IMG-1.jpg": samples.image()})
    examine(export)
    content = export.attachments.get().content
    assert (content.scan, content.scan_words, content.scanned_at) == (
        "not_scanned", "No scanner is set up.", None,
    )  # fmt: skip


def test_the_scanner_s_verdict_is_kept_with_its_signatures_and_time(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = clamd.url
    files = {"a.jpg": samples.image(), "b.txt": samples.EICAR, "c.bin": b"PLEASE-EXCEED-LIMITS"}
    export = export_with(desk, files)
    examine(export)
    rows = {row.name: row.content for row in export.attachments.select_related("content")}
    assert {name: row.scan for name, row in rows.items()} == {
        "a.jpg": "clean", "b.txt": "infected", "c.bin": "not_scanned",
    }  # fmt: skip
    assert rows["b.txt"].scan_words == "Eicar-Test-Signature"
    assert "27500" in rows["a.jpg"].scan_signatures
    assert rows["a.jpg"].scanned_at is not None
    assert rows["c.bin"].scanned_at is None
    event = AuditEvent.objects.get(action="export.attachments_examined")
    assert event.detail["scans"] == {"clean": 1, "infected": 1, "not_scanned": 1}
    assert event.detail["infected"] == [rows["b.txt"].sha256]


def test_a_scanner_that_is_away_makes_nothing_clean_and_takes_no_verdict_back(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    export = export_with(desk, {"b.txt": samples.EICAR, "h.txt": b"hello"})
    examine(export)
    scans = export.attachments.values_list("content__scan", "content__scan_words")
    assert set(scans) == {("not_scanned", "The scanner could not be reached.")}
    settings.CLAMD_URL = clamd.url
    attachments.scan_again(export, actor=desk.liaison)
    examine(export)
    assert set(export.attachments.values_list("content__scan", flat=True)) == {"infected", "clean"}
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    attachments.scan_again(export, actor=desk.liaison)
    examine(export)
    assert set(export.attachments.values_list("content__scan", flat=True)) == {"infected", "clean"}


def test_a_scanner_that_hangs_up_is_not_asked_for_ever(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = clamd.url
    files = {f"{number}.txt": b"PLEASE-HANG-UP %d" % number for number in range(5)}
    export = export_with(desk, files)
    examine(export)
    told = export.attachments.values_list("content__scan_words", flat=True)
    assert set(told) == {"The scanner could not be reached."}


def test_reading_again_does_not_let_an_infected_file_out(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = clamd.url
    export = export_with(desk, {"b.txt": samples.EICAR})
    examine(export)
    exports.read_again(export, actor=desk.liaison)
    work(export)
    fresh = export.attachments.select_related("content", "export__office").get()
    with pytest.raises(Conflict, match="waits for the scanner"):
        custody.copy_attachment(fresh, actor=desk.liaison)
    settings.CLAMD_URL = ""
    with pytest.raises(Conflict, match="waits for the scanner"):
        custody.copy_attachment(fresh, actor=desk.liaison)
    examine(export)
    fresh = export.attachments.select_related("content", "export__office").get()
    assert fresh.content.infected
    with pytest.raises(Refused, match="quarantine"):
        custody.copy_attachment(fresh, actor=desk.liaison)


def test_a_copy_out_of_quarantine_needs_the_permission_and_a_reason_and_is_noted(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = clamd.url
    export = export_with(desk, {"b.txt": samples.EICAR, "h.txt": b"hello"})
    examine(export)
    officer = RoleFactory(role="records_officer", office=desk.office).user
    infected = export.attachments.get(name="b.txt")
    with pytest.raises(Refused):
        custody.copy_from_quarantine(infected, reason="Counsel asked.", actor=desk.liaison)
    with pytest.raises(UserError, match="needs a reason"):
        custody.copy_from_quarantine(infected, reason="  ", actor=officer)
    with pytest.raises(Conflict):
        custody.copy_from_quarantine(
            export.attachments.get(name="h.txt"), reason="x", actor=officer
        )
    assert not AuditEvent.objects.filter(action="export.quarantine_opened").exists()
    custody.copy_from_quarantine(infected, reason="Counsel asked.", actor=officer)
    event = AuditEvent.objects.get(action="export.quarantine_opened")
    assert event.detail["reason"] == "Counsel asked."
    assert event.detail["sha256"] == hashlib.sha256(samples.EICAR).hexdigest()


def test_another_scan_is_asked_for_once_and_by_those_who_may(
    desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    export = export_with(desk, {"h.txt": b"hello"})
    with pytest.raises(UserError, match="No scanner is set up"):
        attachments.scan_again(export, actor=desk.liaison)
    settings.CLAMD_URL = clamd.url
    with pytest.raises(Conflict):
        attachments.scan_again(export, actor=desk.liaison)
    examine(export)
    first = FileContent.objects.get(attachments__export=export).scanned_at
    with pytest.raises(Refused):
        attachments.scan_again(export, actor=RoleFactory(role="auditor", office=desk.office).user)
    attachments.scan_again(export, actor=desk.liaison)
    examine(export)
    assert FileContent.objects.get(attachments__export=export).scanned_at > first
    assert AuditEvent.objects.filter(action="export.attachments_rescanned").count() == 1


def test_the_command_queues_scans(
    desk: Desk, clamd: ClamdProcess, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    export = export_with(desk, {"h.txt": b"hello"})
    examine(export)
    settings.CLAMD_URL = clamd.url
    with pytest.raises(CommandError):
        call_command("scan_attachments")
    with pytest.raises(CommandError):
        call_command("scan_attachments", "EXP-1999-0001")
    call_command("scan_attachments", "--not-scanned")
    assert f"{export.number}: queued" in capsys.readouterr().out
    examine(export)
    call_command("scan_attachments", "--not-scanned")
    assert capsys.readouterr().out == ""
    call_command("scan_attachments", export.number)
    call_command("scan_attachments", "--all")
    assert "being examined already" in capsys.readouterr().out


def test_an_export_that_waits_to_be_read_goes_first(desk: Desk) -> None:
    export = export_with(desk, {f"{number}.jpg": b"\xff\xd8\xff%d" % number for number in range(3)})
    waiting = desk.hand_in(b"01/25/21, 08:00 - Ana Ruiz: one\n").export
    job = examine(export)
    assert (job.state, job.attempts) == ("queued", 0)
    assert export.attachments.exclude(content=None).count() == 0
    work(waiting)
    assert examine(export).state == "done"
    assert export.attachments.filter(content=None).count() == 0


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_worker_that_ends_in_the_middle_is_followed_by_one_that_does_the_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_with(desk, {f"{number}.bin": b"%d" % number for number in range(9)})
    monkeypatch.setattr(examination, "MOST_KEPT", 2)
    real, seen = examination.facts_of, []

    def until_killed(pieces: Iterator[bytes]) -> object:
        if len(seen) == 5:
            raise Killed
        seen.append(1)
        return real(pieces)

    monkeypatch.setattr(examination, "facts_of", until_killed)
    job = open_job(export)
    with pytest.raises(Killed):
        queue.run(str(job.pk), examination.run)
    assert export.attachments.exclude(content=None).count() == 4
    Job.objects.filter(pk=job.pk).update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(examination, "facts_of", lambda pieces: seen.append(1) or real(pieces))
    assert queue.run(str(job.pk), examination.run)
    assert export.attachments.filter(content=None).count() == 0
    assert len(seen) == 5 + 5, "what was committed is not looked at again"


def test_a_worker_given_up_for_dead_writes_nothing_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_with(desk, {"a.bin": b"a", "b.bin": b"b"})
    real = examination.facts_of

    def overtaken(pieces: Iterator[bytes]) -> object:
        Job.objects.filter(kind=EXAMINE).update(token=99)
        return real(pieces)

    monkeypatch.setattr(examination, "facts_of", overtaken)
    assert not queue.run(str(open_job(export).pk), examination.run)
    assert export.attachments.exclude(content=None).count() == 0
    assert not FileContent.objects.exists()


def test_attachments_that_come_while_the_job_runs_are_examined_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_with(desk, {"a.txt": b"a"})
    draw, added = examination.Examination._draw, []

    def and_then_one_more(self: examination.Examination, files: object) -> None:
        draw(self, files)
        if not added:
            added.append(put_inside(export, "late", (0, 5)))

    monkeypatch.setattr(examination.Examination, "_draw", and_then_one_more)
    assert examine(export).state == "done"
    added[0].refresh_from_db()
    assert added[0].content is not None or added[0].unreadable


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_in_the_middle_loses_and_doubles_nothing(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOB_LEASE_SECONDS = 0.3
    monkeypatch.setattr(examination, "MOST_KEPT", 5)
    files = {f"{number}.bin": os.urandom(200_000) for number in range(60)}
    export = export_with(Desk(), files)
    job = open_job(export)
    done = export.attachments.exclude(content=None)
    connections.close_all()
    process = os.fork()
    if process == 0:
        queue.run(str(job.pk), examination.run)
        os._exit(0)
    wait_for(lambda: done.count() >= 10, "the first outcomes")
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    wait_for(lambda: queue.run(str(job.pk), examination.run), "the lease to lapse")
    job.refresh_from_db()
    assert job.state == "done"
    assert done.count() == len(files)
    assert set(done.values_list("content__sha256", flat=True)) == {
        hashlib.sha256(data).hexdigest() for data in files.values()
    }
    assert AuditEvent.objects.filter(action="export.attachments_examined").count() == 1


def test_exports_read_before_there_was_an_examination_are_queued_by_the_migration(
    desk: Desk,
) -> None:
    with_files, without = export_with(desk, {"a.txt": b"a"}), export_with(desk, {}, "a.txt")
    Job.objects.all().delete()
    migration = import_module("records.migrations.0009_examine_attachments_read_before")
    migration._queue(apps, None)
    assert [job.subject_id for job in Job.objects.all()] == [str(with_files.pk)]
    assert examine(with_files).state == "done"
    assert without.state == "ready"
