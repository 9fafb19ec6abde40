"""Sending a report to the signer, signing, returning (36 CFR 1230.14(b), 1220.34(b)). Signing freezes (I8)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.agency.models import Signer, User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from reports import checks, freeze
from reports.checks.base import signers_for
from reports.frozen import defects, digest
from reports.lifecycles import REPORT_VERSION, wrote_in
from reports.models import ReportVersion


@transaction.atomic
def send_for_signature(version: ReportVersion, *, actor: User) -> ReportVersion:
    """Hand the draft to the signer. Errors of the checks block it."""
    _lock(version)
    REPORT_VERSION.advance(
        version,
        "send",
        actor=actor,
        sent_for_signature_by=actor,
        sent_for_signature_at=timezone.now(),
        return_reason="",
    )
    _record("report.sent_for_signature", version, actor)
    return version


@transaction.atomic
def take_back(version: ReportVersion, *, actor: User, reason: str) -> ReportVersion:
    """The drafter takes the report back before it is signed."""
    REPORT_VERSION.advance(version, "take_back", actor=actor, reason=reason)
    _record("report.taken_back", version, actor, reason=reason)
    return version


@transaction.atomic
def give_back(version: ReportVersion, *, actor: User, reason: str) -> ReportVersion:
    """The signer returns the report with the reason, which the drafter sees on the checklist."""
    REPORT_VERSION.advance(
        version, "give_back", actor=actor, reason=reason, return_reason=reason.strip()
    )
    _record("report.given_back", version, actor, reason=reason)
    return version


@transaction.atomic
def sign(
    version: ReportVersion, *, actor: User, override_reason: str = "", read: str | None = None
) -> ReportVersion:
    """Sign and freeze. Only a registered signer may; who also drafted must say why nobody else signs.

    The checks run again: evidence may have changed since the report was sent. `read` is `freeze.reading` of the
    text that the signer had on the page: Conflict when it is no longer the text that would be signed.
    """
    _lock(version)
    may_sign(version, actor)
    if read is not None and read != freeze.reading(freeze.draft(version)):
        raise Conflict(
            "R-CHANGED",
            "The report or its evidence has changed since you opened this page.",
            next_step="Read it again as it is now, then sign.",
        )
    _refuse_errors(version)
    also_drafted = wrote_in(version, actor)
    if also_drafted and not override_reason.strip():
        raise Refused(
            "R-SAME-PERSON",
            "You wrote in this report. Drafter and signer should be two people (separation of duties).",
            place="override_reason",
            next_step="Let another registered signer sign, or write why you are the only one who can.",
        )
    reason = override_reason.strip() if also_drafted else ""
    signer, signed_at = _entry(version, actor), timezone.now()
    frozen = freeze.freeze(version, signer=signer, signed_at=signed_at, override_reason=reason)
    _refuse_defects(frozen)
    REPORT_VERSION.advance(
        version,
        "sign",
        actor=actor,
        signer=signer,
        signed_at=signed_at,
        override_reason=reason,
        frozen=frozen,
        frozen_hash=digest(frozen),
    )
    _record(
        "report.signed",
        version,
        actor,
        sha256=version.frozen_hash,
        authority=signer.authority,
        override_reason=reason,
    )
    return version


def may_sign(version: ReportVersion, actor: User) -> None:
    """Raises Refused unless the person is on the register today and holds the role (36 CFR 1230.14(b))."""
    for offer in REPORT_VERSION.available(version, actor):
        if offer.transition.name == "sign" and not offer.allowed:
            raise Refused("R-SIGNER", offer.decision.reason)


def _lock(version: ReportVersion) -> None:
    """Nobody saves a field while the version is being handed on."""
    ReportVersion.objects.select_for_update().get(pk=version.pk)


def _entry(version: ReportVersion, actor: User) -> Signer:
    register = signers_for(version.report.incident, timezone.localdate())
    return next(entry for entry in register if entry.person.user_id == actor.pk)


def _refuse_errors(version: ReportVersion) -> None:
    found = checks.errors(version)
    if found:
        raise UserError(
            "R-ERRORS",
            f"The report cannot be signed: {found[0].words}"
            + (f" ({len(found) - 1} more)" if len(found) > 1 else ""),
            next_step="Return it with this reason, so that the drafter can put it right.",
        )


def _refuse_defects(frozen: dict[str, object]) -> None:
    for defect in defects(frozen):
        raise UserError(
            "R-FREEZE",
            f"The report cannot be frozen: {defect.words}",
            place=defect.place,
            next_step="Tell the administrator; nothing was signed.",
        )


def _record(action: str, version: ReportVersion, actor: User, **detail: object) -> None:
    office_id = version.report.incident.office_id
    record(action, version, actor=actor, office_id=office_id, detail=detail)
