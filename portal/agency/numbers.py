"""Public numbers such as EXP-2026-0001, gapless per year, from a locked counter row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal.agency.models import Counter


def next_number(prefix: str) -> str:
    """The next number of a series. Call inside the transaction that uses it: a rollback gives it back."""
    year = timezone.localdate().year
    with transaction.atomic():
        key = f"{prefix}-{year}"
        Counter.objects.get_or_create(key=key)
        counter = Counter.objects.select_for_update().get(key=key)
        counter.last += 1
        counter.save(update_fields=["last"])
        return f"{key}-{counter.last:04d}"
