"""Parts of a log that were not handed in: a hole in the numbers or in the times of their names."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from records.formats.base import Entry
from records.rules.base import INDICATOR, PARTS, PROBABLE, Context, Found, Totals, count_of, when


class MissingParts:
    """A log in several files is whole only with all of them. The format's survey says where a file is missing
    (`layout["missing_parts"]`); reading it adds the entries on both sides.
    """

    name = "missing_parts"
    kinds: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        self._survey = context.survey

    def see(self, entry: Entry) -> None:
        """No entry shows a missing file: the names of the files do."""

    def finish(self, totals: Totals) -> Iterable[Found]:
        gaps = self._survey.layout.get("missing_parts")
        for gap in gaps if isinstance(gaps, list) else []:
            seqs = [gap[key] for key in ("entry_before", "entry_after") if gap.get(key)]
            yield Found(
                rule=self.name,
                code="GAP_SEQUENCE",
                title=f"{count_of(gap['missing'], 'part')} of the log missing",
                explanation=_words(gap),
                conversation=0,
                confidence=PROBABLE if gap["certain"] else INDICATOR,
                first_at=gap.get("last_at"),
                last_at=gap.get("first_at"),
                count=gap["missing"],
                seqs=array("I", sorted(set(seqs))),
                detail={key: gap[key] for key in ("after", "before", "missing", "numbers")},
                advice=_advice(gap),
                counts=PARTS,
                whole=True,
            )


def _words(gap: Mapping[str, Any]) -> str:
    parts = count_of(gap["missing"], "part")
    if not gap["after"]:
        return f"The first part handed in is \u201c{gap['before']}\u201d. By its number, {parts} came before it."
    between = f"Between \u201c{gap['after']}\u201d and \u201c{gap['before']}\u201d"
    spans = (
        f" The hole lies between {when(gap.get('last_at'))} and {when(gap.get('first_at'))} (UTC)."
    )
    if gap["certain"]:
        return f"{between} the numbers skip {parts}: all messages in them are missing, in every conversation.{spans}"
    return (
        f"{between} lies a longer pause than between the other files: at their pace there would be {parts} more. "
        f"Nobody may have written then.{spans}"
    )


def _advice(gap: Mapping[str, Any]) -> str:
    if not gap["after"]:
        return "Ask for the parts before, or for the day on which the numbering began."
    if gap["certain"]:
        return "Ask for the missing files."
    return "Ask the operator of the log whether nobody wrote then."
