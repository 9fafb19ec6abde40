"""`manage.py reread`: have exports read from their sealed files again, after a reader was improved."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.errors import UserError
from records import ingest
from records.models import MessageExport
from records.services import exports


class Command(BaseCommand):
    """The rows are dropped and come from the sealed file again; filings, judgements and citations stay."""

    help = (
        "Read exports again from their sealed files. A worker does it, or with --here this process."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", metavar="EXP-YYYY-NNNN")
        parser.add_argument(
            "--all", action="store_true", help="Every export that has been read or rejected"
        )
        parser.add_argument(
            "--here", action="store_true", help="Read in this process, one after the other"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        states = [MessageExport.State.READY, MessageExport.State.REJECTED]
        found = MessageExport.objects.filter(state__in=states).order_by("id")
        if not options["all"]:
            found = MessageExport.objects.filter(number__in=options["numbers"]).order_by("id")
            missing = set(options["numbers"]) - set(found.values_list("number", flat=True))
            if missing or not options["numbers"]:
                raise CommandError(
                    f"No such export: {', '.join(sorted(missing)) or 'name one, or give --all'}."
                )
        for export in found:
            try:
                job = exports.rebuild(export)
            except UserError as error:
                raise CommandError(f"{export.number}: {error}") from None
            if options["here"]:
                ingest.finish(job)
                export.refresh_from_db()
            self.stdout.write(f"{export.number}: {export.get_state_display()}")
