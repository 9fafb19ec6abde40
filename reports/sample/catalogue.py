"""Messaging tools and schedule items of the sample agency.

Items and what is verified follow the notes on the General Records Schedules that this project works from: what was not
compared with a transmittal is entered as not verified, and the pages say so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

TOOLS: tuple[dict[str, Any], ...] = (
    {
        "name": "WhatsApp",
        "vendor": "Meta",
        "approved": False,
        "deletes_itself": True,
        "auto_delete_setting": "Set by each group: off, 24 hours, 7 or 90 days",
        "policy": "Not mentioned in the sample directive on electronic messages until October 2021.",
        "checked_on": date(2021, 10, 4),
    },
    {
        "name": "Wickr",
        "vendor": "Amazon Web Services",
        "approved": True,
        "deletes_itself": True,
        "auto_delete_setting": "Expires after at most 30 days, set for all accounts",
        "policy": "Approved for official business since 2020; retention bot in trial.",
        "checked_on": date(2021, 10, 4),
    },
    {
        "name": "Signal",
        "vendor": "Signal Foundation",
        "approved": False,
        "deletes_itself": True,
        "auto_delete_setting": "Set by each person; default for new chats possible",
        "policy": "Not approved.",
        "checked_on": date(2021, 10, 5),
    },
    {
        "name": "Microsoft Teams",
        "vendor": "Microsoft",
        "approved": True,
        "deletes_itself": False,
        "auto_delete_setting": "Retention policy of the tenant: chats are kept 7 years",
        "policy": "Chats are captured; channel messages need an authority of their own.",
        "checked_on": date(2021, 9, 13),
    },
)
SCHEDULES: tuple[dict[str, Any], ...] = (
    {"code": "GRS 4.1", "title": "Records management records", "source": "GRS 4.1, April 2020"},
    {
        "code": "GRS 5.2",
        "title": "Transitory and intermediary records",
        "source": "Note to GRS 4.2; not compared with the transmittal",
    },
    {
        "code": "GRS 6.1",
        "title": "Email and other electronic messages managed under a Capstone approach",
        "source": "GRS 6.1 FAQ and NA-1005 data; not compared with the transmittal",
    },
)
_CAPSTONE = (
    "Usable only with an approved form NA-1005 that names the positions. Chats between persons and "
    "groups are in scope; channel messages and meeting chats are not."
)
ITEMS: dict[str, tuple[dict[str, Any], ...]] = {
    "GRS 4.1": (
        {
            "number": "020",
            "title": "Records management program records",
            "description": "Oversight, planning, evaluation, inspections and disposition: the home of incident files.",
            "disposition": "temporary",
            "retention": "Destroy no sooner than 6 years after the project, activity or transaction is "
            "completed or superseded",
            "years": 6,
            "cutoff": "event",
            "longer_authorized": True,
            "authority": "DAA-GRS-2013-0002-0007",
            "authority_verified": True,
            "text_verified": True,
        },
    ),
    "GRS 5.2": (
        {
            "number": "010",
            "title": "Transitory records",
            "description": "Needed for a short time, generally less than 180 days, and no evidence of a decision.",
            "disposition": "temporary",
            "retention": "Destroy when no longer needed for business use, or by a period that the agency sets",
            "cutoff": "none",
            "authority": "DAA-GRS-2022-0009-0001",
            "authority_verified": True,
        },
    ),
    "GRS 6.1": (
        {
            "number": "010",
            "title": "Email and other electronic messages of Capstone officials",
            "description": _CAPSTONE,
            "disposition": "permanent",
            "retention": "Cut off and transfer by the approved NA-1005: between 15 and 30 years after cutoff",
            "years": 15,
            "authority": "DAA-GRS-2022-0006-0001",
            "text_verified": True,
        },
        {
            "number": "011",
            "title": "Email and other electronic messages of all others",
            "description": _CAPSTONE,
            "disposition": "temporary",
            "retention": "Delete when 7 years old",
            "years": 7,
            "longer_authorized": True,
            "authority": "DAA-GRS-2022-0006-0002",
            "text_verified": True,
        },
        {
            "number": "012",
            "title": "Email and other electronic messages of support and administrative positions",
            "description": _CAPSTONE,
            "disposition": "temporary",
            "retention": "Delete when 3 years old",
            "years": 3,
            "longer_authorized": True,
            "authority": "DAA-GRS-2022-0006-0003",
            "text_verified": True,
        },
    ),
}
