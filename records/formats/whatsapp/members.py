"""Which files of an archive are WhatsApp chats.

The phone packs one chat: `_chat.txt` (iOS) or a text named "WhatsApp Chat with ..." in the phone's language (Android),
beside its media. People also pack several such files, or folders, by hand: each chat becomes a conversation of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from records.formats.sniff import header_lines, is_clutter

MOST_TEXTS = 200  # texts of one folder whose heads are looked at


def chats_of(archive: str, names: Sequence[str], peek: Callable[[str], bytes]) -> list[str]:
    """The chats among the members of an archive, in its order.

    Only the folders nearest to the top that hold a chat count: deeper texts are documents that were sent in one.
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.casefold().endswith(".txt") and not is_clutter(name):
            folders[name.rpartition("/")[0]].append(name)
    by_depth: dict[int, list[str]] = defaultdict(list)
    for folder in folders:
        by_depth[folder.count("/") + 1 if folder else 0].append(folder)
    for depth in sorted(by_depth):
        chats = [
            chat
            for folder in by_depth[depth]
            for chat in _of_folder(archive, folders[folder], peek)
        ]
        if chats:
            return chats
    return []


def _of_folder(archive: str, texts: list[str], peek: Callable[[str], bytes]) -> list[str]:
    own = [name for name in texts if base_of(name).casefold() == "_chat.txt"]
    if own:
        return own
    headers = {name: header_lines(peek(name)) for name in texts[:MOST_TEXTS]}
    chats = [name for name, count in headers.items() if count]
    named = [name for name in chats if "whatsapp" in base_of(name).casefold()]
    if named:
        # A chat can also be a document that was sent in the one for which the archive is named.
        like_archive = [name for name in named if stem_of(name) == stem_of(archive)]
        return like_archive if len(like_archive) == 1 else named
    most = max((headers[name] for name in chats), default=0)
    return [name for name in chats if headers[name] == most]


def base_of(name: str) -> str:
    """The last part of a member's name."""
    return name.rpartition("/")[2]


def stem_of(name: str) -> str:
    """The same, folded and without its ending, for comparing."""
    return base_of(name).casefold().rpartition(".")[0]
