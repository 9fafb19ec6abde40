"""`python manage.py sample`: the sample agency, to look around in. Does nothing when it is loaded already."""

from __future__ import annotations

import json
import time
from typing import Any

from celery import Task
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.agency.models import User
from portal.agency.roles import ROLES
from portal.errors import UserError
from portal.jobs.models import Job
from records.tasks import examine_attachments, ingest_export
from reports.sample import cast, load
from reports.tasks import build_package

TASKS: dict[str, Task] = {
    task.name: task for task in (ingest_export, examine_attachments, build_package)
}
OPEN = (Job.State.QUEUED, Job.State.RUNNING)
WAIT_SECONDS = 300


class Command(BaseCommand):
    help = "Load the sample agency into an empty portal, or print its sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign-ins", action="store_true", help="print one sign-in for each role, load nothing"
        )
        parser.add_argument("--json", action="store_true", help="with --sign-ins: as JSON")
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="load nothing, without an error, where anybody has an account",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sign_ins"]:
            self._print_sign_ins(as_json=options["json"])
            return
        if load.loaded():
            self.stdout.write("The sample agency is loaded already; nothing was changed.")
            return
        if options["if_empty"] and User.objects.exists():
            self.stdout.write("This portal is in use; the sample agency was not loaded.")
            return
        try:
            load.load(run_jobs)
        except UserError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The sample agency is loaded.")
        self._print_sign_ins(as_json=False)

    def _print_sign_ins(self, *, as_json: bool) -> None:
        if not load.loaded():
            raise CommandError(
                "The sample agency is not loaded here: run `python manage.py sample` on an empty portal."
            )
        rows = sign_ins()
        if as_json:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        width = max(len(row["username"]) for row in rows)
        self.stdout.write(
            f"Sign in with any of these names; the password is always {cast.PASSWORD}\n"
        )
        for row in rows:
            self.stdout.write(f"  {row['username']:<{width}}  {row['title']}")


def sign_ins() -> list[dict[str, str]]:
    """One account for each role that signs in; an agency system has tokens instead."""
    return [
        {
            "role": account.role,
            "title": ROLES[account.role].title,
            "username": account.username,
            "password": cast.PASSWORD,
        }
        for account in (*cast.ACCOUNTS, cast.ADMINISTRATOR)
    ]


def run_jobs() -> None:
    """Do the queued work here and now, or wait for the worker that took it first."""
    deadline = time.monotonic() + WAIT_SECONDS
    while waiting := list(Job.objects.filter(state__in=OPEN, kind__in=TASKS)):
        for job in waiting:
            TASKS[job.kind](str(job.pk))
        if time.monotonic() > deadline:
            raise CommandError(
                "The worker did not end its work on the sample in time. Look at its log, then start again on an "
                "empty folder."
            )
        time.sleep(0.05)
