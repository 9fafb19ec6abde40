"""Conversations and their messages: an index over sealed bytes that can be dropped and rebuilt (invariant I2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from portal.agency.access import scoped

if TYPE_CHECKING:
    from portal.agency.models import User


class ConversationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ConversationQuerySet:
        """Conversations whose content the person may read."""
        return scoped(self, user, "messages.view", "export__office")


class Conversation(models.Model):
    """One conversation of an export, filed under an office and, where one fits, a schedule item.

    Without a schedule item it is unscheduled: permanent until a schedule is approved (36 CFR 1220.18, 1225.14).
    """

    export = models.ForeignKey(
        "records.MessageExport", on_delete=models.PROTECT, related_name="conversations"
    )
    index = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=300)
    text = models.PositiveIntegerField(
        default=0, help_text="Which text of the export holds its entries"
    )
    newest_first = models.BooleanField(default=False, help_text="The file runs from new to old")
    office = models.ForeignKey(
        "agency.Office", on_delete=models.PROTECT, related_name="conversations"
    )
    schedule_item = models.ForeignKey(
        "records.ScheduleItem",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversations",
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    filed_at = models.DateTimeField(null=True, blank=True)
    entries = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["export", "index"]
        constraints = [
            models.UniqueConstraint(fields=["export", "index"], name="conversation_once")
        ]

    def __str__(self) -> str:
        return self.title


class TextPart(models.Model):
    """A stretch of a text that holds entries: the plain file, or one member of the archive.

    Offsets of entries and problems count from the start of their text's first part.
    """

    export = models.ForeignKey(
        "records.MessageExport", on_delete=models.PROTECT, related_name="text_parts"
    )
    text = models.PositiveIntegerField()
    start = models.BigIntegerField(help_text="Offset of its first byte in the text")
    size = models.BigIntegerField()
    member = models.CharField(max_length=500, blank=True, help_text="Empty for a plain file")

    class Meta:
        ordering = ["text", "start", "id"]
        indexes = [models.Index(fields=["export", "text", "start"], name="text_part_place")]

    def __str__(self) -> str:
        return self.member or "the file"


class ConversationDay(models.Model):
    """Entries of a conversation on one day by the device's clock: what jump-to-date and the calendar read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    first_seq = models.PositiveIntegerField()
    entries = models.PositiveIntegerField()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "day"], name="conversation_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.entries}"


class Participant(models.Model):
    """A sender as written in a conversation. Which person it is, is a later, reversible judgement."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="participants"
    )
    name = models.CharField(max_length=300, help_text="As the messages name the sender")
    entries = models.PositiveIntegerField(default=0)
    # Rows come by the bulk path, which names no columns that are filled in later.
    display = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Name, where messages carry an id"
    )
    handle = models.CharField(
        max_length=300,
        blank=True,
        db_default="",
        help_text="Number, address or account, where messages carry a name",
    )
    handle_kind = models.CharField(max_length=10, blank=True, db_default="")
    exporter = models.BooleanField(
        db_default=False, default=False, help_text="The account that made the export"
    )
    # Filled in when the export has been read, by records.services.senders.
    known_as = models.ForeignKey(
        "records.Handle",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="participants",
    )
    identified = models.BooleanField(
        db_default=False,
        default=False,
        help_text="On every day of its messages somebody has said whose it is, or that nobody can",
    )
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "name"], name="participant_once")
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The sender as people know it: the display name, where the export tells one."""
        return self.display or self.name


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MessageQuerySet:
        return scoped(self, user, "messages.view", "export__office")


class Message(models.Model):
    """One entry of a conversation: a person's message or an event the application wrote.

    Written only by records.ingest, by the database's bulk path. Its foreign keys have no row-by-row constraint in the
    database, because that costs a COPY three quarters of its rate: ingest checks the set after loading.
    """

    export = models.ForeignKey(
        "records.MessageExport",
        on_delete=models.PROTECT,
        related_name="messages",
        db_constraint=False,
        db_index=False,
    )
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.PROTECT,
        related_name="messages",
        db_constraint=False,
        db_index=False,
    )
    participant = models.ForeignKey(
        Participant,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_constraint=False,
        db_index=False,
    )
    seq = models.PositiveIntegerField(help_text="Ordinal in the export, from 1")
    kind = models.CharField(max_length=24)
    body = models.TextField(blank=True)
    written = models.CharField(max_length=80, help_text="Time stamp exactly as written")
    local = models.BigIntegerField(
        null=True, help_text="Device clock, microseconds since 1970 as if UTC"
    )
    sent_at = models.DateTimeField(
        null=True, help_text="UTC, reached through the export's time zone"
    )
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    attachment = models.CharField(max_length=300, blank=True, help_text="File name as written")
    doubt = models.PositiveSmallIntegerField(default=0)
    detail = models.JSONField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["export", "seq"], name="message_once")]
        indexes = [
            models.Index(fields=["conversation", "seq"], name="message_conversation"),
            models.Index(fields=["participant", "seq"], name="message_participant"),
            models.Index(fields=["local"], name="message_local"),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.seq}"


class Attachment(models.Model):
    """A file that a message names, or that lies in the archive unnamed."""

    class State(models.TextChoices):
        PRESENT = "present", "In the export"
        LEFT_OUT = "left_out", "Left out by the app"
        MISSING = "missing", "Named, but not in the export"
        UNNAMED = "unnamed", "In the export, but no message names it"

    export = models.ForeignKey(
        "records.MessageExport", on_delete=models.PROTECT, related_name="attachments"
    )
    seq = models.PositiveIntegerField(null=True, blank=True)
    name = models.CharField(max_length=500)
    member = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField(default=0)
    declared_type = models.CharField(max_length=100, blank=True, help_text="As the export says")
    offset = models.BigIntegerField(
        null=True, blank=True, help_text="First byte of its content inside the text"
    )
    length = models.BigIntegerField(default=0, help_text="Bytes of that content, as encoded")
    encoding = models.CharField(max_length=20, blank=True)
    left_out = models.CharField(max_length=200, blank=True, help_text="Why the app left it out")
    state = models.CharField(max_length=10, choices=State.choices)
    # Filled in by records.ingest.examination when the rows are there.
    content = models.ForeignKey(
        "records.FileContent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
        help_text="What its bytes are; empty while nobody has looked",
    )
    contradiction = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Name and bytes tell different types"
    )
    unreadable = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Why its bytes cannot be had"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["export", "seq"], name="attachment_seq")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_held(self) -> bool:
        """Whether the export holds its bytes."""
        return bool(self.member) or self.offset is not None
