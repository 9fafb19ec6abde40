"""Life cycles of what the agency holds, as tables (drawn into the documentation)."""

from __future__ import annotations

from typing import Any

from portal.agency.access import ALLOWED, Decision, can
from portal.jobs.models import Job
from portal.kit.lifecycle import Lifecycle, Transition
from records.models import Alias, MessageExport

INGEST = "records.tasks.ingest_export"
EXAMINE = "records.tasks.examine_attachments"
State = MessageExport.State


def open_job(export: MessageExport) -> Job | None:
    """The job that is to read this export or is reading it, if there is one."""
    states = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(kind=INGEST, subject_id=str(export.pk), state__in=states).first()


def being_examined(export: MessageExport) -> bool:
    """Whether a job that looks at the attachments of this export is queued or running."""
    states = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(kind=EXAMINE, subject_id=str(export.pk), state__in=states).exists()


def latest_job(export: MessageExport) -> Job | None:
    """The last job that read this export or tried to; a failed one says why."""
    return (
        Job.objects.filter(kind=INGEST, subject_id=str(export.pk)).order_by("-created_at").first()
    )


def _nobody_reads(export: Any, actor: Any) -> Decision:
    if open_job(export):
        return Decision(False, "It is being read at this moment; wait until that has ended.")
    return ALLOWED


MESSAGE_EXPORT = Lifecycle(
    Transition("read", (State.RECEIVED,), State.READING, "Reading begins"),
    Transition("ask", (State.READING,), State.NEEDS_ANSWER, "The file leaves a question open"),
    Transition(
        "answer", (State.NEEDS_ANSWER,), State.RECEIVED, "Answer", permission="exports.answer"
    ),
    Transition(
        "reject",
        (State.RECEIVED, State.READING, State.EXAMINING),
        State.REJECTED,
        "It cannot be read as an export",
    ),
    Transition(
        "examine", (State.READING,), State.EXAMINING, "All entries are written; the rules are asked"
    ),
    Transition("finish", (State.EXAMINING,), State.READY, "Reading has ended"),
    Transition(
        "read_again",
        (State.READY, State.REJECTED, State.RECEIVED, State.READING, State.EXAMINING),
        State.RECEIVED,
        "Read again from the sealed file",
        permission="exports.answer",
        guard=_nobody_reads,
    ),
    Transition(
        "rebuild",
        (State.READY, State.REJECTED, State.RECEIVED, State.READING, State.EXAMINING),
        State.RECEIVED,
        "Read again on the operator's word",
        guard=_nobody_reads,
    ),
)


def _links_there(alias: Any, actor: Any) -> Decision:
    """A suggestion is for whoever links where the handle occurs; what was confirmed, for whoever links there."""
    if alias.state == Alias.State.CONFIRMED:
        return can(actor, "senders.link", alias.office)
    if alias.handle.linking_office(actor) is None:
        return Decision(False, "It occurs in no export of an office for which you link senders.")
    return ALLOWED


# Which office counts depends on the state, so the guard asks for it.
ALIAS = Lifecycle(
    Transition(
        "confirm",
        (Alias.State.SUGGESTED,),
        Alias.State.CONFIRMED,
        "Confirm",
        permission="senders.link",
        guard=_links_there,
    ),
    Transition(
        "withdraw",
        (Alias.State.SUGGESTED, Alias.State.CONFIRMED),
        Alias.State.WITHDRAWN,
        "Withdraw",
        permission="senders.link",
        guard=_links_there,
        needs_reason=True,
    ),
    office=lambda alias: None,
)
