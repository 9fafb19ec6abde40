"""Mail: single messages (EML), sets of them in an archive, mailboxes (mbox), and archives that keep text messages as
mails (TeleMessage, Smarsh Capture Mobile).

What is read and by which rules: docs/formats/mail.md. Layouts: RFC 5322 (messages), RFC 2045-2047 and 2231 (MIME),
RFC 6532 (UTF-8 headers), RFC 4155 (mbox), Microsoft's description of journal reports. One message is one entry and owns
all its bytes; attachments are places inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from records.formats.base import (
    WITH_OFFSET,
    Entry,
    Header,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.enclosed import is_rsmf
from records.formats.mail.mailbox import SEPARATOR
from records.formats.mail.manifest import is_manifest
from records.formats.mail.reading import MAIL, MAILBOX, MANIFEST, Reading
from records.formats.sniff import head_of, is_clutter

LEAST_SHARE = 0.5  # of an archive's files that are mails, to call it a set of mails
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")
_KNOWN = re.compile(
    rb"(?:from|to|cc|date|subject|received|return-path|message-id|mime-version|content-type|delivered-to|sender|reply-to"
    rb"|x-telemessage-[\w-]+)[ \t]*:",
    re.IGNORECASE,
)


class Mail:
    """Reads messages as mail servers, mail programs and archives write them."""

    name = "mail"
    title = "Mail or texts archived as mail (EML, mbox)"

    def score(self, sample: Sample) -> int:
        """How surely it is mail: by the headers it begins with."""
        if not sample.members:
            return _score(sample.head)
        files = [name for name in sample.members if not is_clutter(name)]
        mails = [name for name in files if _is_mail(name) or _is_mailbox(name)]
        best = max((_score(sample.peek(name)) for name in mails[:5]), default=0)
        if not best:
            return 0
        return 88 if len(mails) >= LEAST_SHARE * len(files) else 45

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Which files are mails, mailboxes and manifests."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        texts, shapes = _texts(source)
        return Survey(
            format=self.name,
            variant="mbox" if MAILBOX in shapes else "eml",
            texts=texts,
            times=WITH_OFFSET,
            date_order="ymd",
            time_zone=zone,
            proof=[
                "Each message carries its time with its distance from UTC, as the sender's computer wrote it; the time "
                "of the server that received it stands beside it where it is known.",
            ],
            layout={"shapes": shapes},
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message in the order of the files, every byte owned."""
        yield from Reading(source, survey).read()


def _is_mail(name: str) -> bool:
    return name.casefold().endswith(".eml")


def _is_mailbox(name: str) -> bool:
    base = name.casefold().rpartition("/")[2]
    return base.endswith((".mbox", ".mbx")) or base == "mbox"


def _score(head: bytes) -> int:
    """Lines of headers up to the first blank one; other formats that are written as mail are not ours."""
    if is_rsmf(head):
        return 0
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()
    mailbox = bool(lines) and SEPARATOR.match(lines[0]) is not None
    known = wrong = 0
    for line in lines[mailbox:200]:
        if not line.strip():
            break
        known += _KNOWN.match(line) is not None
        if not _HEADER.match(line) and not line.startswith(b">From "):
            wrong += 1
    if not lines or not (mailbox or _HEADER.match(lines[0])):
        return 0
    if mailbox:
        return 92 if known else 0
    if wrong:  # a mail that was damaged, or another text with lines like headers
        return 60 if known > 2 and wrong < known else 0
    # Formats that are written as mail know their own better.
    return 80 if known > 2 else 70 if known == 2 else 0


def _texts(source: Source) -> tuple[list[Text], list[str]]:
    """The mails of an archive are one text, each mailbox and each manifest one of its own."""
    if not source.members:
        shape = MAILBOX if SEPARATOR.match(head_of(source, None)) else MAIL
        return [Text((Part(None, source.size),))], [shape]
    members = [member for member in source.members if not is_clutter(member.name)]
    mails, texts, shapes = [], [], []
    for member in members:
        part = Part(member.name, member.size)
        if _is_mail(member.name):
            mails.append(part)
        elif is_manifest(member.name):
            texts.append(Text((part,)))
            shapes.append(MANIFEST)
        elif _is_mailbox(member.name):
            if SEPARATOR.match(head_of(source, member.name)):
                texts.append(Text((part,)))
                shapes.append(MAILBOX)
            else:
                mails.append(part)
    if mails:
        texts.insert(0, Text(tuple(mails)))
        shapes.insert(0, MAIL)
    return texts, shapes
