"""What a request may bring: looked at before a byte of its body is read.

Who may send it was asked already (`DeclaredAccessMiddleware` for pages, `DeclaredPermission` before the API parses).
Here the announced length is held against what the view takes, and a view that takes no files keeps none:

    @takes_files(limit=lambda: settings.EXPORT_MAX_BYTES)
    class HandIn(FormPage): ...

In a view set the mark belongs to the action (`create`), so that no other action takes files with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat

from portal.kit import pages
from portal.kit.errors import UserError
from portal.kit.views import SAFE_METHODS, holders

V = TypeVar("V")

# Field names, boundaries and the other fields of a form with files.
_AROUND_FILES = 1024 * 1024


class TooLarge(UserError):
    """The body is longer than the view takes."""

    status = 413


class LengthMissing(UserError):
    """A body without an announced length (chunked): how much would come cannot be known beforehand."""

    status = 411


class Files(NamedTuple):
    """How many bytes of files a view takes in one request, and what receives them."""

    limit: Callable[[], int]
    handler: type[FileUploadHandler]


def takes_files(
    *, limit: Callable[[], int], handler: type[FileUploadHandler] = TemporaryFileUploadHandler
) -> Callable[[V], V]:
    """Mark a view, or one action of a view set, that takes files; `limit` is in bytes, asked at each request."""

    def mark(view: V) -> V:
        view.files = Files(limit, handler)  # type: ignore[attr-defined]
        return view

    return mark


class RefuseFiles(FileUploadHandler):
    """For the views that take no files: the first one ends the request with 400."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise MultiPartParserError("No file is taken here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """No byte comes this far."""

    def file_complete(self, file_size: int) -> None:
        """No file comes this far."""


class BodyMiddleware:
    """Refuses a body that is too long or of unknown length, and readies the view's handler for files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method in SAFE_METHODS:
            return None
        files = None
        if request.content_type == "multipart/form-data":
            files = _files_of(view, request.method or "")
        limit = files.limit() + _AROUND_FILES if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            _check_length(request, limit)
        except UserError as error:
            return pages.plain_error(request, error)
        if files:
            request.upload_handlers = [files.handler(request)]
        return None


def _files_of(view: Any, method: str) -> Files | None:
    """The mark of what answers this method: the action of a view set, else the view."""
    action = getattr(view, "actions", {}).get(method.lower())
    marked = [getattr(view.cls, action)] if action else holders(view)
    return next((holder.files for holder in marked if hasattr(holder, "files")), None)


def _check_length(request: HttpRequest, limit: int) -> None:
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise LengthMissing(
            "length-missing",
            "The request does not say how long it is.",
            next_step="Send it with a Content-Length, not in chunks.",
        )
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge(
            "too-large",
            f"This is more than can be taken at once here: {filesizeformat(limit)}.",
            next_step="Send less, or the files one by one.",
        )
