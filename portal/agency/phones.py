"""Telephone numbers in one form, so that two ways of writing one number compare equal (ITU-T E.164)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

from portal.agency.models import Person, PersonPhone

# Applications write hyphens that do not break (U+2010 to U+2015).
_WRITTEN = re.compile(r"[+(]?[\d\s().\-/\u2010-\u2015]{5,}", re.ASCII)


def e164(text: str) -> str:
    """A number as `+12025550143`; empty when the text is no number. Without `+` it is one of the home region's.

    Short codes ("72975") and extensions belong to a network or a switchboard and have no such form.
    """
    try:
        number = parse(text, settings.PHONE_REGION)
    except NumberParseException:
        return ""
    if number.extension or not is_possible_number(number):
        return ""
    if not text.lstrip().startswith("+") and not is_valid_number(number):
        return ""
    return str(format_number(number, PhoneNumberFormat.E164))


def looks_like_number(text: str) -> bool:
    """Written as people write telephone numbers: digits and what stands between them, and nothing else."""
    return bool(_WRITTEN.fullmatch(text.strip()))


class Kept(NamedTuple):
    """Numbers that a person has from now on, and numbers that end today."""

    added: list[str]
    ended: list[str]


def keep(person: Person, numbers: Iterable[str], *, others: bool = False) -> Kept:
    """Give a person these numbers (E.164); `others` says whether numbers beside them stay. Call it in a transaction.

    A number that is taken away stays in the register with its last day; given again, it has none.
    """
    wanted = set(numbers)
    has = set(current(person).values_list("number", flat=True))
    added, ended = sorted(wanted - has), [] if others else sorted(has - wanted)
    person.phones.filter(number__in=ended).update(ends_on=timezone.localdate())
    PersonPhone.objects.bulk_create(
        [PersonPhone(person=person, number=number) for number in added],
        update_conflicts=True,
        unique_fields=["person", "number"],
        update_fields=["ends_on"],
    )
    return Kept(added, ended)


def current(person: Person) -> QuerySet[PersonPhone]:
    """The numbers that have not been taken away."""
    return person.phones.filter(ends_on__isnull=True)
