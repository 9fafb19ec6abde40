"""Submitting once, packaging, and what a reader of submissions leaves in the audit log (36 CFR 1230.14)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.agency.access import can
from portal.agency.models import User
from portal.agency.numbers import next_number
from portal.audit import log
from portal.audit.models import AuditEvent
from portal.errors import Refused
from portal.jobs import queue
from portal.keys import signing_key
from portal.vault import store
from portal.vault.models import StoredFile
from records.models import MessageExport
from reports import package
from reports.incident_lifecycle import INCIDENT
from reports.lifecycles import REPORT_VERSION
from reports.models import ReportVersion, Submission

BUILD_TASK = "reports.tasks.build_package"


@transaction.atomic
def submit(version: ReportVersion, *, actor: User) -> Submission:
    """Hand the signed version to NARA, once: whoever asks again gets the same receipt."""
    rows = ReportVersion.objects.select_for_update(of=("self",))
    locked = rows.select_related("report__incident__office", "supplements").get(pk=version.pk)
    incident = locked.report.incident
    decision = can(actor, "reports.submit", incident.office)
    if not decision:
        raise Refused("R-SUBMIT", decision.reason)
    existing = Submission.objects.filter(version=locked).first()
    if existing:
        if existing.package_id is None:
            # A build that failed for good is asked for again by submitting again; one under way is left alone.
            queue.enqueue(BUILD_TASK, existing.pk)
        return existing
    REPORT_VERSION.advance(locked, "submit", actor=actor)
    INCIDENT.advance(incident, "submitted", actor=actor)
    if locked.supplements:
        REPORT_VERSION.advance(locked.supplements, "supersede", actor=actor)
    submission = Submission.objects.create(
        number=next_number("SUB"),
        version=locked,
        agency=incident.office,
        submitted_at=timezone.now(),
        submitted_by=actor,
        report_hash=locked.frozen_hash,
        key_fingerprint=signing_key(Path(settings.KEYS_DIR)).fingerprint,
    )
    event = log.record(
        "report.submitted",
        locked,
        actor=actor,
        office_id=incident.office_id,
        detail={"submission": submission.number, "sha256": locked.frozen_hash},
    )
    submission.audit_through = event.sequence
    submission.save(update_fields=["audit_through"])
    queue.enqueue(BUILD_TASK, submission.pk)
    return submission


def build_package(lease: queue.Lease) -> None:
    """Build the package of a submission from its frozen report and seal it. Asked twice, it builds once."""
    submission = Submission.objects.select_related("version__report__incident").get(
        pk=int(lease.job.subject_id)
    )
    if submission.package_id:
        lease.finish()
        return
    lease.beat(stage="building", total=2, done=0)
    with tempfile.TemporaryDirectory(
        prefix="package-", dir=settings.FILE_UPLOAD_TEMP_DIR
    ) as folder:
        try:
            built = _build(submission, Path(folder))
        except package.PackageError as error:
            lease.fail(error.code, str(error))
            return
        lease.beat(stage="sealing", done=1)
        with built.path.open("rb") as stream:
            sealed = store.seal(store.blocks(stream)).stored_file
    _keep(submission, sealed, built, lease)


@transaction.atomic
def _keep(
    submission: Submission, sealed: StoredFile, built: package.Package, lease: queue.Lease
) -> None:
    submission.package, submission.packaged_at = sealed, timezone.now()
    submission.key_fingerprint = built.fingerprint
    submission.save(update_fields=["package", "packaged_at", "key_fingerprint"])
    log.record(
        "submission.packaged",
        submission,
        actor=None,
        office_id=submission.agency_id,
        detail={"sha256": built.sha256, "size": built.size, "fingerprint": built.fingerprint},
    )
    lease.beat(done=2)
    lease.finish()


def _build(submission: Submission, folder: Path) -> package.Package:
    frozen = submission.version.frozen or {}
    return package.build(
        frozen,
        [_exhibit(entry) for entry in frozen["exhibits"]],
        audit_extract(submission),
        submission=submission.number,
        key=signing_key(Path(settings.KEYS_DIR)),
        signed_at=submission.submitted_at,
        destination=folder / f"{submission.number}.zip",
    )


def _exhibit(entry: dict[str, Any]) -> package.Exhibit:
    return package.Exhibit(
        entry["number"],
        entry["title"],
        entry["file_name"],
        entry["media_type"],
        partial(open_exhibit, entry["sha256"]),
    )


def open_exhibit(sha256: str) -> BinaryIO:
    """The sealed bytes of an exhibit, found by what the frozen report says of them."""
    return store.open_sealed(StoredFile.objects.get(sha256=sha256))


def audit_extract(submission: Submission) -> Iterator[dict[str, Any]]:
    """Events about the incident, the report, its version and the exports it rests on, up to the submission."""
    report = submission.version.report
    versions = report.versions.filter(version__lte=submission.version.version)
    frozen = submission.version.frozen or {}
    exports = MessageExport.objects.filter(
        number__in={finding["export"] for finding in frozen["findings"]}
    )
    about = (
        Q(object_type="reports.incident", object_id=str(report.incident_id))
        | Q(object_type="reports.report", object_id=str(report.pk))
        | Q(object_type="reports.reportversion", object_id__in=_texts(versions))
        | Q(object_type="records.messageexport", object_id__in=_texts(exports))
    )
    events = AuditEvent.objects.filter(about, sequence__lte=submission.audit_through)
    for event in events.order_by("sequence").iterator(chunk_size=500):
        yield {**log.content(event), "hash": event.hash}


def _texts(rows: Any) -> list[str]:
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


@transaction.atomic
def note_opening(submission: Submission, part: str, *, actor: User) -> None:
    """Every look at a submission is kept: who read what, when (36 CFR 1236.10; NIST AU-3)."""
    log.record(
        "submission.opened",
        submission,
        actor=actor,
        office_id=submission.agency_id,
        detail={"part": part, "sha256": submission.report_hash},
    )
