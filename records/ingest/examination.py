"""The worker's look at the attachments of an export that was read: what they are, what a scanner says, a picture.

A job of its own after reading (ADR 0005): reading an export never waits for it, and it gives way to exports that wait
to be read. It goes through the files three times (identify, scan, draw), each time from front to end, and commits a
few outcomes at a time under the job's fencing token; who follows a killed worker finds by the rows what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from portal.audit.log import record
from portal.jobs.models import Job
from portal.jobs.queue import Lease, LeaseLost, enqueue
from portal.vault import store
from records.attached import AttachedFiles, Unreadable
from records.attachments import clamd
from records.attachments.content import Facts, facts_of
from records.attachments.drawing import Draughtsman
from records.attachments.media_types import contradiction
from records.attachments.thumbnails import FORMATS, MOST_BYTES, NoPicture, Picture
from records.formats.source import open_source
from records.ingest.watch import Heart, WatchedSource
from records.lifecycles import EXAMINE, INGEST
from records.models import Attachment, FileContent, MessageExport, Thumbnail
from records.rows import clean

Outcome = TypeVar("Outcome")
CHUNK = 200  # rows that are asked for at once
MOST_KEPT = 50  # outcomes of one transaction
KEPT_SECONDS = 2.0
GIVEN_UP = 3  # times in a row that nobody answered at the scanner's address
NO_SCANNER = "No scanner is set up."
NO_ANSWER = "The scanner could not be reached."
HELD = Q(state__in=[Attachment.State.PRESENT, Attachment.State.UNNAMED])
UNSEEN = HELD & Q(content=None, unreadable="")


class GaveWay(Exception):
    """An export waits to be read: the job was put back."""


class Kept(Generic[Outcome]):
    """Outcomes that wait to be written together: a few of them, or those of a few seconds."""

    def __init__(self, write: Callable[[list[Outcome]], None]) -> None:
        self._write, self._outcomes, self._since = write, list[Outcome](), time.monotonic()

    def add(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        late = time.monotonic() - self._since > KEPT_SECONDS
        if late or len(self._outcomes) == MOST_KEPT:
            self._flush()

    def _flush(self) -> None:
        if self._outcomes:
            self._write(self._outcomes)
        self._outcomes, self._since = [], time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, GaveWay):
            self._flush()


class Identified(NamedTuple):
    """What looking at one attachment gave."""

    attachment: Attachment
    facts: Facts | None
    unreadable: str = ""


def ask_for(export: MessageExport) -> Job | None:
    """Enter the job, in the caller's transaction, where the export holds any file; rings on commit."""
    if Attachment.objects.filter(HELD, export=export).exists():
        return enqueue(EXAMINE, export.pk)
    return None


def run(lease: Lease) -> None:
    """Examine the attachments of the export that a job names, from wherever an earlier worker left it."""
    export = MessageExport.objects.select_related("stored_file").get(pk=lease.job.subject_id)
    try:
        Examination(lease, export).run()
    except GaveWay:
        lease.give_way()
    except OperationalError:
        # The database was away or busy: the lease lapses, and the sweep rings for the next attempt.
        raise LeaseLost(str(lease.job.pk)) from None


class Examination:
    """One worker's look at the attachments of one export."""

    def __init__(self, lease: Lease, export: MessageExport) -> None:
        self.lease, self.export = lease, export
        self.heart = Heart(lease)
        self.attachments = Attachment.objects.filter(export=export)
        self.signatures = ""

    def run(self) -> None:
        Job.objects.filter(pk=self.lease.job.pk).update(unit="files")
        path = store.path_of(self.export.stored_file.sha256)
        with open_source(path, self.export.name) as source:
            files = AttachedFiles(WatchedSource(source, self.heart), self.export)
            with closing(files):
                while True:
                    self._identify(files)
                    self._scan(files)
                    self._draw(files)
                    if self._finish():
                        return

    # What each file is.

    def _identify(self, files: AttachedFiles) -> None:
        rows = self.attachments.filter(UNSEEN)
        self.heart.begin("identifying", rows.count())
        with Kept(self._keep_identified) as kept:
            for attachment in self._each(rows):
                try:
                    kept.add(Identified(attachment, facts_of(files.pieces(attachment))))
                except Unreadable as error:
                    kept.add(Identified(attachment, None, error.words))

    def _keep_identified(self, outcomes: list[Identified]) -> None:
        facts = {outcome.facts.sha256: outcome.facts for outcome in outcomes if outcome.facts}
        with self._committed():
            FileContent.objects.bulk_create(
                [
                    FileContent(
                        sha256=sha256,
                        size=each.size,
                        media_type=each.media_type.name,
                        duration_ms=each.duration_ms,
                        scan_words="Not scanned yet.",
                    )
                    for sha256, each in sorted(facts.items())
                ],
                ignore_conflicts=True,
            )
            contents = FileContent.objects.in_bulk(facts, field_name="sha256")
            for attachment, found, unreadable in outcomes:
                if found is None:
                    attachment.unreadable = clean(unreadable)[:300] or "It could not be read."
                    continue
                attachment.content = contents[found.sha256]
                attachment.contradiction = contradiction(
                    attachment.name, attachment.declared_type, found.media_type
                )[:300]
            Attachment.objects.bulk_update(
                [outcome.attachment for outcome in outcomes],
                ("content", "contradiction", "unreadable"),
            )

    # What a scanner says of it.

    def _scan(self, files: AttachedFiles) -> None:
        if not settings.CLAMD_URL:
            self._tell_unscanned(NO_SCANNER)
            return
        scanner = clamd.Scanner(
            settings.CLAMD_URL, most=settings.CLAMD_MAX_BYTES, waiting=self.heart.beat
        )
        try:
            self.signatures = scanner.version()
        except clamd.Unreachable:
            self._tell_unscanned(NO_ANSWER)
            return
        # Who asks for another scan enters a job: whatever was scanned before that is scanned again.
        due = Q(content__scanned_at=None) | Q(content__scanned_at__lt=self.lease.job.created_at)
        rows = self.attachments.exclude(content=None).filter(due)
        self.heart.begin("scanning", rows.count())
        unanswered = 0
        with Kept(self._keep_verdicts) as kept:
            for attachment, content in self._each_content(rows):
                verdict = self._verdict(scanner, files, attachment, content)
                kept.add((content, verdict))
                unanswered = unanswered + 1 if verdict.words == NO_ANSWER else 0
                if unanswered == GIVEN_UP:
                    break
        if unanswered == GIVEN_UP:
            self._tell_unscanned(NO_ANSWER)

    def _verdict(
        self,
        scanner: clamd.Scanner,
        files: AttachedFiles,
        attachment: Attachment,
        content: FileContent,
    ) -> clamd.Verdict:
        try:
            return scanner.scan(files.pieces(attachment), content.size)
        except clamd.Unreachable:
            return clamd.Verdict(clamd.NOT_SCANNED, NO_ANSWER)
        except Unreadable as error:
            return clamd.Verdict(clamd.NOT_SCANNED, error.words)

    def _tell_unscanned(self, words: str) -> None:
        """A verdict that was given once stays until a scanner gives another."""
        with self._committed():
            self._contents().filter(scanned_at=None).update(scan_words=words)

    def _keep_verdicts(self, outcomes: list[tuple[FileContent, clamd.Verdict]]) -> None:
        now = timezone.now()
        with self._committed():
            for content, (state, words) in outcomes:
                row = FileContent.objects.filter(pk=content.pk)
                told = clean(words)[:250]
                if state == clamd.NOT_SCANNED:
                    row.filter(scanned_at=None).update(scan_words=told)
                else:
                    row.update(
                        scan=state,
                        scan_words=told,
                        scan_signatures=clean(self.signatures),
                        scanned_at=now,
                    )

    # A picture of each image.

    def _draw(self, files: AttachedFiles) -> None:
        rows = self.attachments.filter(
            content__media_type__in=FORMATS, content__picture_width=0, content__picture_words=""
        ).exclude(content__scan=FileContent.Scan.INFECTED)
        self.heart.begin("drawing", rows.count())
        with Draughtsman() as draughtsman, Kept(self._keep_pictures) as kept:
            for attachment, content in self._each_content(rows):
                kept.add((content, self._picture(draughtsman, files, attachment, content)))

    def _picture(
        self,
        draughtsman: Draughtsman,
        files: AttachedFiles,
        attachment: Attachment,
        content: FileContent,
    ) -> Picture | str:
        if content.size > MOST_BYTES:
            return f"The image is larger than {MOST_BYTES // 1024**2} MB."
        try:
            return draughtsman.draw(b"".join(files.pieces(attachment)))
        except (NoPicture, Unreadable) as none:
            return str(none)

    def _keep_pictures(self, outcomes: list[tuple[FileContent, Picture | str]]) -> None:
        with self._committed():
            for content, outcome in outcomes:
                row = FileContent.objects.filter(pk=content.pk)
                if isinstance(outcome, str):
                    row.update(picture_words=clean(outcome)[:200])
                    continue
                Thumbnail.objects.update_or_create(content=content, defaults={"data": outcome.data})
                row.update(picture_width=outcome.width, picture_height=outcome.height)

    # The frame of the work.

    def _each(self, rows: QuerySet[Attachment]) -> Iterator[Attachment]:
        """Rows in their order, a few at a time; between two of them an export that waits to be read goes first."""
        last = 0
        while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
            for attachment in chunk:
                if Job.objects.filter(kind=INGEST, state=Job.State.QUEUED).exists():
                    raise GaveWay
                yield attachment
                self.heart.reached(self.heart.done + 1)
            last = chunk[-1].pk

    def _each_content(self, rows: QuerySet[Attachment]) -> Iterator[tuple[Attachment, FileContent]]:
        """Equal files once."""
        seen = set[int]()
        for attachment in self._each(rows.select_related("content")):
            content = attachment.content
            if content is not None and content.pk not in seen:
                seen.add(content.pk)
                yield attachment, content

    def _contents(self) -> QuerySet[FileContent]:
        keys = self.attachments.exclude(content=None).values("content")
        return FileContent.objects.filter(pk__in=keys)

    @contextmanager
    def _committed(self) -> Iterator[None]:
        """A transaction that holds only while the job is this worker's."""
        with transaction.atomic():
            self.lease.beat(done=self.heart.done, total=self.heart.total, stage=self.heart.stage)
            yield
            # An attempt that got something done is not a failed one: only attempts without progress are counted.
            Job.objects.filter(pk=self.lease.job.pk, token=self.lease.token).update(attempts=1)

    def _finish(self) -> bool:
        """End the job, unless attachments have come in the meantime: an export can be read again beside it."""
        with transaction.atomic():
            # What reads it enters the next job in a transaction that writes this row: one of the two comes first.
            export = MessageExport.objects.select_for_update().get(pk=self.export.pk)
            unseen = self.attachments.filter(UNSEEN).exists()
            if unseen and export.state == MessageExport.State.READY:
                return False
            record("export.attachments_examined", export, actor=None, detail=self._counts())
            self.lease.finish()
        return True

    def _counts(self) -> dict[str, object]:
        """What the audit log keeps: how many in each scan state, and which files are infected."""
        contents = self._contents()
        scans = dict(contents.values_list("scan").annotate(Count("pk")).order_by("scan"))
        infected = contents.filter(scan=FileContent.Scan.INFECTED).order_by("sha256")
        return {
            "files": sum(scans.values()),
            "scans": scans,
            "infected": list(infected.values_list("sha256", flat=True)[:100]),
            "unreadable": self.attachments.exclude(unreadable="").count(),
        }
