"""Logs of Wickr bots and exports made on computers (Signal, iMessage) as rows: conversations, findings, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.models import Attachment, Finding
from tests.environment import ROOT
from tests.formats.archive_maker import Part, build
from tests.formats.memory import members_of
from tests.records.exports import Desk

pytestmark = pytest.mark.django_db
SAMPLES = ROOT / "tests" / "formats" / "samples"


def packed(folder: Path) -> bytes:
    """A folder as an archive."""
    return build(
        *(Part(name.encode(), data, flags=1 << 11) for name, data in members_of(folder).items())
    )


@pytest.mark.parametrize(
    ("sample", "entries"),
    [
        ("wickr/aws_room.log", 22), ("wickr/enterprise_direct.log", 15), ("wickr/older_pretty.log", 4),
        ("signal/data.json", 14), ("signal/chat.md", 14), ("signal/index.html", 13), ("signal/desktop_tables.json", 21),
        ("imessage/Night shift - 12.txt", 16), ("imessage/Night shift - 12.html", 9),
    ],
)  # fmt: skip
def test_messages_become_rows(sample: str, entries: int) -> None:
    path = SAMPLES / sample
    export = Desk().read(path.read_bytes(), name=path.name)
    assert export.state == "ready"
    assert export.messages.count() == entries
    assert export.bytes_owned == path.stat().st_size


def test_log_in_parts_has_its_files_and_shows_what_is_missing() -> None:
    export = Desk().read(packed(SAMPLES / "wickr" / "parts"), name="wickr.zip")
    assert export.state == "ready"
    assert [row.body for row in export.messages.order_by("seq")] == ["one", "", "two", "three"]
    assert {row.name: row.state for row in Attachment.objects.filter(export=export)} == {
        "a.txt": "present"
    }
    found = {finding.rule: finding for finding in Finding.objects.filter(export=export)}
    assert found["missing_parts"].detail["numbers"] == [3]
    assert found["missing_parts"].count == 1
    assert found["original_missing"].detail["messages"] == 1
    assert found["message_expiry"].code == "EXPIRY"
