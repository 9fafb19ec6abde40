"""Life cycle of a report version: draft, waiting for signature, signed, submitted, superseded."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from portal.agency.access import ALLOWED, Decision
from portal.kit.lifecycle import Lifecycle, Transition
from reports import checks
from reports.checks.base import drafters_of, signers_for
from reports.models import ReportVersion


def no_errors(version: ReportVersion, actor: Any) -> Decision:
    """Errors of the completeness checks block the way to the signer.

    A page that has just checked this very object leaves the count on it; a step checks its own locked copy again.
    """
    known = version.counted_errors
    count = len(checks.errors(version)) if known is None else known
    if not count:
        return ALLOWED
    noun = "error blocks" if count == 1 else "errors block"
    return Decision(False, f"{count} {noun} the signature. Each is listed with its place.")


def is_registered_signer(version: ReportVersion, actor: Any) -> Decision:
    """Only a person on the register of 36 CFR 1220.34(b) may sign (36 CFR 1230.14(b))."""
    register = signers_for(version.report.incident, timezone.localdate())
    if any(entry.person.user_id == actor.pk for entry in register):
        return ALLOWED
    return Decision(
        False,
        "36 CFR 1230.14(b): only a person authorized to sign records schedules may sign. You are not "
        f"on the register of signers for {version.report.incident.office} today.",
    )


def wrote_in(version: ReportVersion, actor: Any) -> bool:
    """Did this person draft? Then signing needs a reason, which is logged (separation of duties)."""
    return any(user.pk == actor.pk for user in drafters_of(version))


REPORT_VERSION = Lifecycle(
    Transition(
        "send",
        ("draft",),
        "in_review",
        "Send for signature",
        permission="reports.edit",
        guard=no_errors,
    ),
    Transition(
        "take_back",
        ("in_review",),
        "draft",
        "Take back to draft",
        permission="reports.edit",
        needs_reason=True,
    ),
    Transition(
        "give_back",
        ("in_review",),
        "draft",
        "Return with a reason",
        permission="reports.sign",
        needs_reason=True,
    ),
    Transition(
        "sign",
        ("in_review",),
        "approved",
        "Sign",
        permission="reports.sign",
        guard=is_registered_signer,
    ),
    Transition("submit", ("approved",), "submitted", "Submit to NARA", permission="reports.submit"),
    Transition(
        "set_aside",
        ("approved",),
        "superseded",
        "Set aside and draft again",
        permission="reports.edit",
        needs_reason=True,
    ),
    Transition("supersede", ("submitted",), "superseded", "Superseded by a supplement"),
    office=lambda version: version.report.incident.office,
)
