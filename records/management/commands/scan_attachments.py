"""`manage.py scan_attachments`: have attachments scanned again, after the scanner was away or learned something new."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.errors import Conflict, UserError
from records.ingest.examination import HELD
from records.models import Attachment, FileContent, MessageExport
from records.services import attachments


class Command(BaseCommand):
    """Enters one job for each export; a worker does it when no export waits to be read. Fit for a nightly run."""

    help = "Scan attachments again: of the exports named, of all, or of those that hold files not scanned."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", metavar="EXP-YYYY-NNNN")
        parser.add_argument("--all", action="store_true", help="Every export that holds a file")
        parser.add_argument(
            "--not-scanned", action="store_true", help="Exports with a file that was not scanned"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        held = Attachment.objects.filter(HELD)
        if options["not_scanned"]:
            held = held.filter(content__scan=FileContent.Scan.NOT_SCANNED)
        exports = MessageExport.objects.filter(pk__in=held.values("export")).order_by("pk")
        if not (options["all"] or options["not_scanned"]):
            exports = exports.filter(number__in=options["numbers"])
            missing = set(options["numbers"]) - set(exports.values_list("number", flat=True))
            if missing or not options["numbers"]:
                named = ", ".join(sorted(missing))
                raise CommandError(
                    f"No such export with attachments: {named}."
                    if named
                    else "Name exports, or give --all or --not-scanned."
                )
        for export in exports.iterator():
            try:
                attachments.scan_again(export, actor=None)
                self.stdout.write(f"{export.number}: queued")
            except Conflict:
                self.stdout.write(f"{export.number}: being examined already")
            except UserError as error:
                raise CommandError(str(error)) from None
