"""Which date governs an incident: NARA's last letter, moved only by a granted extension."""

from __future__ import annotations

from reports.deadlines import Deadline, extended, response_to_letter
from reports.models import Incident, NaraLetter


def of_letter(letter: NaraLetter) -> Deadline:
    """The date by which NARA asks for a response, with its whole sum."""
    deadline = response_to_letter(letter.dated, letter.response_days)
    for extension in letter.extensions.all():
        if extension.granted and extension.new_due and extension.decided_on:
            deadline = extended(deadline, extension.new_due, extension.decided_on)
    return deadline


def of_incident(incident: Incident) -> tuple[NaraLetter, Deadline] | None:
    """The governing letter and its date; None while NARA has not written (36 CFR 1230.14 then says: promptly)."""
    letters = list(incident.letters.prefetch_related("extensions"))
    if not letters:
        return None
    return letters[-1], of_letter(letters[-1])
