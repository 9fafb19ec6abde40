"""The conversation of the sample: one group chat of a field office, made from templates with a fixed seed.

What is said is invented, harmless work talk. What matters is what happens to it: timers, deletions, left-out media.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

SEED = 20211026
GROUP = "Pacific Sector Coordination"
PACIFIC = ZoneInfo("America/Los_Angeles")
FIRST, LAST = datetime(2018, 11, 9, 6, 30), datetime(2019, 3, 8, 18, 0)
CAST = ("chief", "deputy", "supervisor", "planner", "desk", "watch")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in the group, as all phones would know it if nothing were ever lost."""

    at: datetime  # UTC
    who: str
    kind: str
    text: str = ""
    vanishes_at: datetime | None = None
    deleted: bool = False  # by its author, for everybody
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Timer:
    """Disappearing messages: who turned them on and off, on the clock of the sector."""

    who: str
    words: str
    lasts: timedelta
    on: datetime
    off: datetime | None


TIMERS = (
    Timer("chief", "24 hours", DAY, datetime(2018, 11, 19, 21, 40), datetime(2018, 11, 27, 7, 55)),
    Timer("deputy", "7 days", 7 * DAY, datetime(2019, 1, 14, 18, 5), datetime(2019, 1, 28, 6, 50)),
    Timer("chief", "24 hours", DAY, datetime(2019, 2, 25, 20, 15), None),
)
PLACES = (
    "Gate 4",
    "the east lane",
    "the west crossing",
    "the bus depot",
    "Hall B",
    "the coastal road",
    "the training yard",
)
THINGS = (
    "radio batteries",
    "traffic cones",
    "reflective vests",
    "water pallets",
    "lamp posts",
    "first-aid kits",
    "spare printers",
)
UNITS = ("Team 1", "Team 2", "Team 3", "the night shift", "the day shift", "the relief crew")
TEMPLATES = (
    "{unit} is in place at {place}.",
    "Morning. {n} officers on shift, {m} on leave.",
    "Can somebody check the {thing} at {place}?",
    "Done. {n} {thing} counted, {m} short.",
    "Wait time at {place} is {minutes} minutes.",
    "Wait time down to {minutes} minutes.",
    "Weather office expects fog until {hour}. Slow traffic on the coastal road.",
    "Handover at {hour} in Hall B, please be on time.",
    "The {thing} arrive at {hour}. {unit} unloads.",
    "Who has the key to the store at {place}?",
    "I have it. Back in {minutes} minutes.",
    "Figures for today: {n}{n} vehicles, {m} secondary checks, no incidents.",
    "Please send the figures by {hour}.",
    "Sent by email as well, the subject line has the date.",
    "{unit} asks for {m} more people until {hour}.",
    "Approved. Take them from {place}.",
    "Lane {m} is closed for repairs until {hour}.",
    "Lane {m} is open again.",
    "The shuttle bus leaves from {place} at {hour}.",
    "A reporter is at {place}. Public affairs is on the way, no statements please.",
    "Public affairs has taken over, thank you.",
    "Counterparts on the other side expect a group of about {n}0 people on {day}.",
    "They have confirmed {day}, around {hour}.",
    "Meeting moved to {hour}, same room.",
    "The decision from the call: {unit} stays at {place} until {day}.",
    "Please keep that decision in the log, we will need it for the after-action report.",
    "Noted.",
    "Copy.",
    "Thanks.",
    "On my way.",
    "Will do.",
    "Lunch is at the depot today, {n} boxes.",
    "Does anybody have the number of the tow service?",
    "Overtime sheets are due on {day}.",
    "New roster is in the shared folder.\nPlease check your own line before {day}.",
    "Summary of the morning call:\n- {place}: {unit}\n- reserve: {m} people\n- next call {hour}",
    "Generator at {place} runs again after {minutes} minutes.",
    "The interpreter is booked for {day} at {hour}.",
)
DELETED_TEXTS = (
    "Wrong group, sorry.",
    "The answer to the question of this morning is no.",
    "Numbers of last week, not final.",
)


def conversation() -> list[Event]:
    """All events of the group, in order of time. Always the same."""
    random = Random(SEED)
    events = [*_opening(), *_timers(), *_talk(random), *_now_and_then()]
    return [_vanishing(event) for event in sorted(events, key=lambda event: event.at)]


def utc(local: datetime) -> datetime:
    """A moment on the sector's clock as UTC."""
    return local.replace(tzinfo=PACIFIC).astimezone(UTC)


def _opening() -> Iterator[Event]:
    start = utc(FIRST)
    yield Event(start, "", "encryption")
    yield Event(start, "chief", "created", GROUP)
    for number, other in enumerate(CAST[1:], start=1):
        yield Event(start + timedelta(seconds=20 * number), "chief", "added", other)


def _timers() -> Iterator[Event]:
    for timer in TIMERS:
        yield Event(utc(timer.on), timer.who, "timer_on", timer.words)
        if timer.off:
            yield Event(utc(timer.off), timer.who, "timer_off")


def _vanishing(event: Event) -> Event:
    """What is sent while a timer is on goes when its time is over; notices stay."""
    if event.kind in {
        "timer_on",
        "timer_off",
        "encryption",
        "created",
        "added",
        "left",
        "subject",
        "security_code",
    }:
        return event
    for timer in TIMERS:
        if utc(timer.on) < event.at and (timer.off is None or event.at < utc(timer.off)):
            return replace(event, vanishes_at=event.at + timer.lasts)
    return event


def _talk(random: Random) -> Iterator[Event]:
    day = FIRST
    while day <= LAST:
        for _ in range(random.randint(2, 4) if day.weekday() < 6 else 1):
            moment = day.replace(hour=random.randint(6, 18), minute=random.randint(0, 59))
            for _ in range(random.randint(2, 6)):
                moment += timedelta(seconds=random.randint(25, 400))
                yield _message(random, utc(moment), random.choice(CAST))
        day += DAY


def _message(random: Random, at: datetime, who: str) -> Event:
    draw = random.random()
    if draw < 0.045:
        return Event(
            at, who, "photo", random.choice(("", "", "East lane this morning", "The repaired gate"))
        )
    if draw < 0.055:
        return Event(
            at,
            who,
            "document",
            random.choice(("Roster.txt", "Lane plan.txt", "Handover notes.txt")),
        )
    if draw < 0.063:
        return Event(at, who, "view_once")
    if draw < 0.071:
        return Event(
            at,
            who,
            "location",
            f"{32 + random.randint(5300, 5600) / 10000:.4f},-117.0{random.randint(100, 999)}",
        )
    if draw < 0.080:
        return Event(at, who, "call")
    if draw < 0.098:
        return Event(at, who, "text", random.choice(DELETED_TEXTS), deleted=True)
    return Event(at, who, "text", _words(random), edited=random.random() < 0.012)


def _words(random: Random) -> str:
    hour = f"{random.randint(6, 19):02d}:{random.choice(('00', '15', '30', '45'))}"
    words = random.choice(TEMPLATES).format(
        unit=random.choice(UNITS),
        place=random.choice(PLACES),
        thing=random.choice(THINGS),
        n=random.randint(3, 29),
        m=random.randint(1, 5),
        minutes=random.randint(5, 70),
        hour=hour,
        day=random.choice(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")),
    )
    return words[0].upper() + words[1:]


def _now_and_then() -> Iterator[Event]:
    yield Event(
        utc(datetime(2018, 12, 3, 9, 2, 11)),
        "planner",
        "poll",
        "Which day for the range training?|Tuesday=3|Thursday=2",
    )
    yield Event(utc(datetime(2018, 12, 11, 15, 30, 5)), "watch", "security_code")
    yield Event(
        utc(datetime(2019, 1, 7, 8, 12, 40)),
        "supervisor",
        "subject",
        "Pacific Sector Coordination 2019",
    )
    yield Event(utc(datetime(2019, 2, 11, 12, 1, 30)), "planner", "left")
