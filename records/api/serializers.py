"""What the API says of exports, findings and messages: explicit fields, plain shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from portal.agency.access import reach
from portal.agency.models import Office
from portal.jobs.models import Job
from records.lifecycles import INGEST
from records.models import (
    Attachment,
    Custodian,
    FileContent,
    Finding,
    MessageExport,
    MessagingTool,
    Problem,
)


class Strict(serializers.Serializer):
    """Refuses fields it does not know: a misspelt name must not be dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(
                {name: ["This field is not known."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


class JobSerializer(serializers.ModelSerializer):
    """Progress of the background work: `done` of `total` in `unit`."""

    class Meta:
        model = Job
        fields = (
            "state",
            "stage",
            "done",
            "total",
            "unit",
            "heartbeat_at",
            "started_at",
            "finished_at",
            "error_code",
        )


class OfficeSerializer(serializers.ModelSerializer):
    parent = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Office
        fields = ("code", "name", "kind", "parent", "starts_on", "ends_on")


class CustodianSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="person.name")
    office = serializers.CharField(source="office.code")

    class Meta:
        model = Custodian
        fields = ("id", "name", "office", "starts_on", "ends_on")


class MessagingToolSerializer(serializers.ModelSerializer):
    class Meta:
        model = MessagingTool
        fields = (
            "name",
            "vendor",
            "approved",
            "deletes_itself",
            "auto_delete_setting",
            "checked_on",
        )


class ExportSerializer(serializers.ModelSerializer):
    """A message export and where its reading stands. Poll `url` until `settled` is true."""

    url = serializers.SerializerMethodField()
    sha256 = serializers.CharField(source="stored_file.sha256")
    size = serializers.IntegerField(source="stored_file.size")
    office = serializers.CharField(source="office.code")
    custodian = serializers.IntegerField(source="custodian_id")
    tool = serializers.CharField(source="tool.name")
    settled = serializers.BooleanField()

    class Meta:
        model = MessageExport
        fields = (
            "number", "url", "name", "sha256", "size", "office", "custodian", "tool", "account", "time_zone",
            "collected_by", "collected_on", "received_at", "state", "settled", "verdict", "rejection_code",
            "rejection_words", "questions", "format", "variant", "entries", "kinds", "problem_count",
            "finding_count", "first_at", "last_at", "bytes_total", "bytes_owned",
        )  # fmt: skip

    def get_url(self, export: MessageExport) -> str:
        return str(reverse("api-export", args=[export.number], request=self.context["request"]))


class ExportDetailSerializer(ExportSerializer):
    """The same, with the progress of its job and what was inferred."""

    job = serializers.SerializerMethodField()

    class Meta(ExportSerializer.Meta):
        fields = (*ExportSerializer.Meta.fields, "reading", "job")

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, export: MessageExport) -> dict[str, Any] | None:
        job = (
            Job.objects.filter(kind=INGEST, subject_id=str(export.pk))
            .order_by("-created_at")
            .first()
        )
        return dict(JobSerializer(job).data) if job else None


class HandInSerializer(Strict):
    """A file and what is known of it. `office`, `custodian` and `tool` as the lists of this API name them."""

    file = serializers.FileField(allow_empty_file=True)
    office = serializers.SlugRelatedField(slug_field="code", queryset=Office.objects.none())
    custodian = serializers.PrimaryKeyRelatedField(queryset=Custodian.objects.none())
    tool = serializers.SlugRelatedField(slug_field="name", queryset=MessagingTool.objects.all())
    account = serializers.ChoiceField(choices=MessageExport.Account.choices, default="unknown")
    time_zone = serializers.CharField(
        max_length=60,
        allow_blank=True,
        default="",
        help_text="IANA name of the device's zone; empty: not known",
    )
    collected_by = serializers.CharField(max_length=200, allow_blank=True, default="")
    collected_on = serializers.DateField(allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        """What is out of reach does not exist: no code of another office can be probed."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            own = reach(request.user, "exports.receive").office_ids()
            fields["office"].queryset = Office.objects.filter(pk__in=own)
            fields["custodian"].queryset = Custodian.objects.filter(office__in=own)
        return fields


class AnswersSerializer(Strict):
    """Question code -> one of its choices."""

    answers = serializers.DictField(child=serializers.CharField(max_length=60), allow_empty=False)


class ProblemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Problem
        fields = ("code", "severity", "words", "seq", "line", "offset", "length", "unread")


class AttachmentSerializer(serializers.Serializer):
    """A file that a message names or that lies in the export unnamed; what its bytes are, and what the scanner says.

    Read through `.values()`, as messages are.
    """

    id = serializers.IntegerField()
    seq = serializers.IntegerField(allow_null=True, help_text="The entry that names it")
    name = serializers.CharField()
    member = serializers.CharField(help_text="Of the archive; empty: none")
    state = serializers.ChoiceField(choices=Attachment.State.choices)
    left_out = serializers.CharField()
    declared_type = serializers.CharField(help_text="As the export says; not to be trusted")
    contradiction = serializers.CharField()
    unreadable = serializers.CharField()
    sha256 = serializers.CharField(
        source="content__sha256", allow_null=True, help_text="Null: not examined, or not there"
    )
    size = serializers.IntegerField(source="content__size", allow_null=True)
    media_type = serializers.CharField(source="content__media_type", allow_null=True)
    duration_ms = serializers.IntegerField(source="content__duration_ms", allow_null=True)
    scan = serializers.ChoiceField(
        source="content__scan", choices=FileContent.Scan.choices, allow_null=True
    )
    scan_words = serializers.CharField(source="content__scan_words", allow_null=True)
    scan_signatures = serializers.CharField(source="content__scan_signatures", allow_null=True)
    scanned_at = serializers.DateTimeField(source="content__scanned_at", allow_null=True)

    COLUMNS = (
        "id", "seq", "name", "member", "state", "left_out", "declared_type", "contradiction", "unreadable",
        "content__sha256", "content__size", "content__media_type", "content__duration_ms", "content__scan",
        "content__scan_words", "content__scan_signatures", "content__scanned_at",
    )  # fmt: skip


class FindingSerializer(serializers.ModelSerializer):
    export = serializers.CharField(source="export.number")
    office = serializers.CharField(source="export.office.code")
    conversation = serializers.IntegerField(
        source="conversation.index", allow_null=True, default=None
    )

    class Meta:
        model = Finding
        fields = (
            "export", "number", "office", "conversation", "rule", "code", "title", "explanation", "advice",
            "confidence", "count", "counts", "first_at", "last_at", "detail", "state", "judgement",
        )  # fmt: skip


class MessageSerializer(serializers.Serializer):
    """One entry; read through `.values()` because a model instance for each row costs the list its speed."""

    seq = serializers.IntegerField()
    conversation = serializers.IntegerField(source="conversation__index")
    kind = serializers.CharField()
    sender = serializers.CharField(source="participant__name", allow_null=True)
    body = serializers.CharField()
    written = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)
    attachment = serializers.CharField()
    offset = serializers.IntegerField()
    length = serializers.IntegerField()
    doubt = serializers.IntegerField()
    detail = serializers.JSONField(allow_null=True)

    COLUMNS = (
        "seq", "conversation__index", "kind", "participant__name", "body", "written", "sent_at", "attachment",
        "offset", "length", "doubt", "detail",
    )  # fmt: skip
