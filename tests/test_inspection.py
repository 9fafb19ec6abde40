"""`inspect`: the whole way from bytes to findings, without a database, on real exports."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from records.formats.base import Entry, Kind, Problem, Rejected
from records.formats.source import open_source
from records.inspection import inspect
from records.reading import Reading, read_export
from tests.environment import CORPUS, ROOT
from tests.formats.archive_maker import CHAT, Part, build

EXPECTED: dict[str, dict[str, Any]] = {}
if (CORPUS / "expected.json").exists():
    EXPECTED = json.loads((CORPUS / "expected.json").read_text("utf-8"))
READABLE = sorted(key for key in EXPECTED if not EXPECTED[key].get("status"))
FORMATS = {
    "W": "whatsapp", "T": "telegram", "S": "slack", "X": "sms_backup", "D": "discord", "M": "messenger",
    "R": "rsmf", "E": "mail", "G": "signal",
}  # fmt: skip

TIMER = (
    b"23/03/2022, 13:31 - Ann turned on disappearing messages. New messages will disappear from this "
    b"chat 7 days after they're sent, except when kept.\n"
    b"23/03/2022, 13:32 - Ann: One\n"
    b"24/03/2022, 09:00 - Ben: Two\nand a second line\n"
    b"25/03/2022, 10:00 - Ben turned off disappearing messages.\n"
    b"26/03/2022, 10:00 - Ann: You deleted this message\n"
)

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(data: bytes, name: str = "WhatsApp Chat with Ann.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return save


def report_of(path: Path, **answers: str) -> dict[str, Any]:
    report: dict[str, Any] = inspect(path, path.name, answers)
    json.dumps(report)
    return report


def real(corpus: Path, key: str) -> Path:
    path = corpus / key / EXPECTED[key]["file"]
    assert isinstance(path, Path)
    return path


@pytest.mark.parametrize("key", READABLE)
def test_real_export_is_reported_as_it_was_counted_by_hand(corpus: Path, key: str) -> None:
    want = EXPECTED[key]
    path = real(corpus, key)
    report = report_of(path)
    assert report["format"] == FORMATS[key[0]]
    for field in ("entries", "authors", "authorless", "date_order", "first", "last"):
        if field in want:
            assert report[field] == want[field], field
    kinds = report["kinds"]
    assert {kind: kinds.get(kind) for kind in want.get("kinds", {})} == want.get("kinds", {})
    deleted = ("deleted", "deleted_by_exporter", "deleted_by_other")
    if "deleted_total" in want:
        assert sum(kinds.get(kind, 0) for kind in deleted) == want["deleted_total"]
    assert report["bytes"]["total"] == report["bytes"]["owned"]
    assert report["bytes"]["total"] == want["bytes"] or path.suffix in (".zip", ".rsmf")
    assert report["sha256"] == want["sha256"]
    assert sum(kinds.values()) == report["entries"]


def test_real_exports_that_break_their_format_are_refused_or_partly_read(corpus: Path) -> None:
    manifest = report_of(real(corpus, "R01"))
    assert manifest["verdict"] == "rejected"
    assert "participant" in manifest["problems"][0]["words"]
    messages = report_of(real(corpus, "X04"))
    assert messages["verdict"] == "partly_read"
    assert messages["bytes"]["unread"] == 126  # from the element that never ends


def test_messages_that_a_real_export_declares_and_does_not_hold_are_told(corpus: Path) -> None:
    found = {item["rule"]: item for item in report_of(real(corpus, "X03"))["findings"]}
    assert found["count_mismatch"]["count"] == EXPECTED["X03"]["declared"] - 8


def test_gaps_in_a_real_iphone_export_are_found_where_the_other_phone_shows_deletions(
    corpus: Path,
) -> None:
    report = report_of(real(corpus, "W02"))
    (gap,) = [item for item in report["findings"] if item["rule"] == "ordinal_gaps"]
    assert gap["count"] == gap["detail"]["places"] == 3
    assert [item["high"] for item in gap["detail"]["gaps"]] == [42, 46, 55]


def test_real_android_export_shows_its_losses(corpus: Path) -> None:
    found = {item["rule"]: item for item in report_of(real(corpus, "W03"))["findings"]}
    assert found["media_omitted"]["count"] == 27
    assert found["view_once"]["count"] == 2
    assert "messages_deleted" in found


def test_undecided_date_order_is_asked_and_answered(corpus: Path) -> None:
    path = real(corpus, "W21")
    report = report_of(path)
    assert report["verdict"] is None
    assert [question["code"] for question in report["questions"]] == ["date_order"]
    assert len(report["questions"][0]["choices"]) >= 2
    answered = report_of(path, date_order="dmy")
    assert answered["questions"] == []
    assert answered["date_order"] == "dmy"
    assert answered["first"] is not None


def test_real_export_in_an_archive_reads_the_same(corpus: Path, save: Save) -> None:
    for key in ("W01", "W03", "W07"):
        data = real(corpus, key).read_bytes()
        plain = report_of(save(data, "_chat.txt"))
        packed = report_of(save(build(Part(b"_chat.txt", data)), "WhatsApp Chat - A.zip"))
        for field in ("entries", "authors", "kinds", "first", "last", "bytes", "date_order"):
            assert packed[field] == plain[field]


def test_attachments_are_matched_with_the_archive(corpus: Path, save: Save) -> None:
    path = real(corpus, "W02")
    with open_source(path) as source:
        reading = read_export(source)
        assert isinstance(reading, Reading)
        named = [e.attachment for e in reading.stream() if isinstance(e, Entry) and e.attachment]
    assert len(named) == 13
    chat = Part(b"_chat.txt", path.read_bytes())
    media = [Part(name.encode(), name.encode(), flags=1 << 11) for name in named]
    extra = Part(b"00000041-PHOTO-2022-03-27-21-47-00.jpg", b"x")
    report = report_of(save(build(chat, *media[1:], extra), "WhatsApp Chat - A.zip"))
    found = {(item["rule"], item["code"]): item for item in report["findings"]}
    assert found["media_missing", "MEDIA_MISSING"]["detail"]["names"] == named[:1]
    assert found["media_missing", "MEDIA_OMITTED"]["count"] == 1
    assert found["media_unnamed", "MEDIA_ORPHAN"]["first"] == "2022-03-27T21:47:00"
    assert report["verdict"] in ("accepted", "with_warnings")


def test_timer_and_deletion_come_with_their_entries(save: Save) -> None:
    report = report_of(save(TIMER))
    found = {item["rule"]: item for item in report["findings"]}
    span = found["timer_spans"]
    assert (span["code"], span["entries"]) == ("TIMER_ON", [1, 4])
    assert span["detail"] == {
        "seconds": 604_800, "actor": "Ann", "ended_by": "Ben", "entries": 2, "open": False,
    }  # fmt: skip
    assert (span["first"], span["last"]) == ("2022-03-23T13:31:00", "2022-03-25T10:00:00")
    assert found["messages_deleted"]["entries"] == [5]
    assert report["verdict"] == "accepted"
    assert (report["entries"], report["authors"], report["authorless"]) == (5, 2, 2)


def test_damaged_attachment_is_a_problem_and_the_messages_are_read(save: Save) -> None:
    photo = Part(b"photo.jpg", b"0123456789", method=0, packed=b"9876543210")
    report = report_of(save(build(Part(data=TIMER), photo), "a.zip"))
    assert report["entries"] == 5
    assert report["verdict"] == "partly_read"
    (problem,) = [item for item in report["problems"] if item["severity"] == "error"]
    assert problem["code"] == "Z-CRC"
    assert "photo.jpg" in problem["words"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "F-EMPTY"), (b"Dear Sir,\nno.", "F-UNKNOWN"), (b"\xff\xd8\xff\xe0 photo", "F-PHOTO"),
     (build(Part(b"a.jpg")), "Z-NO-CHAT"), (build(Part())[:-3], "Z-TRUNCATED"),
     (build(Part(method=0, packed=CHAT[::-1])), "Z-CRC")],
)  # fmt: skip
def test_what_cannot_be_read_is_reported_with_code_and_next_step(
    save: Save, data: bytes, code: str
) -> None:
    report = report_of(save(data))
    assert report["verdict"] == "rejected"
    (problem,) = report["problems"]
    assert problem["code"] == code
    assert len(problem["words"]) > 40
    assert report["bytes"] == {"total": len(data), "owned": 0, "unread": 0}
    assert report["entries"] == 0
    assert report["kinds"] == {}


def test_answer_that_the_file_disproves_is_refused(corpus: Path) -> None:
    report = report_of(real(corpus, "W01"), date_order="dmy")
    assert report["verdict"] == "rejected"
    assert report["problems"][0]["code"] == "W-ORDER-CONTRADICTED"


def test_unknown_time_zone_is_refused_with_a_code(save: Save) -> None:
    report = report_of(save(TIMER), time_zone="Mars/Base")
    assert report["verdict"] == "rejected"
    assert report["problems"][0]["code"]


def test_stream_gives_entries_in_order_and_the_summary_at_its_end(save: Save) -> None:
    path = save(TIMER)
    with open_source(path) as source:
        reading = read_export(source, {"time_zone": "America/Chicago"})
        assert isinstance(reading, Reading)
        items = list(reading.stream())
        assert reading.summary.complete
        assert reading.summary.sha256 == hashlib.sha256(TIMER).hexdigest()
    entries = [item for item in items if isinstance(item, Entry)]
    assert [item.seq for item in entries] == [1, 2, 3, 4, 5]
    assert [item.kind for item in entries][:1] == [Kind.TIMER_ON]
    assert all(item.sent is not None for item in entries)
    assert [item for item in items if isinstance(item, Problem)] == reading.summary.problems


def test_stream_that_is_broken_off_has_no_findings(save: Save) -> None:
    with open_source(save(TIMER)) as source:
        reading = read_export(source)
        assert isinstance(reading, Reading)
        next(reading.stream())
        assert not reading.summary.complete
        assert reading.summary.findings == []


def test_archive_damaged_in_its_chat_text_is_rejected_before_any_entry(save: Save) -> None:
    lines = b"".join(b"23/03/2022, 13:31 - Ann: %d\n" % number for number in range(20_000))
    data = build(Part(b"_chat.txt", lines, method=0, packed=lines[:-2] + b"x\n"))
    with open_source(save(data, "a.zip")) as source, pytest.raises(Rejected, match="Z-CRC"):
        read_export(source)


MEASURE = """
import resource, sys
from records.formats.source import open_source
from records.reading import read_export
for path in sys.argv[1:]:
    with open_source(path) as source:
        assert read_export(source).run().entries > 1000
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_export(save: Save) -> None:
    body = "and so the quick brown fox went on and on " * 8
    days = [
        "".join(f"{day:02d}/03/2022, 13:31 - Ann: {n} {body}\n" for n in range(900))
        for day in range(1, 29)
    ]
    small = save("".join(days[:20]).encode(), "small.txt")
    large = save("".join(day * 6 for day in days).encode(), "large.txt")
    assert large.stat().st_size > 50_000_000
    command = [sys.executable, "-c", MEASURE, str(small), str(large)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    after_small, after_large = map(int, done.stdout.split())
    assert after_large - after_small < 8 * 1024  # KiB


def test_command_needs_no_database_and_prints_one_object(save: Save) -> None:
    environ = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "inspect", str(save(TIMER)), "--json"],
        cwd=ROOT, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    wanted = {
        "format", "entries", "authors", "authorless", "kinds", "date_order", "first", "last",
        "bytes", "problems", "questions", "findings",
    }  # fmt: skip
    assert wanted <= report.keys()
    assert report["kinds"]["timer_on"] == 1


def run_command(*arguments: str) -> tuple[object, str]:
    printed = io.StringIO()
    try:
        call_command("inspect", *arguments, stdout=printed)
    except SystemExit as done:
        return done.code, printed.getvalue()
    return 0, printed.getvalue()


def test_command_tells_a_custodian_in_plain_words(save: Save) -> None:
    code, printed = run_command(str(save(TIMER)), "--time-zone", "America/Chicago")
    assert code == 0
    assert "Result: Read completely." in printed
    assert "Ann turned on the message timer on March 23, 2022" in printed


def test_command_exits_2_for_a_question_and_3_for_a_rejection(save: Save) -> None:
    path = save(b"1/2/23, 10:00 - Ann: x\n1/2/23, 10:01 - Ben: y\n")
    code, printed = run_command(str(path))
    assert code == 2
    assert "--date-order dmy" in printed
    assert run_command(str(path), "--date-order", "dmy")[0] == 0
    code, printed = run_command(str(save(b"no export")))
    assert code == 3
    assert "F-UNKNOWN" in printed


def test_command_says_when_there_is_no_such_file() -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        run_command("no such file.txt")


def test_command_shows_no_character_that_steers_a_terminal(save: Save) -> None:
    _, printed = run_command(str(save(b"\x1b[31m", "a\x1b[2J\u202e.txt")))
    assert "F-UNKNOWN" in printed
    assert "\x1b" not in printed
    assert "\u202e" not in printed
