"""Nobody on the register may sign: the report could be sent for signature and would wait for ever."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import WARNING, Draft, Result

BASIS = "36 CFR 1230.14(b), 1220.34(b)"


def check(draft: Draft) -> Iterator[Result]:
    if not any(entry.person.user_id for entry in draft.signers):
        words = (
            f"Nobody with an account is on the register of signers for {draft.incident.office} today. "
            "Ask an administrator to register the person authorized to sign records schedules."
        )
        yield Result("C-NO-SIGNER", WARNING, words, BASIS)
