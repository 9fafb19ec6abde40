"""Addresses of the records pages. Things are named by their public number, never by a row's key."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from records.web import answers, conversations, exports, findings, hand_in, home, problems, search

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
    path("c/<int:index>/file/", conversations.FileConversation.as_view(), name="conversation-file"),
    path("c/<int:index>/<int:seq>/bytes/", conversations.message_raw, name="message-raw"),
    path("attachments/<int:pk>/", conversations.attachment_download, name="attachment-download"),
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
]

if find_spec("records.web.catalogue_urls"):
    urlpatterns.append(path("", include("records.web.catalogue_urls")))
