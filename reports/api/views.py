"""Incidents and submitted reports over the API, read-only."""

from __future__ import annotations

from typing import Any

import django_filters
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from portal.errors import Conflict
from portal.vault.store import open_sealed
from reports.api import serializers
from reports.models import Incident, Submission
from reports.services.submissions import note_opening


class IncidentFilter(django_filters.FilterSet):
    office = django_filters.CharFilter(field_name="office__code")

    class Meta:
        model = Incident
        fields = ("state", "occurrence", "office", "nara_case")


@extend_schema(tags=["incidents"])
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Incidents of the offices in reach."""

    access = {"list": "incidents.view", "retrieve": "incidents.view"}
    serializer_class = serializers.IncidentSerializer
    filterset_class = IncidentFilter
    lookup_field = "number"

    def get_queryset(self) -> Any:
        return (
            Incident.objects.visible_to(self.request.user)
            .select_related("office", "report")
            .prefetch_related(
                "offices", "incident_findings__finding__export", "letters__extensions"
            )
        )


class ZipRenderer(BaseRenderer):
    """Names the media type in the schema; the bytes are streamed as they are sealed."""

    media_type = "application/zip"
    format = "zip"

    def render(self, data: Any, *_: Any, **__: Any) -> Any:
        return data


@extend_schema(tags=["submissions"])
class SubmissionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Reports that were submitted to NARA, frozen. Drafts do not exist here."""

    access = {
        "list": "submissions.view",
        "retrieve": "submissions.view",
        "package": "submissions.view",
    }
    lookup_field = "number"

    def get_serializer_class(self) -> Any:
        detailed = self.action == "retrieve"
        return (
            serializers.SubmissionDetailSerializer if detailed else serializers.SubmissionSerializer
        )

    def get_queryset(self) -> Any:
        return Submission.objects.visible_to(self.request.user).select_related(
            "version__report", "agency", "package"
        )

    def get_renderers(self) -> list[Any]:
        return (
            [JSONRenderer(), ZipRenderer()] if self.action == "package" else super().get_renderers()
        )

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The frozen report. The look is kept, like every look at a submission."""
        note_opening(self.get_object(), "api: report", actor=request.user)
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def package(self, request: Request, number: str) -> FileResponse:
        """The signed package, as NARA gets it."""
        submission = get_object_or_404(self.get_queryset(), number=number)
        if submission.package is None:
            raise Conflict(
                "S-NOT-PACKAGED",
                "The package is still being built.",
                next_step="Ask again in a minute.",
            )
        note_opening(submission, "api: package", actor=request.user)
        return FileResponse(
            open_sealed(submission.package),
            as_attachment=True,
            filename=f"{submission.number}.zip",
            content_type="application/zip",
        )
