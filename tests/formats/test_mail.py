"""Mail: messages, mailboxes, journal envelopes and texts archived as mail; each attachment a place in the file."""

from __future__ import annotations

import base64
import email
import json
import mailbox
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.formats.base import Kind, Sample, files_of
from records.formats.mail import Mail
from records.formats.mail.words import moment, seen
from records.inspection import inspect
from tests.formats.memory import Memory, Read, read, read_by

SAMPLES = Path(__file__).parent / "samples" / "mail"
ATTACHMENT = (SAMPLES / "attachment.eml").read_bytes()
JOURNAL = (SAMPLES / "journal.eml").read_bytes()
BOX = (SAMPLES / "box.mbox").read_bytes()
TEXTS = {f"texts/{path.name}": path.read_bytes() for path in sorted((SAMPLES / "texts").iterdir())}
NOON = 1_709_553_600_000_000  # 2024-03-04 12:00 UTC


@pytest.fixture(scope="module")
def box() -> Read:
    return read(BOX)


def content(data: bytes, found: Read, seq: int = 1) -> list[bytes]:
    """The files of an entry, decoded."""
    kept = []
    for file in files_of(found.entries[seq - 1]):
        assert file.offset is not None
        raw = data[file.offset : file.offset + file.length]
        kept.append(base64.b64decode(raw) if file.encoding == "base64" else raw)
    return kept


def mail(body: str = "x", **headers: str) -> bytes:
    fields = {
        "From": "Dana <dana@example.gov>",
        "To": "lee@example.gov",
        "Date": "Mon, 4 Mar 2024 12:00:00 +0000",
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in fields.items()) + f"\n{body}").encode()


# -- real files --


def test_no_real_mail_breaks_the_reading_and_all_are_counted(corpus: Path) -> None:
    report = inspect(corpus / "E01" / "emails.zip")
    assert (report["format"], report["entries"]) == ("mail", 100)
    assert report["bytes"]["owned"] == report["bytes"]["total"]  # type: ignore[index]
    assert report["bytes"]["unread"] == 0  # type: ignore[index]


def test_attachments_of_real_mails_are_where_a_second_reader_finds_them(corpus: Path) -> None:
    with zipfile.ZipFile(corpus / "E01" / "emails.zip") as archive:
        mails = {name: archive.read(name) for name in archive.namelist() if name.endswith(".eml")}
    attached = 0
    for name, data in mails.items():
        found = read_by(Mail(), Memory({name: data}), {})
        files = [file for file in files_of(found.entries[0]) if file.offset is not None]
        kept = {_decoded(data[file.offset :][: file.length], file.encoding) for file in files}
        if any(file.type == "message/rfc822" for file in files):
            continue  # a message inside is one file here, and the second reader looks into it
        for part in email.message_from_bytes(data).walk():
            if part.get_content_disposition() == "attachment" and part.get_payload():
                attached += 1
                assert part.get_payload(decode=True).rstrip() in kept, name
    assert attached == 18  # of 20: one is inside a message, one is empty


def _decoded(data: bytes, encoding: str) -> bytes:
    return (base64.b64decode(data) if encoding == "base64" else data).rstrip()


# -- one message --


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_message_tells_people_times_text_and_files(end: bytes) -> None:
    data = ATTACHMENT.replace(b"\n", end)
    found = read(data)
    (entry,) = found.entries
    assert entry.kind == Kind.ATTACHED
    assert entry.sender == "Dana R\u00e9yes"
    assert found.survey.people[entry.sender].handle == "dana.reyes@example.gov"
    assert entry.body == "The north gate, caf\u00e9 side."
    assert (entry.sent, entry.written) == (NOON, "Mon, 4 Mar 2024 07:00:00 -0500")
    detail = dict(entry.detail or {})
    files = detail.pop("files")
    assert detail == {
        "id": "<one@example.gov>", "subject": "Gate \u2014 pictures", "reply_to": "<zero@example.gov>",
        "to": ["lee.okafor@example.gov", "pat@example.gov"], "cc": ["records@example.gov"],
        "received": NOON + 9_000_000,
    }  # fmt: skip
    assert [file["name"] for file in files] == ["gate.png", "caf\u00e9.bin"]  # type: ignore[attr-defined]
    picture, raw = content(data, found)
    assert picture.startswith(b"\x89PNG")
    assert raw == b"raw bytes"
    json.dumps(entry.detail)


def test_journal_envelope_is_the_message_inside_with_everybody_who_got_it() -> None:
    found = read(JOURNAL)
    (entry,) = found.entries
    assert (entry.sender, entry.sent) == ("Dana Reyes", NOON - 60_000_000)
    assert entry.body == "At noon?\nI bring papers & coffee."
    assert entry.detail is not None
    assert entry.detail["id"] == "<lunch@example.gov>"
    assert entry.detail["journal"] == {
        "sender": "dana.reyes@example.gov", "bcc": ["hidden@example.gov"],
        "recipients": ["lee.okafor@example.gov", "hidden@example.gov"],
    }  # fmt: skip


def test_message_inside_a_message_is_one_file() -> None:
    data = JOURNAL.replace(b"X-MS-Journal-Report:\n", b"")
    found = read(data)
    (file,) = files_of(found.entries[0])
    assert (file.name, file.type) == ("Lunch.eml", "message/rfc822")
    assert data[file.offset :].startswith(b"From: Dana Reyes")
    assert found.entries[0].sender == "journal@example.gov"


def test_message_that_was_cut_is_told() -> None:
    assert read(ATTACHMENT[:-40]).codes == ["M-OPEN"]


@pytest.mark.parametrize(
    ("headers", "lock"),
    [({"Content_Type": 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'},
      "application/pgp-encrypted"),
     ({"Content_Type": "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"}, "S/MIME")],
)  # fmt: skip
def test_encrypted_message_says_so_and_shows_nothing(headers: dict[str, str], lock: str) -> None:
    found = read(mail("--b\nContent-Type: application/octet-stream\n\nsecret\n--b--\n", **headers))
    (entry,) = found.entries
    assert (entry.kind, entry.body) == (Kind.NOTICE, "")
    assert entry.detail["encrypted"] == lock  # type: ignore[index]
    assert "M-ENCRYPTED" in found.codes
    assert len(files_of(entry)) == 1


def test_file_that_a_mail_program_removed_was_left_out() -> None:
    data = mail(
        "--b\n\nsee file\n--b\nContent-Type: image/png; name=a.png\n"
        "X-Mozilla-Altered: AttachmentDeleted; date=\"Mon\"\n\nYou deleted an attachment\n--b--\n",
        Content_Type="multipart/mixed; boundary=b",
    )  # fmt: skip
    (entry,) = read(data).entries
    assert entry.kind == Kind.MEDIA_OMITTED
    assert "deleted" in files_of(entry)[0].left_out


def test_bytes_that_are_no_text_in_their_character_set_are_marked() -> None:
    found = read(mail(Content_Type="text/plain; charset=us-ascii")[:-1] + b"caf\xe9\0")
    assert found.bodies == ["caf\ufffd\u2400"]
    assert found.codes == ["J-ENCODING"]


def test_long_text_is_cut_where_it_is_shown_and_kept_in_the_file() -> None:
    found = read(mail("word " * 300_000))
    assert len(found.bodies[0]) == 1 << 20
    assert found.codes == ["M-LONG"]


@pytest.mark.parametrize(
    ("written", "utc", "reading"),
    [("Mon, 4 Mar 2024 12:00:00 +0000", NOON, None), ("4 Mar 2024 07:00:00 EST", NOON, None),
     ("Mon, 4 Mar 2024 12:00:00 -0000", NOON, None), ("Mon Mar  4 12:00:00 2024", None, NOON),
     ("4 Mar 24 13:00 +01:00 (CET)", NOON, None), ("Mon, 4 Mar 2024 12:00:00 XYZ", None, NOON),
     ("Mon, 4 Mar 2024 12:00:00", None, NOON),
     ("Mon, 99 Mar 2024 12:00:00 +0000", None, None), ("yesterday", None, None), ("", None, None)],
)  # fmt: skip
def test_date_gives_a_moment_only_with_a_zone(
    written: str, utc: int | None, reading: int | None
) -> None:
    assert moment(written) == (utc, reading)


@pytest.mark.parametrize(
    ("page", "words"),
    [("a<br>b", "a\nb"), ("<style>x{}</style><p>a &lt;b&gt;</p>", "a <b>"), ("a<!-- <b>no</b> -->c", "ac"),
     ("1 < 2 and <b>so</b>", "1 < 2 and so"), ("<" * 50_000, "<" * 50_000)],
)  # fmt: skip
def test_words_of_a_page_are_those_that_people_see(page: str, words: str) -> None:
    assert seen(page) == words


# -- mailboxes --


def test_mailbox_is_split_where_messages_begin(box: Read) -> None:
    assert box.titles == ["export"]
    assert [entry.sender for entry in box.entries] == ["Dana Reyes", "Lee Okafor", "Lee Okafor"]
    assert box.entries[0].body == (
        "From the gate I saw it.\n>From is what he wrote.\nFrom here it is 12:30, in 2024 as in 2023: no blank line "
        "stands before.\n\nFrom time to time a paragraph begins like this.\n"
    )
    assert box.entries[0].detail["labels"] == "Inbox,Important"  # type: ignore[index]
    assert box.entries[0].detail["thread"] == "1792557000000000001"  # type: ignore[index]
    assert [entry.sent for entry in box.entries] == [NOON, NOON + 300_000_000, None]
    assert box.survey.variant == "mbox"


def test_same_identifier_with_other_bytes_is_told(box: Read) -> None:
    assert box.entries[2].detail["same_id_as"] == 2  # type: ignore[index]
    assert box.codes == ["M-ID-TWICE"]


def test_same_message_twice_is_no_warning() -> None:
    message = b"From a Mon Mar  4 12:00:00 2024\n" + mail(Message_ID="<a@b>") + b"\n\n"
    found = read((message * 2).rstrip() + b"\n")
    assert found.entries[1].detail["same_as"] == 1  # type: ignore[index]
    assert found.codes == []


def boxed(body: str, length: int | None, after: str = "") -> bytes:
    line = "" if length is None else f"Content-Length: {length}\n"
    return (
        f"From a@b Mon Mar  4 12:00:00 2024\nFrom: a@b\nTo: c@d\nDate: 4 Mar 2024 12:00 Z\n{line}\n{body}\n\n{after}"
        "From a@b Mon Mar  4 12:01:00 2024\nFrom: a@b\nTo: c@d\nDate: 4 Mar 2024 12:01 Z\n\nlast\n"
    ).encode()


PASTED = "He wrote:\n\nFrom x@y Mon Mar  4 11:00:00 2024\nFrom: x@y\nDate: 4 Mar 2024 11:00 Z\n\n>From below"


@pytest.mark.parametrize("member", [None, "box.mbox"])
def test_declared_length_that_leads_to_the_next_message_is_believed(member: str | None) -> None:
    data = boxed(PASTED, len(PASTED) + 1)
    found = read(data if member is None else {member: data})
    assert [body.strip() for body in found.bodies] == [PASTED, "last"]
    assert found.codes == []


@pytest.mark.parametrize("length", [5, 10_000, len(PASTED) + 30])
def test_declared_length_that_leads_nowhere_is_not_used(length: int) -> None:
    found = read(boxed(PASTED, length))
    assert len(found.entries) == 3
    assert found.codes == ["M-LENGTH"]


def test_mailbox_is_split_as_the_standard_library_splits_it(box: Read, tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(BOX)
    subjects = [str(message["subject"]) for message in mailbox.mbox(path)]
    # (The library also splits in the middle of a paragraph that begins with "From ".)
    assert [entry.detail["subject"] for entry in box.entries] == [
        s for s in subjects if s != "None"
    ]  # type: ignore[index]


# -- archives of texts --


def test_archived_texts_stand_by_thread_with_their_numbers() -> None:
    found = read(TEXTS)
    assert found.titles == ["Gate crew", "+12025550102, +12025550103"]
    assert [entry.sender for entry in found.entries] == [
        "+12025550101",
        "+12025550102",
        "+12025550102",
    ]
    assert found.survey.people["+12025550101"].handle_kind == "phone"
    archived = found.entries[0].detail["telemessage"]  # type: ignore[index]
    assert archived["messagetype"] == "SMS"
    assert archived["archivemessageid"] == "1001"


def test_text_that_is_encrypted_names_its_key() -> None:
    found = read(TEXTS)
    entry = found.entries[2]
    assert (entry.kind, entry.body) == (Kind.NOTICE, "")
    assert entry.detail["encrypted"] == "TeleMessage, key key-5"  # type: ignore[index]
    (problem,) = [item for item in found.problems if item.code == "M-ENCRYPTED"]
    assert "key-5" in problem.words


def test_manifest_is_compared_with_what_is_there() -> None:
    found = read(TEXTS)
    assert found.survey.layout["counts"] == [
        {"noun": "message", "declared": 4, "found": 3, "place": "texts/delivery.mf"}
    ]
    assert sorted(set(found.codes)) == ["J-COUNT", "M-ENCRYPTED", "M-MANIFEST"]
    (problem,) = [item for item in found.problems if item.code == "M-MANIFEST"]
    assert "0004.eml" in problem.words
    whole = read(TEXTS | {"texts/0004.eml": TEXTS["texts/0002.eml"]})
    assert "M-MANIFEST" not in whole.codes and "J-COUNT" not in whole.codes


def test_mail_without_bytes_is_a_missing_message() -> None:
    found = read(TEXTS | {"texts/0004.eml": b""})
    assert "M-EMPTY" in found.codes
    assert len(found.entries) == 3


def test_member_without_headers_is_unread() -> None:
    found = read({"a.eml": mail(), "b.eml": b"\n\nno headers at all"})
    assert found.codes == ["M-NO-HEADER"]


# -- what is mail --


@pytest.mark.parametrize(
    ("head", "score"),
    [(ATTACHMENT, 80), (JOURNAL, 80), (BOX, 92), (b"X-RSMF-Version: 2.0.0\nFrom: a\nTo: b\nDate: c\n\n", 0),
     (b"Dear Sir,\nFrom: a\nTo: b\nDate: c\n", 0),
     (b"From: a\nTo: b\nno header\nDate: c\n\n", 60), (b"From: Ann\nhello there\n", 0),
     (b"[18/03/2022, 14:56:01] A: x\n", 0),
     (b"", 0)],
)  # fmt: skip
def test_score_is_told_by_headers(head: bytes, score: int) -> None:
    assert Mail().score(Sample("a.eml", head)) == score


def test_archive_of_something_else_with_a_mail_in_it_is_hardly_a_set_of_mails() -> None:
    names = ("_chat.txt", "a.jpg", "b.jpg", "note.eml")
    assert Mail().score(Sample("a.zip", b"", names, lambda name: ATTACHMENT)) == 45


# -- whatever the bytes --

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40
)
LINES = st.lists(WORDS.map(str.strip).filter(bool), min_size=1, max_size=4).map("\n".join)


@given(
    st.lists(
        st.tuples(WORDS.map(str.strip), LINES, st.lists(st.binary(max_size=80), max_size=2)), min_size=1, max_size=5
    ),
    st.sampled_from(["base64", "quoted-printable", "8bit"]),
)  # fmt: skip
def test_whatever_a_mail_program_writes_is_read_back(
    rows: list[tuple[str, str, list[bytes]]], encoding: str
) -> None:
    data = b""
    for number, (subject, body, files) in enumerate(rows):
        message = EmailMessage()
        message["From"], message["To"] = "Dana <dana@example.gov>", "lee@example.gov"
        message["Subject"] = " ".join(subject.split()) or "x"
        message["Date"] = f"Mon, 4 Mar 2024 12:00:{number:02d} +0000"
        message.set_content(body + "\n", cte=encoding)
        for file in files:
            message.add_attachment(file, "a", "b", filename="f.bin")
        written = message.as_bytes(unixfrom=False).replace(b"\nFrom ", b"\n>From ")
        data += b"From a@b Mon Mar  4 12:00:00 2024\n" + written + b"\n"
    found = read(data)
    assert len(found.entries) == len(rows)
    for entry, (_, body, files) in zip(found.entries, rows, strict=True):
        assert entry.body.rstrip("\n") == body
        kept = [
            base64.b64decode(data[one.offset :][: one.length])
            for one in files_of(entry)
            if one.offset
        ]
        assert kept == [file for file in files if file]


PIECES = st.sampled_from(
    [b"\n", b"\r\n", b"--b\n", b"--b--\n", b"--b", b"From a@b Mon Mar  4 12:00:00 2024\n", b">From x\n",
     b"Content-Type: ", b"multipart/mixed; boundary=b\n", b"message/rfc822\n", b"text/html\n",
     b"Content-Transfer-Encoding: base64\n", b"Content-Length: 9\n", b"From: (((<a@b\n",
     b"Date: 0\n", b"Subject: =?x?q?=ff?=\n", b"\tfold\n", b"<p>", b"x",
     b"\xff", b"\0"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.binary(max_size=4)), max_size=40), st.booleans())
def test_every_byte_of_anything_has_an_owner(parts: list[bytes], in_mailbox: bool) -> None:
    start = (
        b"From a@b Mon Mar  4 12:00:00 2024\nFrom: a\nTo: b\n"
        if in_mailbox
        else b"From: a\nTo: b\nDate: c\n"
    )
    body = b"".join(parts)
    data = start + body if in_mailbox else start + b"\n" + body
    found = read_by(Mail(), Memory({"a.mbox" if in_mailbox else "a.eml": data}), {})
    json.dumps([entry.detail for entry in found.entries])
    for entry in found.entries:
        for file in files_of(entry):
            if file.offset is not None:
                assert (
                    entry.offset
                    <= file.offset
                    <= file.offset + file.length
                    <= entry.offset + entry.length
                )


def test_message_with_a_thousand_parts_inside_each_other_is_read() -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1_000)
    )
    found = read(mail()[:-2] + nested.encode() + b"\nx")
    assert len(found.entries) == 1


def test_comments_inside_comments_do_not_break_the_reading() -> None:
    found = read(mail(From="(" * 5_000))
    assert len(found.entries) == 1
