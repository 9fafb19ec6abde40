"""Where something of the records application is used: applications above register what they know of it.

    uses.register(Document, incidents_of_document)      # in AppConfig.ready

The page of a document or a custodian asks here; it never imports the application that answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that rests on an object: what it is, its words, its page, and its state."""

    kind: str
    label: str
    url: str
    state: str = ""
    state_label: str = ""


Maker = Callable[[Any, Any], list[Use]]

_makers: dict[type[Model], dict[str, Maker]] = {}


def register(model: type[Model], maker: Maker) -> None:
    """Add what an application knows of the uses of a model's rows. Registering twice is once."""
    _makers.setdefault(model, {})[f"{maker.__module__}.{maker.__qualname__}"] = maker


def of(user: Any, obj: Model) -> list[Use]:
    """What rests on an object, as far as this person may see it."""
    return [use for maker in _makers.get(type(obj), {}).values() for use in maker(user, obj)]
