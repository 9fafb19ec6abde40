"""Judging findings: evidence that a rule saw becomes a fact of the case, or is put aside with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from records.models import Finding


def judge(finding: Finding, state: str, reason: str, *, actor: User) -> Finding:
    """Confirm a finding, dismiss it (with a reason), or open it again."""
    decision = can(actor, "findings.judge", finding.export.office)
    if not decision:
        raise Refused("F-JUDGE", decision.reason)
    if state not in Finding.State.values:
        raise UserError(
            "F-STATE", "That is not a judgement.", place="state", next_step="Confirm or dismiss it."
        )
    reason = reason.strip()
    if state == Finding.State.DISMISSED and not reason:
        raise UserError(
            "F-REASON",
            "A dismissal needs a reason.",
            place="reason",
            next_step="Say in one sentence why this is not evidence of loss; it is kept with the finding.",
        )
    before = finding.state
    with transaction.atomic():
        opened = state == Finding.State.OPEN
        changes = {
            "state": state,
            "judgement": reason,
            "judged_by": None if opened else actor,
            "judged_at": None if opened else timezone.now(),
        }
        if Finding.objects.filter(pk=finding.pk, state=before).update(**changes) != 1:
            raise Conflict(
                "F-MOVED",
                "Somebody else has judged this finding.",
                next_step="Open it again to see how and why.",
            )
        for field, value in changes.items():
            setattr(finding, field, value)
        detail = {"from": before, "to": state, "reason": reason}
        record(
            "finding.judged",
            finding,
            actor=actor,
            detail=detail,
            office_id=finding.export.office_id,
        )
    return finding
