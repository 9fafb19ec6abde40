"""Panels of the home page: each application registers what it can tell a person about their work.

    def export_panel(user) -> Panel | None: ...

    class RecordsConfig(AppConfig):
        def ready(self):
            panels.register(export_panel, order=20)

An application never imports another for this: the home page asks the register.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """One block of the home page: the template that draws it and what that template reads as `panel`."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    wide: bool = False  # over both columns


Maker = Callable[[Any], Panel | None]

_makers: dict[str, tuple[int, Maker]] = {}


def register(maker: Maker, *, order: int) -> None:
    """Add a panel; lower orders come first (clocks 10, exports 20, reports 30, ...). Registering twice is once."""
    _makers[f"{maker.__module__}.{maker.__qualname__}"] = (order, maker)


def panels_for(user: Any) -> list[Panel]:
    """The panels that have something to say to this person, in order."""
    made = (maker(user) for _, maker in sorted(_makers.values(), key=lambda each: each[0]))
    return [panel for panel in made if panel is not None]


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of an office's page: what it holds, how many, and the list of them."""

    label: str
    count: int
    url: str


HoldingMaker = Callable[[Any, Any], list[Holding]]

_holding_makers: dict[str, HoldingMaker] = {}


def register_holdings(maker: HoldingMaker) -> None:
    """Add to the page of an office what an application keeps for it."""
    _holding_makers[f"{maker.__module__}.{maker.__qualname__}"] = maker


def holdings(user: Any, office: Any) -> list[Holding]:
    """What an office holds, as far as this person may see it."""
    return [holding for maker in _holding_makers.values() for holding in maker(user, office)]
