"""Addresses of the records pages. Things are named by their public number, never by a row's key."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from records.web import (
    answers,
    attachments,
    conversations,
    exports,
    findings,
    hand_in,
    home,
    problems,
    search,
    sender,
    senders,
)

_export = [
    path("", exports.export_detail, name="export-detail"),
    path("progress/", exports.export_progress, name="export-progress"),
    path("original/", exports.export_original, name="export-original"),
    path("read-again/", exports.read_again, name="export-read-again"),
    path("answer/", answers.Answer.as_view(), name="export-answer"),
    path("correct/", answers.Correct.as_view(), name="export-correct"),
    path("problems/", problems.ProblemList.as_view(), name="export-problems"),
    path("conversations/", conversations.ConversationList.as_view(), name="export-conversations"),
    path("c/<int:index>/", conversations.conversation_detail, name="conversation-detail"),
    path("c/<int:index>/rsmf/", conversations.conversation_rsmf, name="conversation-rsmf"),
    path("c/<int:index>/file/", conversations.FileConversation.as_view(), name="conversation-file"),
    path("c/<int:index>/<int:seq>/bytes/", conversations.message_raw, name="message-raw"),
    path("attachments/", attachments.AttachmentList.as_view(), name="export-attachments"),
    path("attachments/scan/", attachments.scan_again, name="attachments-scan"),
    path("attachments/<int:pk>/", attachments.attachment_download, name="attachment-download"),
    path(
        "attachments/<int:pk>/picture/",
        attachments.attachment_picture,
        name="attachment-picture",
    ),
    path(
        "attachments/<int:pk>/quarantine/",
        attachments.Quarantine.as_view(),
        name="attachment-quarantine",
    ),
    path("findings/<int:finding>/", findings.FindingDetail.as_view(), name="finding-detail"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("findings/", findings.FindingList.as_view(), name="finding-list"),
    path("exports/", exports.ExportList.as_view(), name="export-list"),
    path("exports/new/", hand_in.HandIn.as_view(), name="export-new"),
    path("exports/new/custodians/", hand_in.custodians, name="export-custodians"),
    path("exports/received/", hand_in.received, name="export-received"),
    path("exports/<str:number>/", include(_export)),
    path("senders/", senders.SenderList.as_view(), name="sender-list"),
    path("senders/confirm/", senders.ConfirmSuggestions.as_view(), name="sender-confirm"),
    path("senders/look-again/", senders.look_again, name="sender-look-again"),
    path("senders/<int:pk>/", sender.sender_detail, name="sender-detail"),
    path("senders/<int:pk>/link/", sender.SenderLink.as_view(), name="sender-link"),
    path(
        "senders/<int:pk>/unidentifiable/",
        sender.SenderUnidentifiable.as_view(),
        name="sender-unidentifiable",
    ),
    path("senders/<int:pk>/aliases/<int:alias>/", sender.sender_step, name="sender-step"),
]

if find_spec("records.web.catalogue_urls"):
    urlpatterns.append(path("", include("records.web.catalogue_urls")))
