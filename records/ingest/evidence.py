"""What the rules found becomes findings: the same evidence keeps its row, its number and its judgement.

A finding is known by a key over the rule, the code, the conversation and the entries it cites, so reading a file again
changes nothing that people have judged or cited. What is no longer seen is deleted if nobody has touched it, and else
kept as withdrawn.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from django.db import transaction
from django.db.models import Max

from portal.jobs.queue import Lease
from records.formats.clock import Clock
from records.ingest.bulk import Engine
from records.models import Finding, FindingEntry, MessageExport
from records.rows import clean, clean_value, moment_of
from records.rules.base import Found

CITED = ("finding_id", "export_id", "seq")
_TOLD = (
    *("conversation", "title", "explanation", "advice", "confidence", "count", "counts"),
    *("first_local", "last_local", "first_at", "last_at", "detail", "withdrawn"),
)


def keys(founds: Sequence[Found]) -> list[str]:
    """A key for each finding; two that cite the same entries for the same reason differ by their order."""
    seen: Counter[str] = Counter()
    made = []
    for found in founds:
        text = f"{found.rule}\n{found.code}\n{found.conversation}\n"
        evidence = hashlib.sha256(text.encode() + array("I", found.seqs).tobytes()).hexdigest()
        seen[evidence] += 1
        again = seen[evidence]
        made.append(
            evidence if again == 1 else hashlib.sha256(f"{evidence}\n{again}".encode()).hexdigest()
        )
    return made


def settle(
    engine: Engine,
    export: MessageExport,
    founds: Sequence[Found],
    conversations: Mapping[int, int],
    clock: Clock | None,
    lease: Lease,
) -> None:
    """Bring the findings of an export in line with what the rules found, and write the entries they cite."""
    named = dict(zip(keys(founds), founds, strict=True))
    with transaction.atomic():
        lease.beat(stage="examining")
        rows = _upsert(export, named, conversations, clock)
    _cite(engine, export, rows, named, lease)


def withdraw_all(export: MessageExport) -> None:
    """The file can no longer be read: none of its findings is seen any more. Call it inside a transaction."""
    _vanish(list(Finding.objects.filter(export=export)))


def _upsert(
    export: MessageExport,
    named: Mapping[str, Found],
    conversations: Mapping[int, int],
    clock: Clock | None,
) -> dict[str, Finding]:
    known = {finding.key: finding for finding in Finding.objects.filter(export=export)}
    number = max((finding.number for finding in known.values()), default=0)
    made, kept = [], []
    for key, found in named.items():
        finding = known.get(key)
        if finding is None:
            number += 1
            finding = Finding(
                export=export, key=key, number=number, rule=found.rule, code=found.code
            )
            made.append(finding)
        else:
            kept.append(finding)
        _tell(finding, found, conversations[found.conversation], clock)
    Finding.objects.bulk_create(made, batch_size=500)
    Finding.objects.bulk_update(kept, _TOLD, batch_size=200)
    _vanish([finding for key, finding in known.items() if key not in named])
    return {finding.key: finding for finding in (*made, *kept)}


def _tell(finding: Finding, found: Found, conversation_id: int, clock: Clock | None) -> None:
    finding.conversation_id = None if found.whole else conversation_id
    finding.title = clean(found.title)[:200]
    finding.explanation = clean(found.explanation)
    finding.advice = clean(found.advice)
    finding.confidence = found.confidence
    finding.count = found.count
    finding.counts = found.counts
    finding.first_local, finding.last_local = found.first_at, found.last_at
    finding.first_at = utc(found.first_at, clock)
    finding.last_at = utc(found.last_at, clock)
    finding.detail = clean_value(found.detail)
    finding.withdrawn = False


def utc(local: int | None, clock: Clock | None) -> datetime | None:
    """A clock reading in UTC, by the export's time zone."""
    if local is None or clock is None:
        return None
    moment = moment_of(clock.utc(local)[0])
    return None if moment is None else moment.replace(tzinfo=UTC)


def _vanish(findings: Sequence[Finding]) -> None:
    """Evidence that is no longer seen: deleted when nobody judged or used it, else kept as withdrawn."""
    ids = [finding.pk for finding in findings]
    used = {finding.pk for finding in findings if finding.state != Finding.State.OPEN}
    # Whoever points to a finding (an incident, for one) is asked through its own foreign key: no import upwards.
    for relation in Finding._meta.related_objects:
        if relation.related_model is not FindingEntry:
            name = relation.field.attname
            rows = relation.related_model._base_manager.filter(**{f"{name}__in": ids})
            used.update(rows.values_list(name, flat=True))
    Finding.objects.filter(pk__in=used).update(withdrawn=True)
    gone = [pk for pk in ids if pk not in used]
    FindingEntry.objects.filter(finding__in=gone).delete()
    Finding.objects.filter(pk__in=gone).delete()


def _cite(
    engine: Engine,
    export: MessageExport,
    rows: Mapping[str, Finding],
    named: Mapping[str, Found],
    lease: Lease,
) -> None:
    """Write the cited entries in ascending order; what an earlier worker committed is passed over."""
    written = dict(
        FindingEntry.objects.filter(export=export).values_list("finding").annotate(last=Max("seq"))
    )
    pending = _cited(export.pk, rows, named, written)
    while chunk := list(islice(pending, engine.most)):
        with transaction.atomic():
            lease.beat(stage="examining")
            engine.rows("records_findingentry", CITED, chunk)


def _cited(
    export_id: int,
    rows: Mapping[str, Finding],
    named: Mapping[str, Found],
    written: Mapping[int, int],
) -> Iterator[tuple[int, int, int]]:
    for key, found in named.items():
        finding_id = rows[key].pk
        last = written.get(finding_id, 0)
        for seq in found.seqs:
            if seq > last:
                last = seq
                yield finding_id, export_id, seq
