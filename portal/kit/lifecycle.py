"""Life cycles as tables: which step leads from which state to which, who may take it, and when.

    INCIDENT = Lifecycle(
        Transition("triage", ("reported",), "triage", "Start triage", permission="incidents.edit"),
        Transition("dismiss", ("reported", "triage"), "dismissed", "Dismiss", permission="incidents.dismiss",
                   needs_reason=True, guard=nothing_submitted),
    )

Pages draw their buttons from `available`; services change state with `advance` only, which moves the row with
`UPDATE ... WHERE state = old`, so of two people at once one wins and the other is told. The calling service
writes the audit event in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from portal.agency.access import ALLOWED, Decision, can
from portal.kit.errors import Conflict, Refused, UserError

Guard = Callable[[Any, Any], Decision]


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: its name, the states it starts from, the state it ends in, and the words on its button.

    An empty permission marks a step that only the system takes (a worker, with or without an actor).
    """

    name: str
    sources: tuple[str, ...]
    target: str
    label: str
    permission: str = ""
    guard: Guard | None = None
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that starts from the present state, and whether this person may take it now (and why not)."""

    transition: Transition
    decision: Decision

    @property
    def allowed(self) -> bool:
        return bool(self.decision)


class Lifecycle:
    """A table of transitions over one state field of a model."""

    def __init__(
        self,
        *transitions: Transition,
        field: str = "state",
        office: Callable[[Any], Any] | None = None,
    ) -> None:
        self.transitions = transitions
        self.field = field
        self._office = office or (lambda obj: getattr(obj, "office", None))
        self._by_name = {transition.name: transition for transition in transitions}
        if len(self._by_name) != len(transitions):
            raise ValueError("two transitions of one life cycle have the same name")

    def __getitem__(self, name: str) -> Transition:
        return self._by_name[name]

    def states(self) -> list[str]:
        """Every state in the order of the table."""
        found: dict[str, None] = {}
        for transition in self.transitions:
            found.update(dict.fromkeys((*transition.sources, transition.target)))
        return list(found)

    def available(self, obj: models.Model, user: Any) -> list[Offer]:
        """The steps a person could take from the present state; the refused ones carry their reason."""
        state = getattr(obj, self.field)
        return [
            Offer(transition, self._decide(obj, transition, user))
            for transition in self.transitions
            if transition.permission and state in transition.sources
        ]

    def advance(
        self, obj: models.Model, name: str, /, *, actor: Any, reason: str = "", **changes: Any
    ) -> Transition:
        """Take a step, with further fields set by the same UPDATE; `obj` is brought up to date.

        Raises Refused (may not, or the guard says no), UserError (reason missing) or Conflict (state has moved).
        """
        transition = self._by_name[name]
        if transition.needs_reason and not reason.strip():
            raise UserError(
                "reason-needed",
                f"\u201c{transition.label}\u201d needs a reason.",
                next_step="Write one or two sentences; they are kept with the step.",
                place="reason",
            )
        with transaction.atomic():
            locked = type(obj)._default_manager.select_for_update().filter(pk=obj.pk).first()
            if locked is None or getattr(locked, self.field) not in transition.sources:
                raise self._moved(transition)
            decision = self._decide(locked, transition, actor)
            if not decision:
                raise Refused("step-refused", decision.reason)
            # SQLite has no row locks: the WHERE clause decides there.
            values = {self.field: transition.target, **changes}
            rows = type(obj)._default_manager.filter(
                pk=obj.pk, **{self.field: getattr(locked, self.field)}
            )
            if rows.update(**values) != 1:
                raise self._moved(transition)
        for attribute, value in values.items():
            setattr(obj, attribute, value)
        return transition

    def mermaid(self) -> str:
        """The table as a state diagram for the documentation."""
        lines = ["stateDiagram-v2"]
        targets = {transition.target for transition in self.transitions}
        lines += [f"    [*] --> {state}" for state in self.states() if state not in targets]
        for transition in self.transitions:
            lines += [
                f"    {source} --> {transition.target}: {transition.label}"
                for source in transition.sources
            ]
        sources = {source for transition in self.transitions for source in transition.sources}
        lines += [f"    {state} --> [*]" for state in self.states() if state not in sources]
        return "\n".join(lines) + "\n"

    def _decide(self, obj: models.Model, transition: Transition, actor: Any) -> Decision:
        if transition.permission:
            decision = can(actor, transition.permission, self._office(obj))
            if not decision:
                return decision
        return transition.guard(obj, actor) if transition.guard else ALLOWED

    def _moved(self, transition: Transition) -> Conflict:
        return Conflict(
            "state-moved",
            f"\u201c{transition.label}\u201d is not possible any more: the state has changed.",
            next_step="Open the page again to see what happened.",
        )


def buttons(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Offers in the shape that `kit/offers.html` draws."""
    return [
        {
            "name": offer.transition.name,
            "label": offer.transition.label,
            "allowed": offer.allowed,
            "reason": offer.decision.reason,
            "needs_reason": offer.transition.needs_reason,
        }
        for offer in offers
    ]
