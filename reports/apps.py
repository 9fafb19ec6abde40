from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """What is told to NARA; its panels appear on the home page."""

    name = "reports"

    def ready(self) -> None:
        from portal.kit import panels
        from records import uses
        from records.models import Custodian, Document, MessagingTool
        from reports.panels import clock_panel, report_panel
        from reports.uses import holdings_of_office, of_custodian, of_document, of_tool

        panels.register(clock_panel, order=10)
        panels.register(report_panel, order=15)
        panels.register_holdings(holdings_of_office)
        uses.register(Document, of_document)
        uses.register(Custodian, of_custodian)
        uses.register(MessagingTool, of_tool)
