"""The kit as a Django application: its template tags, and one log configuration for web and worker."""

from __future__ import annotations

from django.apps import AppConfig


class KitConfig(AppConfig):
    """Registers the kit and sets up structured logs once Django is ready."""

    name = "portal.kit"

    def ready(self) -> None:
        from portal.kit import logs

        logs.configure()
