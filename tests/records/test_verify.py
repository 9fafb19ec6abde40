"""`manage.py verify` finds one changed byte, row or event, and says where it is."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal.audit import checkpoints
from portal.audit.models import AuditEvent
from portal.vault import store
from portal.vault.models import FixityCheck
from records.models import Finding, Message, MessageExport, Participant, Problem
from tests.databases import guards_lifted
from tests.records.exports import Desk, chat, search, table_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def verify(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    output = io.StringIO()
    try:
        call_command("verify", *arguments, stdout=output)
    except SystemExit as ended:
        return int(str(ended.code)), output.getvalue()
    return 0, output.getvalue()


@pytest.fixture
def export(desk: Desk, settings: object, tmp_path: Path) -> MessageExport:
    settings.VAULT_DIR = tmp_path / "vault"  # type: ignore[attr-defined]
    settings.CHECKPOINTS_FILE = tmp_path / "audit.jsonl"  # type: ignore[attr-defined]
    return desk.read(chat(400))


def test_untouched_portal_has_no_violations(export: MessageExport) -> None:
    code, printed = verify()
    assert code == 0, printed
    assert "1 sealed files and 1 exports checked: 0 violations, 0 notes" in printed
    assert FixityCheck.objects.filter(stored_file=export.stored_file, intact=True).count() == 2
    assert AuditEvent.objects.filter(action="portal.verified").count() == 1


def flip(path: Path, at: int) -> None:
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_flipped_byte_in_the_store_is_found(export: MessageExport) -> None:
    flip(store.path_of(export.stored_file.sha256), 5000)
    code, printed = verify()
    assert code == 1
    assert f"V-CHANGED  sealed file {export.stored_file.sha256}" in printed
    assert "I-DIGEST-FILE" in printed


def test_missing_sealed_file_is_found(export: MessageExport) -> None:
    store.path_of(export.stored_file.sha256).unlink()
    code, printed = verify()
    assert code == 1
    assert "V-MISSING" in printed


def test_file_that_no_row_knows_is_told_as_a_note(export: MessageExport) -> None:
    (store.path_of(export.stored_file.sha256).parents[2] / "copy.txt").write_bytes(b"whose?")
    code, printed = verify()
    assert code == 0
    assert "V-ORPHAN  store/copy.txt" in printed


def test_upload_that_was_cut_off_is_told_when_nobody_can_still_be_sending_it(
    export: MessageExport,
) -> None:
    folder = store.path_of(export.stored_file.sha256).parents[2]
    (folder / "incoming-now").write_bytes(b"an upload")
    left = folder / "incoming-left"
    left.write_bytes(b"rest of an upload")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(left, (two_days_ago, two_days_ago))
    code, printed = verify()
    assert code == 0
    assert "V-CUT-OFF  store/incoming-left" in printed
    assert "incoming-now" not in printed
    assert left.exists(), "nothing is swept"


def change(**values: object) -> Callable[[MessageExport], None]:
    return lambda export: Message.objects.filter(export=export, seq=123).update(**values)


def drop(export: MessageExport) -> None:
    Message.objects.filter(export=export, seq=123).delete()


def doubled(export: MessageExport) -> None:
    message = Message.objects.get(export=export, seq=400)
    message.pk, message.seq = None, 401
    message.save(force_insert=True)


def renamed(export: MessageExport) -> None:
    Participant.objects.filter(messages__export=export, messages__seq=123).update(
        name="Somebody Else"
    )


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (
            change(body="Something else"),
            "I-ROW-CHANGED  {number} entry 123: The row differs from the file in: body.",
        ),
        (
            change(sent_at=None),
            "I-ROW-CHANGED  {number} entry 123: The row differs from the file in: sent_at.",
        ),
        (
            change(kind="notice", doubt=4),
            "I-ROW-CHANGED  {number} entry 123: The row differs from the file in: kind, ",
        ),
        (drop, "I-ROW-CHANGED  {number} entry 123"),
        (doubled, "I-ROW-ADDED  {number} entry 401"),
        (renamed, "I-ROW-CHANGED  {number} entry"),
        (
            lambda export: Finding.objects.filter(export=export, number=1).update(count=1),
            "I-FINDING  {number} finding 1",
        ),
        (
            lambda export: Finding.objects.get(export=export, number=1).cited.first().delete(),
            "I-CITED",
        ),
        (
            lambda export: MessageExport.objects.filter(pk=export.pk).update(entries=399),
            "I-TOTAL  {number}",
        ),
        (
            lambda export: Problem.objects.create(
                export=export, code="W-X", severity="info", words="Not there."
            ),
            "I-PROBLEMS  {number}",
        ),
    ],
)
def test_changed_row_is_found_and_located(
    export: MessageExport, tamper: Callable[[MessageExport], None], told: str
) -> None:
    tamper(export)
    code, printed = verify()
    assert code == 1
    assert told.format(number=export.number) in printed


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its text index itself")
def test_text_index_that_does_not_match_is_found(export: MessageExport) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM records_message_text WHERE rowid = (SELECT max(id) FROM records_message)"
        )
    code, printed = verify()
    assert code == 1
    assert "I-TEXT-INDEX" in printed


@pytest.mark.django_db(transaction=True)
def test_changed_audit_event_is_found_and_located(export: MessageExport) -> None:
    with transaction.atomic(), guards_lifted(connection):
        AuditEvent.objects.filter(action="export.read").update(detail={"entries": 1})
        sequence = AuditEvent.objects.get(action="export.read").sequence
    code, printed = verify()
    assert code == 1
    assert f"A-CHANGED  audit event {sequence}" in printed


@pytest.mark.django_db(transaction=True)
def test_log_that_was_cut_before_its_checkpoint_is_found(export: MessageExport) -> None:
    checkpoints.write()
    with transaction.atomic(), guards_lifted(connection):
        AuditEvent.objects.filter(action="export.read").delete()
    code, printed = verify()
    assert code == 1
    assert "A-REWRITTEN" in printed


@pytest.mark.django_db(transaction=True)
def test_missing_guard_is_found(export: MessageExport) -> None:
    with guards_lifted(connection):
        code, printed = verify()
    assert code == 1
    assert "A-GUARD  trigger audit_auditevent_no_update" in printed


def test_rebuild_drops_the_rows_and_they_come_back_the_same(export: MessageExport) -> None:
    before = table_rows(export)
    Message.objects.filter(export=export, seq=123).update(body="tampered")
    code, printed = verify("--rebuild")
    assert code == 0, printed
    export.refresh_from_db()
    assert table_rows(export) == before
    assert export.generation == 2
    assert search("tampered") == []


def test_reread_reads_the_named_export_again(export: MessageExport) -> None:
    output = io.StringIO()
    call_command("reread", export.number, "--here", stdout=output)
    assert output.getvalue() == f"{export.number}: Ready\n"
    assert MessageExport.objects.get().generation == 2


def test_sample_checks_only_so_many(desk: Desk, export: MessageExport) -> None:
    desk.read(chat(10, seed=7))
    assert "1 sealed files and 1 exports checked" in verify("--sample", "1")[1]
