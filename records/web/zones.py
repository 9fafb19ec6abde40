"""Time zones a device can be set to: the zones of the United States first, then every other (IANA)."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

UNITED_STATES = (
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Mountain without daylight saving (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
    ("Pacific/Guam", "Chamorro (Guam)"),
    ("Pacific/Pago_Pago", "Samoa (Pago Pago)"),
    ("UTC", "UTC"),
)
_NO_PLACES = ("Etc/", "SystemV/", "posix/", "right/")


@cache
def choices() -> list[tuple[str, object]]:
    """Grouped choices of a select; the empty value means that nobody knows."""
    first = {zone for zone, _ in UNITED_STATES}
    others = sorted(
        zone
        for zone in available_timezones()
        if zone not in first and "/" in zone and not zone.startswith(_NO_PLACES)
    )
    return [
        ("", "Not known"),
        ("United States", UNITED_STATES),
        ("All others", [(zone, zone.replace("_", " ")) for zone in others]),
    ]


def label(zone: str) -> str:
    """The words for a zone that was said; empty when nobody said one."""
    return dict(UNITED_STATES).get(zone, zone.replace("_", " "))
