"""Exports that hold their files inside the text: rows of messages, and of files with their place."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from records.models import Attachment
from tests.environment import ROOT
from tests.records.exports import Desk

pytestmark = pytest.mark.django_db
SAMPLES = ROOT / "tests" / "formats" / "samples"


@pytest.mark.parametrize(
    ("sample", "entries", "files"),
    [
        ("sms_backup/messages.xml", 13, {"gate.png": "present", "clip.mp4": "left_out"}),
        ("sms_backup/calls.xml", 6, {}),
        ("mail/attachment.eml", 1, {"gate.png": "present", "caf\u00e9.bin": "present"}),
        ("mail/box.mbox", 3, {}),
        ("ufed/report.xml", 10, {"gate.jpg": "missing", "clip.mp4": "left_out"}),
    ],
)
def test_messages_and_files_become_rows(sample: str, entries: int, files: dict[str, str]) -> None:
    path = Path(SAMPLES / sample)
    export = Desk().read(path.read_bytes(), name=path.name)
    assert export.state == "ready"
    assert export.messages.count() == entries
    assert export.bytes_owned == path.stat().st_size
    rows = Attachment.objects.filter(export=export)
    assert {row.name: row.state for row in rows} == files


def test_file_inside_the_text_is_found_by_its_row() -> None:
    data = (SAMPLES / "sms_backup" / "messages.xml").read_bytes()
    export = Desk().read(data, name="sms.xml")
    row = Attachment.objects.get(export=export, state="present")
    content = base64.b64decode(data[row.offset : row.offset + row.length])
    assert content.startswith(b"\x89PNG")


def test_what_a_database_refuses_in_a_header_is_replaced() -> None:
    data = (
        b"From: =?utf-8?Q?a=00b?= <a@example.gov>\nTo: b@example.gov\nDate: Mon, 4 Mar 2024 12:00:00 +0000\n"
        b"Subject: =?utf-8?Q?c=00d?=\n\nx\n"
    )
    export = Desk().read(data, name="a.eml")
    message = export.messages.get()
    assert message.detail["subject"] == "c\u2400d"
