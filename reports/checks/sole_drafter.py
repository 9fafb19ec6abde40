"""Everybody who may sign also drafted: signing then needs a reason, which is logged."""

from __future__ import annotations

from collections.abc import Iterator

from reports.checks.base import WARNING, Draft, Result

BASIS = "36 CFR 1230.14(b); separation of duties (NIST SP 800-53 AC-5)"


def check(draft: Draft) -> Iterator[Result]:
    signers = {entry.person.user_id for entry in draft.signers if entry.person.user_id}
    drafters = {user.pk for user in draft.drafters}
    if signers and signers <= drafters:
        words = (
            "Everybody who may sign this report also wrote in it. Let another person sign, or the "
            "signer gives a reason, which becomes part of the report."
        )
        yield Result("C-SOLE-DRAFTER", WARNING, words, BASIS)
