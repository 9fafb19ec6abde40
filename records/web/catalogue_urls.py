"""Addresses of custodians, messaging tools, schedules and documents."""

from __future__ import annotations

from django.urls import path

from records.web import custodians, documents, filed, schedules, tools

urlpatterns = [
    path("custodians/", custodians.CustodianList.as_view(), name="custodian-list"),
    path("custodians/new/", custodians.CustodianNew.as_view(), name="custodian-new"),
    path("custodians/<int:pk>/", custodians.custodian_detail, name="custodian-detail"),
    path("custodians/<int:pk>/edit/", custodians.CustodianEdit.as_view(), name="custodian-edit"),
    path("tools/", tools.ToolList.as_view(), name="tool-list"),
    path("tools/new/", tools.ToolNew.as_view(), name="tool-new"),
    path("tools/<int:pk>/", tools.tool_detail, name="tool-detail"),
    path("tools/<int:pk>/edit/", tools.ToolEdit.as_view(), name="tool-edit"),
    path("schedules/", schedules.ScheduleList.as_view(), name="schedule-list"),
    path("schedules/new/", schedules.ScheduleNew.as_view(), name="schedule-new"),
    path(
        "schedules/<int:schedule>/items/new/",
        schedules.ScheduleItemNew.as_view(),
        name="schedule-item-new",
    ),
    path("schedules/items/<int:pk>/", schedules.schedule_item_detail, name="schedule-item-detail"),
    path(
        "schedules/items/<int:pk>/edit/",
        schedules.ScheduleItemEdit.as_view(),
        name="schedule-item-edit",
    ),
    path("conversations/", filed.FiledList.as_view(), name="conversation-list"),
    path("documents/", documents.DocumentList.as_view(), name="document-list"),
    path("documents/new/", documents.DocumentNew.as_view(), name="document-new"),
    path("documents/<str:number>/", documents.document_detail, name="document-detail"),
    path("documents/<str:number>/file/", documents.document_download, name="document-download"),
]
