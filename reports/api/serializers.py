"""What the API says of incidents and submitted reports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from reports import clocks
from reports.models import Incident, Submission


class IncidentSerializer(serializers.ModelSerializer):
    """An incident; `due` is the governing date with its sum, null while NARA has not written."""

    office = serializers.CharField(source="office.code")
    offices = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)
    findings = serializers.SerializerMethodField()
    due = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = (
            "number", "title", "state", "kinds", "limbs", "occurrence", "origin", "summary", "office", "offices",
            "discovered_on", "occurred_from", "occurred_to", "nara_case", "opened_at", "findings", "due", "report",
        )  # fmt: skip

    def get_findings(self, incident: Incident) -> list[str]:
        links = incident.incident_findings.all()
        return [f"{link.finding.export.number} F{link.finding.number}" for link in links]

    @extend_schema_field({"type": "object", "nullable": True})
    def get_due(self, incident: Incident) -> dict[str, Any] | None:
        governing = clocks.of_incident(incident)
        if governing is None:
            return None
        deadline = governing[1]
        return {
            "due": deadline.due,
            "submit_by": deadline.submit_by,
            "falls_on": deadline.falls_on,
            "basis": deadline.basis,
            "steps": deadline.steps,
        }

    def get_report(self, incident: Incident) -> str | None:
        report = getattr(incident, "report", None)
        return report.number if report else None


class SubmissionSerializer(serializers.ModelSerializer):
    """A submitted report: its receipt, and the frozen report itself in the detail."""

    report = serializers.CharField(source="version.report.number")
    version = serializers.IntegerField(source="version.version")
    agency = serializers.CharField(source="agency.code")
    package_sha256 = serializers.CharField(source="package.sha256", default=None, allow_null=True)
    package_url = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields = (
            "number", "report", "version", "agency", "submitted_at", "report_hash", "package_sha256",
            "packaged_at", "key_fingerprint", "package_url",
        )  # fmt: skip

    def get_package_url(self, submission: Submission) -> str | None:
        if submission.package_id is None:
            return None
        return str(
            reverse(
                "api-submission-package", args=[submission.number], request=self.context["request"]
            )
        )


class SubmissionDetailSerializer(SubmissionSerializer):
    frozen = serializers.JSONField(source="version.frozen")

    class Meta(SubmissionSerializer.Meta):
        fields = (*SubmissionSerializer.Meta.fields, "frozen")
