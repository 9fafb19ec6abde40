"""Background work. The job row is the truth; the broker is a doorbell (invariant I4)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """The one row that says when a worker last did what the clock asked: clock, queue and worker lived then."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="heartbeat_one_row")]

    def __str__(self) -> str:
        return f"worker seen at {self.at}"


class Job(models.Model):
    """One piece of background work, its lease, its fencing token and what a person sees of it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60, help_text="Name of the task, e.g. records.ingest")
    subject_id = models.CharField(max_length=64, help_text="Primary key of what it works on")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    token = models.PositiveIntegerField(
        default=0, help_text="Rises with each lease: an older holder cannot commit"
    )
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(
        null=True, blank=True, help_text="When the doorbell was last rung"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=20, default="bytes")
    stage = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True, help_text="For the operator; never message content")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["kind", "subject_id"], name="job_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_open_per_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} ({self.state})"
