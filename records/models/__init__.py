"""What the agency holds: custodians, schedules, documents, message exports and the findings in them."""

from __future__ import annotations

from records.models.aliases import Alias, Handle
from records.models.custodians import Custodian, MessagingTool
from records.models.documents import Document
from records.models.exports import MessageExport, Problem
from records.models.files import FileContent, Thumbnail
from records.models.findings import Finding, FindingEntry
from records.models.messages import (
    Attachment,
    Conversation,
    ConversationDay,
    Message,
    Participant,
    TextPart,
)
from records.models.schedules import Schedule, ScheduleItem

__all__ = [
    "Alias",
    "Attachment",
    "Conversation",
    "ConversationDay",
    "Custodian",
    "Document",
    "FileContent",
    "Finding",
    "FindingEntry",
    "Handle",
    "Message",
    "MessageExport",
    "MessagingTool",
    "Participant",
    "Problem",
    "Schedule",
    "ScheduleItem",
    "TextPart",
    "Thumbnail",
]
