"""Loads the sample agency into an empty portal, once."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from portal.agency.models import Setup, User
from portal.audit.log import record
from portal.audit.models import AuditEvent
from portal.errors import Refused
from reports.sample import case, evidence, people

LOADED = "portal.sample_loaded"


def loaded() -> bool:
    """Whether the sample agency is here, to its end."""
    return AuditEvent.objects.filter(action=LOADED).exists()


def refuse_unless_empty() -> None:
    """The sample never mixes with an agency of your own."""
    if settings.PRODUCTION:
        raise Refused(
            "G-SAMPLE-PRODUCTION",
            "The sample agency is not for production: its passwords are known to everybody.",
            next_step="Start a portal without CUSTOS_PRODUCTION to look around.",
        )
    if Setup.objects.filter(sample=True).exists():
        raise Refused(
            "G-SAMPLE-HALF",
            "Loading the sample agency was interrupted before.",
            next_step=f"Remove the folder {settings.DATA_DIR} (or make an empty database) and load it again.",
        )
    if User.objects.exists() or Setup.objects.filter(completed_at__isnull=False).exists():
        raise Refused(
            "G-SAMPLE-NOT-EMPTY",
            "This portal has accounts of its own: the sample agency is only loaded into an empty one.",
            next_step="Set CUSTOS_DATA to another folder, or DATABASE_URL to an empty database.",
        )


def load(run_jobs: Callable[[], None]) -> None:
    """Make everything through the services; `run_jobs` returns when every job has ended."""
    refuse_unless_empty()
    world = people.World()
    people.make(world)
    evidence.make_catalogue(world)
    evidence.hand_in(world)
    run_jobs()
    evidence.file_and_judge(world)
    case.submit_earlier_case(world)
    case.open_main_case(world)
    case.open_smaller_cases(world)
    run_jobs()
    with transaction.atomic():
        office = world.offices["SDHA"]
        record(LOADED, office, actor=world.users["administrator"], office_id=office.pk)
