"""Receiving large files: each goes straight into the sealed store's intake, hashed as it comes, never into memory."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.errors import UserError
from portal.vault.store import Incoming


class IncomingFile(UploadedFile):
    """A file that has arrived and waits to be sealed; what is not sealed goes when the request ends."""

    def __init__(self, name: str, size: int, incoming: Incoming, error: UserError | None) -> None:
        super().__init__(name=name, size=size, content_type="application/octet-stream")
        self.incoming, self.error = incoming, error

    def close(self) -> None:
        self.incoming.discard()


class IntakeUploadHandler(FileUploadHandler):
    """Writes each file into the store's intake; of a file that is refused the rest is let go."""

    chunk_size = 256 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.incoming = Incoming(limit=settings.EXPORT_MAX_BYTES)
        self.error: UserError | None = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.error is not None:
            return
        try:
            self.incoming.write(raw_data)
        except UserError as error:
            self.error = error
            self.incoming.discard()

    def file_complete(self, file_size: int) -> IncomingFile:
        return IncomingFile(str(self.file_name), file_size, self.incoming, self.error)

    def upload_interrupted(self) -> None:
        incoming = getattr(self, "incoming", None)
        if incoming is not None:
            incoming.discard()
