"""The problems of an RSMF file: one sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping

from records.formats.complaints import Wording

WORDINGS: Mapping[str, Wording] = {
    "R-EVENT": Wording(
        "error",
        "This event breaks the rules of RSMF: {what}. The vendor's validator refuses the whole file; here the event "
        "was read as far as it goes. Ask whoever made the file for a new one.",
    ),
    "R-UNDEFINED": Wording(
        "warning",
        "{what}, so it was not read; it is told once. Read the raw bytes if it matters.",
    ),
    "R-PARTICIPANT": Wording(
        "warning",
        "This event names the participant \u201c{what}\u201d, who is not in the file's list. The id is shown as the "
        "name. Participants may have been removed from the file.",
    ),
    "R-CONVERSATION": Wording(
        "warning",
        "This event names the conversation \u201c{what}\u201d, which is not in the file's list. It is kept in a "
        "conversation of that name. Conversations may have been removed from the file.",
    ),
    "R-ID-TWICE": Wording(
        "warning",
        "The id {what} stands twice in the list, so it is not certain which one the events mean. The first was taken.",
    ),
    "R-PICTURE": Wording(
        "warning",
        "The file names the picture \u201c{what}\u201d, which is not in rsmf.zip. No message is affected.",
    ),
    "R-SECOND-FILE": Wording(
        "warning",
        "The mail has an attachment beside rsmf.zip (\u201c{what}\u201d). RSMF allows exactly one, so the vendor's "
        "validator refuses the file. The messages were read; ask whoever made it where the attachment comes from.",
    ),
    "R-VERSION": Wording(
        "warning",
        "{what}. The rules of version 2.0.0 were used where 1.0.0 was not named. Compare with the source.",
    ),
    "R-RANGE": Wording(
        "warning",
        "{count:,} events lie outside the time that the file's own headers tell ({begin} to {end}). Events were added, "
        "or the headers are wrong: ask whoever made the file.",
    ),
    "R-FILES": Wording(
        "warning",
        "The file says that its events have {declared:,} attachments, and {found:,} were found. Ask whoever made it.",
    ),
    "R-SLICE": Wording(
        "info",
        "This file is one slice of the collection \u201c{what}\u201d. The other slices are files of their own: hand in "
        "each of them. They are not joined here.",
    ),
}
