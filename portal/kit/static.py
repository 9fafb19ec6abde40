"""Static files of the portal: USWDS, Chart.js and our own, without the thousands of files nobody asks for."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig


class CustosStaticFilesConfig(StaticFilesConfig):
    """Leaves out icon sources and stylesheet sources: collecting them costs minutes and 85 MB.

    Source maps stay: the manifest storage stops at a file that names a map which is not there.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "material-icons*",
        "uswds-icons",
        "scss",
        "theme",
        "redoc",
        "chunks",
        "*.cjs",
        "*.d.ts",
    ]
