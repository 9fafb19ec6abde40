"""Addresses of incidents and submissions in the API."""

from __future__ import annotations

from django.urls import path

from reports.api import views

urlpatterns = [
    path("incidents/", views.IncidentViewSet.as_view({"get": "list"}), name="api-incidents"),
    path(
        "incidents/<str:number>/",
        views.IncidentViewSet.as_view({"get": "retrieve"}),
        name="api-incident",
    ),
    path("submissions/", views.SubmissionViewSet.as_view({"get": "list"}), name="api-submissions"),
    path(
        "submissions/<str:number>/",
        views.SubmissionViewSet.as_view({"get": "retrieve"}),
        name="api-submission",
    ),
    path(
        "submissions/<str:number>/package/",
        views.SubmissionViewSet.as_view({"get": "package"}),
        name="api-submission-package",
    ),
]
