"""`manage.py setup_address`: the one-time address at which the first administrator is made."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portal.agency.models import User
from portal.web.setup import setup_token


class Command(BaseCommand):
    help = "Print the one-time address of the set-up page, as long as nobody has an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        default = (settings.CSRF_TRUSTED_ORIGINS or ["http://127.0.0.1:8000"])[0]
        parser.add_argument(
            "--base", default=default, help=f"address of the portal (default: {default})"
        )

    def handle(self, *, base: str, **_: Any) -> None:
        if User.objects.exists():
            raise CommandError(
                "Somebody has an account already: an administrator can make more under People."
            )
        self.stdout.write(
            f"{base.rstrip('/')}{reverse('setup')}?{urlencode({'token': setup_token()})}"
        )
