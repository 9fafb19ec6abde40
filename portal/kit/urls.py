"""Addresses of the frame itself."""

from __future__ import annotations

from django.urls import path

from portal.kit import health, help_pages, session

urlpatterns = [
    path("health/", health.health, name="health"),
    path("session/", session.session_state, name="session"),
    path("help/", help_pages.help_index, name="help"),
    path("help/errors/", help_pages.help_errors, name="help-errors"),
    path("robots.txt", help_pages.robots, name="robots"),
]
