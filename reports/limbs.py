"""The limbs of 36 CFR 1230.3(b): which words of the definition an incident meets. A person decides."""

from __future__ import annotations

from typing import NamedTuple


class Limb(NamedTuple):
    kind: str
    words: str
    citation: str


LIMBS: dict[str, Limb] = {
    "destruction_unscheduled": Limb(
        "destruction",
        "Disposal of an unscheduled record",
        "36 CFR 1230.3(b), unlawful or accidental destruction",
    ),
    "destruction_permanent": Limb(
        "destruction",
        "Disposal of a permanent record",
        "36 CFR 1230.3(b), unlawful or accidental destruction",
    ),
    "destruction_early": Limb(
        "destruction",
        "Disposal of a temporary record before the end of its NARA-approved retention period",
        "36 CFR 1230.3(b), unlawful or accidental destruction",
    ),
    "destruction_hold": Limb(
        "destruction",
        "Disposal of a record subject to a FOIA request, litigation hold or other hold",
        "36 CFR 1230.3(b), unlawful or accidental destruction",
    ),
    "removal": Limb(
        "removal",
        "A record left the custody of the agency without the permission of the Archivist",
        "36 CFR 1230.3(b), removal",
    ),
    "alteration": Limb(
        "alteration",
        "Unauthorized annotation, addition or deletion to a record",
        "36 CFR 1230.3(b), alteration",
    ),
    "defacing": Limb(
        "defacing",
        "A record's appearance or surface was obliterated, marred or spoiled so that its usefulness is impaired",
        "36 CFR 1230.3(b), deface",
    ),
}
