"""The problems of a table of messages: one sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping

from records.formats.complaints import Wording

WORDINGS: Mapping[str, Wording] = {
    "G-ROW": Wording(
        "error",
        "This line is no whole row of the table (a quote that is not closed, or text after one), so it was left "
        "unread; reading went on at the next line. Somebody may have edited the file: export again and compare.",
    ),
    "G-COLUMNS": Wording(
        "warning",
        "This row has {found} cells, and the table has {width} columns. Cells that are missing were taken as empty, "
        "further ones were left out: read the raw bytes.",
    ),
}
