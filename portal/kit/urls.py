"""Addresses of the frame itself."""

from __future__ import annotations

from django.urls import path

from portal.kit import health, help, session

urlpatterns = [
    path("health/", health.health, name="health"),
    path("session/", session.session_state, name="session"),
    path("help/", help.help_index, name="help"),
    path("help/errors/", help.help_errors, name="help-errors"),
    path("robots.txt", help.robots, name="robots"),
]
