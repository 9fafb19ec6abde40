"""`manage.py verify`: are the sealed files, the rows and the audit log what they must be?"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.audit.log import record
from portal.audit.models import AuditHead
from records import ingest, verification
from records.ingest import clearing
from records.models import MessageExport
from records.services import exports
from records.verification import Violation


class Command(BaseCommand):
    """Exit code 0: all as it must be. 1: something is not; each line says what, where and what to do."""

    help = "Re-hash every sealed file, read each export again and compare its rows, walk the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="Drop the rows of each export, read them from the sealed file and compare",
        )
        parser.add_argument(
            "--sample", type=int, metavar="N", help="Only N sealed files and N exports, at random"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.violations = self.notes = 0
        sample: int | None = options["sample"]
        counts = {"sealed_files": 0, "exports": 0}
        self._begin("Audit log")
        self._tell(verification.audit_log())
        self._begin("Sealed files")
        for stored in verification.sealed_files(sample):
            self._tell(verification.sealed_file(stored))
            counts["sealed_files"] += 1
            self._progress(f"{counts['sealed_files']:,} sealed files")
        self._tell(verification.strays())
        self._begin("Exports")
        for export in verification.ready_exports(sample):
            if options["rebuild"]:
                self._rebuild(export)
            self._tell(verification.rows_of(export))
            counts["exports"] += 1
            self._progress(f"{counts['exports']:,} exports")
        if options["rebuild"]:
            # A row that was tampered with leaves its words behind in the index when it is dropped.
            clearing.rebuild_text_index()
        self._tell(verification.text_index())
        self._end(counts)

    def _rebuild(self, export: MessageExport) -> None:
        before = export.rows_digest
        job = exports.rebuild(export)
        ingest.finish(job)
        export.refresh_from_db()
        if export.state != MessageExport.State.READY or export.rows_digest != before:
            words = "Rows that were read again are not the ones that were there. Keep a copy of the database."
            self._tell([Violation("I-REBUILD", export.number, words)])

    def _begin(self, words: str) -> None:
        self._told = time.monotonic()
        self.stdout.write(words)

    def _progress(self, words: str) -> None:
        if time.monotonic() - self._told > 5:
            self._told = time.monotonic()
            self.stdout.write(f"  {words} so far")

    def _tell(self, violations: Iterable[Violation]) -> None:
        for violation in violations:
            if violation.note:
                self.notes += 1
            else:
                self.violations += 1
            self.stdout.write(f"  {violation.code}  {violation.place}: {violation.words}")

    def _end(self, counts: dict[str, int]) -> None:
        outcome = {**counts, "violations": self.violations, "notes": self.notes}
        with transaction.atomic():
            head, _ = AuditHead.objects.get_or_create(id=1)
            record("portal.verified", head, actor=None, detail=outcome)
        self.stdout.write(
            f"{counts['sealed_files']:,} sealed files and {counts['exports']:,} exports checked: "
            f"{self.violations:,} violations, {self.notes:,} notes."
        )
        if self.violations:
            raise SystemExit(1)
