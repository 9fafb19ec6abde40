"""`manage.py verify_package FILE`: check a submission package with the portal's own verifier.

The single-file verifier inside each package answers with the same codes and exit codes, from other code.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reports import package


class Command(BaseCommand):
    """Exit code 0: no violation; 1: violations, one a line; 2: not a submission package."""

    help = "Find any changed, added, removed or reordered byte of a submission package."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the package as it was received")
        parser.add_argument("--fingerprint", help="the agency's key as it is published elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        found = package.verify(path, fingerprint=options["fingerprint"])
        for code, words, place in found:
            self.stdout.write(f"{code}: {words} [{place}]")
        if found:
            sys.exit(2 if found[0].code == "not-a-package" else 1)
        self.stdout.write(f"{path}: no violation found.")
        if options["fingerprint"] is None:
            self.stdout.write(
                "The key came from the package itself: it does not show who signed. "
                "Give the fingerprint that the agency publishes with --fingerprint."
            )
