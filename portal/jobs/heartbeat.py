"""When a worker was last seen, busy or idle.

An idle worker shows itself by the sweep, which the clock asks for every thirty seconds and a worker carries out. A busy
one, all of whose processes may be reading for longer than that, shows itself by the heartbeats of its jobs.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from portal.jobs.models import Heartbeat, Job


def note() -> None:
    """Called by the worker: it is there."""
    Heartbeat.objects.update_or_create(id=1, defaults={"at": timezone.now()})


def last_seen() -> datetime | None:
    """The newest sign of life of any worker; None when there never was one."""
    idle = Heartbeat.objects.filter(id=1).values_list("at", flat=True).first()
    running = Job.objects.filter(state=Job.State.RUNNING)
    busy: datetime | None = running.aggregate(at=Max("heartbeat_at"))["at"]
    return max((moment for moment in (idle, busy) if moment), default=None)
