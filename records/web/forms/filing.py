"""Filing a conversation, and judging a finding."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.agency.models import Office
from records.models import Finding, ScheduleItem
from records.web.forms.exports import OfficeChoice, offices_for


class ItemChoice(forms.ModelChoiceField):
    """A schedule item with its title and what happens to the records."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} \u2013 {obj.title} ({obj.get_disposition_display().lower()})"


class FilingForm(forms.Form):
    """The office that keeps a conversation, and the schedule item that fits it (36 CFR 1222.24, 1225.14)."""

    office = OfficeChoice(queryset=Office.objects.none(), label="Office")
    schedule_item = ItemChoice(
        queryset=ScheduleItem.objects.filter(superseded_by=None).select_related("schedule"),
        required=False,
        label="Schedule item",
        empty_label="Unscheduled",
        help_text="Unscheduled: treated as permanent until a schedule is approved (36 CFR 1220.18).",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices_for(user, "exports.classify")  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    """What a person thinks of a finding. The reason is kept with it."""

    state = forms.ChoiceField(
        label="Your judgement",
        choices=[
            (
                Finding.State.CONFIRMED,
                "Confirm: this shows that messages were lost or set to be lost",
            ),
            (Finding.State.DISMISSED, "Dismiss: this shows no loss"),
            (Finding.State.OPEN, "Leave open"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose your judgement: confirm, dismiss or leave open."},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        help_text="Needed to dismiss a finding. It is kept, and a report may quote it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("state") == Finding.State.DISMISSED
            and not cleaned.get("reason", "").strip()
        ):
            self.add_error("reason", "Say in one or two sentences why this shows no loss.")
        return cleaned
