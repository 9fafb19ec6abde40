"""Filters of the API's lists."""

from __future__ import annotations

import django_filters

from records.models import Attachment, FileContent, Finding, Message, MessageExport, Problem


class ExportFilter(django_filters.FilterSet):
    office = django_filters.CharFilter(field_name="office__code")
    sha256 = django_filters.CharFilter(field_name="stored_file__sha256")
    custodian = django_filters.NumberFilter(field_name="custodian_id")

    class Meta:
        model = MessageExport
        fields = ("state", "verdict", "office", "custodian", "sha256")


class ProblemFilter(django_filters.FilterSet):
    class Meta:
        model = Problem
        fields = ("severity", "code", "unread")


class AttachmentFilter(django_filters.FilterSet):
    media_type = django_filters.CharFilter(field_name="content__media_type")
    scan = django_filters.ChoiceFilter(field_name="content__scan", choices=FileContent.Scan.choices)
    sha256 = django_filters.CharFilter(field_name="content__sha256")

    class Meta:
        model = Attachment
        fields = ("state", "media_type", "scan", "sha256")


class FindingFilter(django_filters.FilterSet):
    export = django_filters.CharFilter(field_name="export__number")
    office = django_filters.CharFilter(field_name="export__office__code")

    class Meta:
        model = Finding
        fields = ("export", "office", "rule", "code", "state", "confidence")


class MessageFilter(django_filters.FilterSet):
    sender = django_filters.CharFilter(field_name="participant__name")
    sent_from = django_filters.IsoDateTimeFilter(field_name="sent_at", lookup_expr="gte")
    sent_before = django_filters.IsoDateTimeFilter(field_name="sent_at", lookup_expr="lt")

    class Meta:
        model = Message
        fields = ("kind", "sender", "sent_from", "sent_before")
