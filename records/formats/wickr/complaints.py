"""The problems that only Wickr logs have."""

from __future__ import annotations

from collections.abc import Mapping

from records.formats.complaints import Wording

WORDINGS: Mapping[str, Wording] = {
    "J-ID-TIME": Wording(
        "warning",
        "The time inside this message's id differs by more than fifteen minutes from the time that the log gives it. "
        "One of the two was changed, or the clock of the sending device was wrong: compare with another log.",
    ),
}
