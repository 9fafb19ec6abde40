"""Exports, problems, findings and messages over the API. Every call goes through the services and scoped querysets."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from portal.agency.access import reach, scoped
from portal.agency.models import Office
from portal.kit.api import CursorPages
from portal.kit.bodies import takes_files
from portal.vault.store import blocks
from records.api import filters, serializers
from records.models import (
    Attachment,
    Custodian,
    Finding,
    Message,
    MessageExport,
    MessagingTool,
    Problem,
)
from records.services import exports as services


class BySequence(CursorPages):
    ordering = "seq"


class ByKey(CursorPages):
    ordering = "pk"


class ByNumber(CursorPages):
    ordering = ("export_id", "number")


class ByPath(CursorPages):
    ordering = "path"


@extend_schema(tags=["exports"])
class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Message exports: hand in, follow to the end, read what was found."""

    access = {
        "list": "exports.view",
        "retrieve": "exports.view",
        "create": "exports.receive",
        "answer": "exports.answer",
    }
    lookup_field = "number"
    filterset_class = filters.ExportFilter

    def get_queryset(self) -> Any:
        return MessageExport.objects.visible_to(self.request.user).select_related(
            "stored_file", "office", "tool"
        )

    def get_serializer_class(self) -> Any:
        if self.action == "create":
            return serializers.HandInSerializer
        if self.action == "answer":
            return serializers.AnswersSerializer
        return (
            serializers.ExportDetailSerializer
            if self.action == "retrieve"
            else serializers.ExportSerializer
        )

    @extend_schema(
        request={"multipart/form-data": serializers.HandInSerializer},
        responses={
            202: OpenApiResponse(
                serializers.ExportDetailSerializer, "Received; poll the address in Location."
            ),
            200: OpenApiResponse(
                serializers.ExportDetailSerializer, "These bytes are already held; here they are."
            ),
        },
    )
    @takes_files(limit=lambda: settings.EXPORT_MAX_BYTES)
    def create(self, request: Request) -> Response:
        """Hand in one file. The same bytes again answer 200 with the export already held."""
        form = serializers.HandInSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        file = values.pop("file")
        export, already_held = services.receive(
            blocks(file), file.name, actor=request.user, channel="api", **values
        )
        body = serializers.ExportDetailSerializer(
            export, context=self.get_serializer_context()
        ).data
        location = reverse("api-export", args=[export.number], request=request)
        code = status.HTTP_200_OK if already_held else status.HTTP_202_ACCEPTED
        return Response(body, status=code, headers={"Location": location})

    @extend_schema(
        request=serializers.AnswersSerializer, responses={202: serializers.ExportDetailSerializer}
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, number: str) -> Response:
        """Answer what the file does not say; it is then read with these answers."""
        export = get_object_or_404(self.get_queryset(), number=number)
        form = serializers.AnswersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.answer(export, form.validated_data["answers"], actor=request.user)
        body = serializers.ExportDetailSerializer(
            export, context=self.get_serializer_context()
        ).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class _OfExport(mixins.ListModelMixin, GenericViewSet):
    """A list below one export; an export out of reach is 404."""

    def export(self) -> MessageExport:
        visible = scoped(MessageExport.objects.all(), self.request.user, self.access["list"])  # type: ignore[attr-defined]
        return get_object_or_404(visible, number=self.kwargs["number"])


@extend_schema(tags=["exports"])
class ProblemViewSet(_OfExport):
    """What could not be read as it stands, with its place."""

    access = {"list": "exports.view"}
    serializer_class = serializers.ProblemSerializer
    filterset_class = filters.ProblemFilter
    pagination_class = ByKey
    queryset = Problem.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return Problem.objects.filter(export=self.export())


@extend_schema(tags=["exports"])
class AttachmentViewSet(_OfExport):
    """Files that messages name or that lie in the export unnamed. Needs the scope messages.view."""

    access = {"list": "messages.view"}
    serializer_class = serializers.AttachmentSerializer
    filterset_class = filters.AttachmentFilter
    pagination_class = ByKey
    queryset = Attachment.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = Attachment.objects.filter(export=self.export())
        return rows.values("pk", *serializers.AttachmentSerializer.COLUMNS)


@extend_schema(tags=["exports"])
class MessageViewSet(_OfExport):
    """Entries of an export in their order. Needs the scope messages.view."""

    access = {"list": "messages.view"}
    serializer_class = serializers.MessageSerializer
    filterset_class = filters.MessageFilter
    pagination_class = BySequence
    queryset = Message.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = Message.objects.filter(export=self.export())
        return rows.values(*serializers.MessageSerializer.COLUMNS)


@extend_schema(tags=["findings"])
class FindingViewSet(mixins.ListModelMixin, GenericViewSet):
    """Evidence of loss over all exports in reach; filter by export, rule, code, state."""

    access = {"list": "exports.view"}
    serializer_class = serializers.FindingSerializer
    filterset_class = filters.FindingFilter
    pagination_class = ByNumber

    def get_queryset(self) -> Any:
        visible = Finding.objects.visible_to(self.request.user).current()
        return visible.select_related("export__office", "conversation")


@extend_schema(tags=["agency"])
class OfficeViewSet(mixins.ListModelMixin, GenericViewSet):
    """Offices for which the token may see or hand in exports: their codes are what other calls take."""

    access = {"list": "exports.view"}
    serializer_class = serializers.OfficeSerializer
    pagination_class = ByPath

    def get_queryset(self) -> Any:
        own = reach(self.request.user, "exports.view").office_ids()
        return Office.objects.filter(pk__in=own).select_related("parent")


@extend_schema(tags=["agency"])
class CustodianViewSet(mixins.ListModelMixin, GenericViewSet):
    """Custodians of the offices in reach."""

    access = {"list": "exports.view"}
    serializer_class = serializers.CustodianSerializer
    pagination_class = ByKey

    def get_queryset(self) -> Any:
        return scoped(Custodian.objects.all(), self.request.user, "exports.view").select_related(
            "person", "office"
        )


@extend_schema(tags=["agency"])
class ToolViewSet(mixins.ListModelMixin, GenericViewSet):
    """Messaging tools the agency knows."""

    access = {"list": "exports.view"}
    serializer_class = serializers.MessagingToolSerializer
    pagination_class = ByKey
    queryset = MessagingTool.objects.all()
