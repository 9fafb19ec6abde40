"""Content that could be opened once and is gone."""

from __future__ import annotations

from records.formats.base import Kind
from records.rules.tally import Tally


class ViewOnce(Tally):
    """View-once photos, videos and voice messages: the app never exports them."""

    name = "view_once"
    code = "BURN"
    noun = "message"
    title = "sent to be seen once"
    meaning = (
        "Such content is destroyed when it is opened or expires, and no export holds it. The line "
        "shows only that it was sent."
    )
    kinds: frozenset[str] = frozenset((Kind.VIEW_ONCE,))
