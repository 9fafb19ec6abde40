"""What the bytes of attachments are, once for equal bytes: type, length, what a scanner said, a small picture."""

from __future__ import annotations

from django.db import models

from records.attachments.media_types import TYPES, UNKNOWN, MediaType


class FileContent(models.Model):
    """One sequence of bytes that attachments hold. The bytes themselves stay where they were sealed (ADR 0005).

    It survives reading an export again: what a scanner said of these bytes is not forgotten with the rows.
    """

    class Scan(models.TextChoices):
        CLEAN = "clean", "Clean"
        INFECTED = "infected", "Infected: in quarantine"
        NOT_SCANNED = "not_scanned", "Not scanned"

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField(help_text="Bytes")
    media_type = models.CharField(max_length=100, help_text="By its bytes, never by a name")
    duration_ms = models.BigIntegerField(
        null=True, blank=True, help_text="How long it plays; empty: it does not tell"
    )
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    scan_words = models.CharField(
        max_length=250, blank=True, help_text="What was found, or why it was not scanned"
    )
    scan_signatures = models.CharField(
        max_length=200, blank=True, help_text="Scanner and signatures that gave the verdict"
    )
    scanned_at = models.DateTimeField(null=True, blank=True, help_text="When it gave the verdict")
    picture_width = models.PositiveSmallIntegerField(default=0, help_text="0: there is no picture")
    picture_height = models.PositiveSmallIntegerField(default=0)
    picture_words = models.CharField(
        max_length=200, blank=True, help_text="Why there is no picture of this image"
    )

    class Meta:
        indexes = [models.Index(fields=["scan"], name="file_content_scan")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.media_type})"

    @property
    def infected(self) -> bool:
        return self.scan == self.Scan.INFECTED

    @property
    def type(self) -> MediaType:
        """Its type with its words."""
        return TYPES.get(self.media_type, UNKNOWN)

    @property
    def duration(self) -> str:
        """How long it plays, as `1:05` or `1:02:03`; empty when it does not tell."""
        if self.duration_ms is None:
            return ""
        minutes, seconds = divmod((self.duration_ms + 500) // 1000, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Thumbnail(models.Model):
    """A small JPEG of an image, drawn anew from its pixels: derived, can be dropped and drawn again."""

    content = models.OneToOneField(
        FileContent, on_delete=models.PROTECT, primary_key=True, related_name="thumbnail"
    )
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"picture of {self.content_id}"
