"""The codes that reading an export can give, for the help page: each with the sentence that people see."""

from __future__ import annotations

import re
from collections.abc import Mapping

from records.formats import complaints, errors, headed_text
from records.formats.generic import complaints as generic
from records.formats.rsmf import complaints as rsmf
from records.formats.whatsapp import complaints as whatsapp
from records.formats.wickr import complaints as wickr

_FIGURE = re.compile(r"\{[^{}]*\}")


def groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Title, introduction and codes of each table."""
    listed: Mapping[str, complaints.Wording] = {
        **complaints.WORDINGS,
        **whatsapp.WORDINGS,
        **rsmf.WORDINGS,
        **generic.WORDINGS,
        **headed_text.WORDINGS,
        **wickr.WORDINGS,
    }
    return [
        (
            "Why a file could not be read as a message export",
            "The file is kept in any case: a file that cannot be read is still a record.",
            sorted((code, _general(words)) for code, words in errors.SENTENCES.items()),
        ),
        (
            "Problems inside an export that was read",
            "Each stands in the list of problems of its export, with the place and the bytes.",
            sorted((code, _general(wording.words)) for code, wording in listed.items()),
        ),
    ]


def _general(words: str) -> str:
    """The sentence without the figures of one case."""
    return _FIGURE.sub("\u2026", words)
