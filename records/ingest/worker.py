"""The worker's way through one export: survey, rows in batches, findings, verdict.

Rows and the progress marker commit together under the job's fencing token. A worker that follows a killed one reads
the file from the start again, shows every entry to the rules and to the digest, and writes only what comes after the
marker.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, OperationalError, transaction

from portal.audit.log import record
from portal.jobs import queue
from portal.jobs.models import Job
from portal.jobs.queue import Lease, LeaseLost
from portal.vault import store
from portal.vault.models import FixityCheck
from records.applications import tool_contradicted
from records.formats.base import Entry, Problem, Question, Rejected, Survey
from records.formats.clock import Clock
from records.formats.source import open_source
from records.ingest import batches, doubts, evidence, examination, places
from records.ingest.bulk import Batch, digest_only, engine
from records.ingest.clearing import clear
from records.ingest.watch import Heart, WatchedSource
from records.lifecycles import MESSAGE_EXPORT, State
from records.models import Conversation, MessageExport, MessagingTool
from records.reading import ACCEPTED, WITH_WARNINGS, Reading, read_export
from records.rows import Digest, clean, clean_value
from records.rules.base import Files
from records.services import senders

log = structlog.get_logger("custos.ingest")
MOST_BYTES = 16 * 1024 * 1024


class SealBroken(Exception):
    """The bytes in the store are not the bytes that were sealed."""

    code = "I-BYTES-CHANGED"


class ReadingFailed(Exception):
    """An unknown error while reading: its name and place for the operator, never its words, which may hold content."""


def run(lease: Lease) -> None:
    """Read the export that a job names, from wherever an earlier worker left it."""
    export = MessageExport.objects.select_related("stored_file").get(pk=lease.job.subject_id)
    if export.settled:
        lease.finish()
        return
    ingest = Ingest(lease, export)
    try:
        ingest.run()
    except Rejected as rejected:
        ingest.reject(
            rejected.code, " ".join(part for part in (rejected.words, rejected.place) if part)
        )
    except SealBroken as broken:
        ingest.break_seal(str(broken))
    except (LeaseLost, ReadingFailed):
        raise
    except OperationalError as error:
        # The database was away or busy: the lease lapses, and the sweep rings for the next attempt.
        log.warning("ingest_interrupted", export=export.number, where=_where(error))
        raise LeaseLost(str(lease.job.pk)) from None
    except Exception as error:
        raise ReadingFailed(_where(error)) from None


def finish(job: Job) -> None:
    """Do a job in this process, or wait until the worker that was faster has done it."""
    with contextlib.suppress(ReadingFailed):
        queue.run(str(job.pk), run)
    while Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
        time.sleep(0.2)
        with contextlib.suppress(ReadingFailed):
            queue.run(str(job.pk), run)


def _where(error: Exception) -> str:
    """Name of an error and the places it passed through; its words stay out of logs and job rows."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    cause = error.__cause__ if isinstance(error, Error) else None
    state = getattr(cause, "pgcode", None) or getattr(cause, "sqlite_errorname", "")
    return f"{type(error).__name__} {state} at {' > '.join(places[-6:])}".replace("  ", " ")


class Ingest:
    """One worker's reading of one export."""

    def __init__(self, lease: Lease, export: MessageExport) -> None:
        self.lease, self.export, self.engine = lease, export, engine()
        self.heart = Heart(lease)
        self.through = 0  # last entry whose row is kept
        self.conversations: dict[int, int] = {}
        self.digest = Digest()
        self.named: set[str] = set()  # files of the archive that some message names
        self.times = doubts.DoubtfulTimes(export)

    def run(self) -> None:
        self._check_seal()
        if self.export.written_through == 0 and self.export.state != State.EXAMINING:
            clear(self.engine, self.export, self.lease)
        if self.export.state == State.RECEIVED:
            self._begin()
        self.through = self.export.written_through
        path = store.path_of(self.export.stored_file.sha256)
        with open_source(path, self.export.name) as source:
            self.heart.begin("surveying", source.size)
            reading = read_export(WatchedSource(source, self.heart), self._answers())
            if isinstance(reading, Question):
                self._ask([reading], None)
            elif reading.questions:
                self._ask(reading.questions, reading.survey)
            else:
                self._take_in(reading)

    def _check_seal(self) -> None:
        intact, words = store.intact(self.export.stored_file)
        if not intact:
            raise SealBroken(words)

    def _answers(self) -> Mapping[str, str]:
        return {**self.export.answers, "time_zone": self.export.time_zone or settings.TIME_ZONE}

    def _begin(self) -> None:
        with transaction.atomic():
            self.lease.beat(stage="surveying", done=0)
            MESSAGE_EXPORT.advance(
                self.export,
                "read",
                actor=None,
                generation=self.export.generation + 1,
                verdict="",
                rejection_code="",
                rejection_words="",
            )

    def _ask(self, questions: list[Question], survey: Survey | None) -> None:
        """What the file does not say, people must: the export waits, and the worker is free."""
        asked = [
            {
                "code": item.code,
                "words": item.words,
                "choices": [choice._asdict() for choice in item.choices],
            }
            for item in questions
        ]
        with transaction.atomic():
            MESSAGE_EXPORT.advance(
                self.export,
                "ask",
                actor=None,
                questions=clean_value(asked),
                reading=clean_value(doubts.inferred(self.export, survey)) if survey else {},
                format=survey.format if survey else "",
                variant=survey.variant if survey else "",
            )
            record(
                "export.asked",
                self.export,
                actor=None,
                detail={"questions": [item.code for item in questions]},
            )
            self.lease.finish()

    def _take_in(self, reading: Reading) -> None:
        with transaction.atomic():
            self.lease.beat()
            places.enter_texts(self.export, reading.survey)
        self._write(reading)
        self._enter_conversations(reading.survey)
        if reading.summary.sha256 != self.export.stored_file.sha256:
            raise SealBroken("The bytes that were read are not the bytes that were sealed.")
        self._check_set(reading.summary.entries)
        evidence.settle(
            self.engine,
            self.export,
            reading.summary.findings,
            self.conversations,
            self._clock(reading.survey),
            self.lease,
        )
        self._finish(reading)
        self.engine.take_stock(reading.summary.entries)

    def _clock(self, survey: Survey) -> Clock | None:
        return Clock(survey.time_zone) if survey.time_zone else None

    def _enter_conversations(self, survey: Survey) -> None:
        with transaction.atomic():
            self.lease.beat()
            places.enter_conversations(self.export, survey, self.conversations)

    def _write(self, reading: Reading) -> None:
        """Take the stream to its end: batches become rows, and problems follow the entries they stand among."""
        files = Files(reading.survey, reading.source.members)
        sizes = {member.name: member.size for member in reading.source.members}
        self.heart.begin("reading", reading.summary.bytes_total)
        entries: list[Entry] = []
        problems: list[Problem] = []
        size, seq, most, told = 0, 0, self.engine.most, 0  # told: problems before the last entry
        for item in reading.stream(self.heart.read):
            if isinstance(item, Entry):
                entries.append(item)
                told = len(problems)
                size += item.length
                seq = item.seq
                if len(entries) == most or size >= MOST_BYTES:
                    self._write_batch(reading, entries, problems, files, sizes)
                    self.heart.reached(reading.summary.bytes_owned)
                    entries, problems, size = [], [], 0
            elif seq >= self.through:
                problems.append(item)
        if entries:
            # What stands before the last entry is committed with it: a successor asks only for what comes after.
            self._write_batch(reading, entries, problems[:told], files, sizes)
            problems = problems[told:]
        if self.export.state == State.READING:
            self._complete(reading, files, sizes, problems)

    def _write_batch(
        self,
        reading: Reading,
        entries: list[Entry],
        problems: list[Problem],
        files: Files,
        sizes: Mapping[str, int],
    ) -> None:
        if len(self.conversations) < len(reading.survey.conversations):
            self._enter_conversations(reading.survey)
        self.times.see(entries)
        for entry, file in batches.named_files(entries):
            member = files.find(file, entry.conversation)
            if member is not None:
                self.named.add(member)
        fresh = (
            [entry for entry in entries if entry.seq > self.through] if self.through else entries
        )
        if len(fresh) < len(entries):
            digest_only(entries[: len(entries) - len(fresh)], self.digest)
        if not fresh:
            return
        batch = Batch(self.export.pk, fresh, self.conversations)
        pieces = self.engine.pieces(fresh)
        last = fresh[-1].seq
        with transaction.atomic():
            self.lease.beat(done=self.heart.done, total=self.heart.total, stage="reading")
            batches.write(self.engine, batch, pieces, files, sizes, self.digest)
            batches.write_problems(self.engine, self.export.pk, problems, reading.survey)
            MessageExport.objects.filter(pk=self.export.pk).update(written_through=last)
            # An attempt that got something done is not a failed one: only attempts without progress are counted.
            Job.objects.filter(pk=self.lease.job.pk, token=self.lease.token).update(attempts=1)
        self.through = last

    def _complete(
        self, reading: Reading, files: Files, sizes: Mapping[str, int], problems: list[Problem]
    ) -> None:
        """Every entry has its row: what only the end of the file shows is written, and the rules are asked."""
        told = [
            *doubts.zone_assumed(self.export, reading.survey),
            *self.times.told(reading.survey),
            *problems,
        ]
        unnamed = [name for name in files if name not in self.named]
        with transaction.atomic():
            self.lease.beat(stage="examining", done=self.heart.total)
            tool = MessagingTool.objects.get(exports=self.export)  # it may be corrected meanwhile
            told += tool_contradicted(tool.name, reading.survey.format)
            batches.write_unnamed(self.engine, self.export.pk, unnamed, sizes)
            batches.write_problems(self.engine, self.export.pk, told, reading.survey)
            MESSAGE_EXPORT.advance(self.export, "examine", actor=None)

    def _check_set(self, entries: int) -> None:
        """Rows of entries have no constraint row by row: the whole set is checked once, after loading."""
        found = batches.set_of(self.export.pk)
        if found != ((entries, 1, entries, 0) if entries else (0, None, None, 0)):
            raise ReadingFailed(f"Rows {found} do not fit {entries} entries")

    def _finish(self, reading: Reading) -> None:
        summary, survey = reading.summary, reading.survey
        clock = self._clock(survey)
        verdict = summary.verdict
        told = [*doubts.zone_assumed(self.export, survey), *self.times.told(survey)]
        if verdict == ACCEPTED and any(problem.severity == "warning" for problem in told):
            verdict = WITH_WARNINGS
        counts: dict[str, Any] = {
            "entries": summary.entries,
            "problem_count": self.export.problems.count(),
            "finding_count": self.export.findings.filter(withdrawn=False).count(),
        }
        with transaction.atomic():
            for index, row_id in self.conversations.items():
                totals = summary.totals.conversations[index]
                Conversation.objects.filter(pk=row_id).update(
                    title=clean(survey.conversations[index].title)[:300],
                    entries=totals.entries,
                    first_at=evidence.utc(totals.first_at, clock),
                    last_at=evidence.utc(totals.last_at, clock),
                )
            batches.introduce(self.export.pk, survey.people)
            MESSAGE_EXPORT.advance(
                self.export,
                "finish",
                actor=None,
                verdict=verdict,
                questions=[],
                format=survey.format,
                variant=survey.variant,
                reading=clean_value(doubts.inferred(self.export, survey)),
                kinds={str(kind): count for kind, count in sorted(summary.kinds.items())},
                first_at=evidence.utc(summary.first, clock),
                last_at=evidence.utc(summary.last, clock),
                bytes_total=summary.bytes_total,
                bytes_owned=summary.bytes_owned,
                rows_digest=self.digest.hexdigest(),
                **counts,
            )
            FixityCheck.objects.create(
                stored_file=self.export.stored_file, intact=True, words="Compared while read."
            )
            detail = {
                "generation": self.export.generation,
                "verdict": verdict,
                "rows_digest": self.export.rows_digest,
                "senders_suggested": senders.meet(self.export),
            }
            record("export.read", self.export, actor=None, detail={**counts, **detail})
            examination.ask_for(self.export)
            self.lease.finish()

    def reject(self, code: str, words: str) -> None:
        """The file cannot be read as an export: it is kept, and the words say what to do next. The job is done."""
        self._drop_rows()
        with transaction.atomic():
            self._advance_to_rejected(code, words)
            record("export.rejected", self.export, actor=None, detail={"code": code})
            self.lease.finish()

    def break_seal(self, words: str) -> None:
        """The evidence itself is in doubt: the job fails loudly, and whoever keeps the store has to act."""
        told = f"{words} The storage needs attention: tell the administrator, who restores the file from a backup."
        if self.through:
            self._drop_rows()
        with transaction.atomic():
            self.lease.beat()
            self._advance_to_rejected(SealBroken.code, told)
            FixityCheck.objects.create(
                stored_file=self.export.stored_file, intact=False, words=words[:300]
            )
            record("export.seal_broken", self.export, actor=None, detail={"code": SealBroken.code})
            self.lease.fail(SealBroken.code, words)
        log.error("seal_broken", export=self.export.number)

    def _advance_to_rejected(self, code: str, words: str) -> None:
        MESSAGE_EXPORT.advance(
            self.export,
            "reject",
            actor=None,
            verdict=MessageExport.Verdict.REJECTED,
            rejection_code=code[:40],
            rejection_words=clean(words),
            questions=[],
        )

    def _drop_rows(self) -> None:
        """Rows of a reading that came to nothing. The marker goes first: who follows a killed worker starts anew."""
        with transaction.atomic():
            self.lease.beat(stage="clearing")
            MessageExport.objects.filter(pk=self.export.pk).update(
                written_through=0,
                entries=0,
                kinds={},
                rows_digest="",
                problem_count=0,
                finding_count=0,
            )
            evidence.withdraw_all(self.export)
        clear(self.engine, self.export, self.lease)
