"""Addresses of exports, findings and messages in the API."""

from __future__ import annotations

from django.urls import path

from records.api import views

urlpatterns = [
    path(
        "exports/",
        views.ExportViewSet.as_view({"get": "list", "post": "create"}),
        name="api-exports",
    ),
    path(
        "exports/<str:number>/", views.ExportViewSet.as_view({"get": "retrieve"}), name="api-export"
    ),
    path(
        "exports/<str:number>/answer/",
        views.ExportViewSet.as_view({"post": "answer"}),
        name="api-export-answer",
    ),
    path(
        "exports/<str:number>/problems/",
        views.ProblemViewSet.as_view({"get": "list"}),
        name="api-export-problems",
    ),
    path(
        "exports/<str:number>/messages/",
        views.MessageViewSet.as_view({"get": "list"}),
        name="api-export-messages",
    ),
    path(
        "exports/<str:number>/attachments/",
        views.AttachmentViewSet.as_view({"get": "list"}),
        name="api-export-attachments",
    ),
    path("findings/", views.FindingViewSet.as_view({"get": "list"}), name="api-findings"),
    path("offices/", views.OfficeViewSet.as_view({"get": "list"}), name="api-offices"),
    path("custodians/", views.CustodianViewSet.as_view({"get": "list"}), name="api-custodians"),
    path("tools/", views.ToolViewSet.as_view({"get": "list"}), name="api-tools"),
]
