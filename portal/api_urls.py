"""The API, version 1."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("records.api.urls")),
    path("", include("reports.api.urls")),
]
