"""Telephone numbers in one form, so that two ways of writing one number compare equal (ITU-T E.164)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
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


def keep(person: Person, numbers: Iterable[str], *, others: bool = False) -> None:
    """Give a person these numbers (E.164); `others` says whether numbers beside them stay. Call it in a transaction."""
    wanted = set(numbers)
    if not others:
        person.phones.exclude(number__in=wanted).delete()
    known = set(person.phones.values_list("number", flat=True))
    PersonPhone.objects.bulk_create(
        PersonPhone(person=person, number=number) for number in sorted(wanted - known)
    )
