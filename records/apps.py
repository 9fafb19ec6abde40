from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What the agency holds; its panels appear on the home page."""

    name = "records"

    def ready(self) -> None:
        from portal.kit import panels
        from records.holdings import holdings_of_office
        from records.panels import exports_panel, findings_panel

        panels.register(exports_panel, order=20)
        panels.register(findings_panel, order=30)
        panels.register_holdings(holdings_of_office)
