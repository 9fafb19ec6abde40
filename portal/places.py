"""Where an error happened, without its words: databases and parsers quote content in them."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

_ROOT = f"{Path(__file__).resolve().parents[1]}/"
_LAST = 12
_CHAIN = 3


def places(trace: TracebackType | None) -> list[str]:
    """The last places that an error passed, outermost first: file, line and function."""
    frames = traceback.extract_tb(trace)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames][-_LAST:]


def where(error: BaseException) -> str:
    """Type and places of an error, then of those that it arose from, even where they are not shown otherwise."""
    told: list[str] = []
    link: BaseException | None = error
    while link is not None and len(told) < _CHAIN:
        told.append(
            f"{type(link).__name__} at {' > '.join(places(link.__traceback__)) or 'no place'}"
        )
        link = link.__cause__ or link.__context__
    return "; from ".join(told)


def _short(path: str) -> str:
    """A source file without the folder of this installation."""
    return path.rsplit("/site-packages/", 1)[-1].removeprefix(_ROOT)
