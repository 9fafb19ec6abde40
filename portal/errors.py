"""Errors that a person sees: a code, a plain sentence, the place, and what to do next."""

from __future__ import annotations


class UserError(Exception):
    """Something the person can understand and mend. Pages show it as an alert, the API as problem+json."""

    status = 422

    def __init__(self, code: str, words: str, *, place: str = "", next_step: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words, self.place, self.next_step = code, words, place, next_step

    def __str__(self) -> str:
        return " ".join(part for part in (self.words, self.place, self.next_step) if part)


class Conflict(UserError):
    """Somebody else was faster: the row is no longer in the state this change started from."""

    status = 409


class Refused(UserError):
    """The person may not do this; the words say why."""

    status = 403
