"""What is asked when an export is handed in, corrected, or does not say something itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from portal.agency.access import reach
from portal.agency.models import Office
from portal.kit.forms import ComboBox, FilesField
from records.formats.generic import mapping
from records.formats.generic.times import candidates
from records.models import Custodian, MessageExport, MessagingTool
from records.web import zones


def offices_for(user: Any, permission: str) -> Any:
    """Offices for which a person holds a permission, in the order of the tree."""
    return Office.objects.filter(pk__in=reach(user, permission).office_ids())


class OfficeChoice(forms.ModelChoiceField):
    """An office, indented by its place in the tree."""

    def label_from_instance(self, obj: Any) -> str:
        return "\u2003" * obj.depth + obj.name


class CustodianChoice(forms.ModelChoiceField):
    """A custodian with the office, since two people may have one name."""

    def label_from_instance(self, obj: Any) -> str:
        title = f", {obj.person.title}" if obj.person.title else ""
        return f"{obj.person.name}{title}"


class ZoneSelect(ComboBox):
    """Hundreds of time zones, drawn by one template instead of one for each."""

    template_name = "records/zone_select.html"


class OriginForm(forms.Form):
    """Where a message export comes from (36 CFR 1236.10: its context)."""

    office = OfficeChoice(
        queryset=Office.objects.none(),
        label="Office",
        empty_label="Choose an office",
        help_text="Whose records these are.",
    )
    custodian = CustodianChoice(
        queryset=Custodian.objects.none(),
        label="Custodian",
        empty_label="Choose a custodian",
        help_text="The person whose device or account it is.",
    )
    tool = forms.ModelChoiceField(
        queryset=MessagingTool.objects.all(), label="Messaging tool", empty_label="Choose a tool"
    )
    account = forms.ChoiceField(
        choices=MessageExport.Account.choices,
        widget=forms.RadioSelect,
        label="Which account or device?",
        initial=MessageExport.Account.UNKNOWN,
    )
    time_zone = forms.ChoiceField(
        choices=zones.choices,
        required=False,
        label="Time zone of the device when the export was made",
        help_text="Leave it empty if nobody knows: the agency's own zone is then assumed for UTC times, and marked so.",
        widget=ZoneSelect,
    )
    collected_by = forms.CharField(
        max_length=200,
        required=False,
        label="Collected by",
        help_text="Who made the export on the device.",
    )
    collected_on = forms.DateField(
        required=False, label="Collected on", widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self, *args: Any, user: Any, permission: str = "exports.receive", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offices = offices_for(user, permission)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        chosen = self._chosen_office(offices)
        custodians = Custodian.objects.select_related("person", "office")
        self.fields["custodian"].queryset = (  # type: ignore[attr-defined]
            custodians.filter(office=chosen) if chosen else custodians.filter(office__in=offices)
        )

    def _chosen_office(self, offices: Any) -> Any:
        """The office that the custodians are narrowed to; the only one there is counts as chosen."""
        value = (
            self.data.get(self.add_prefix("office"))
            if self.is_bound
            else self.initial.get("office")
        )
        value = getattr(value, "pk", value)
        if not value:
            only = list(offices[:2])
            return only[0] if len(only) == 1 else None
        try:
            return offices.filter(pk=value).first()
        except (ValueError, TypeError):
            return None

    def clean_collected_on(self) -> Any:
        day = self.cleaned_data["collected_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                "This day is in the future. Give the day on which the export was made."
            )
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        office, custodian = cleaned.get("office"), cleaned.get("custodian")
        if office and custodian and custodian.office_id != office.pk:
            self.add_error(
                "custodian",
                "This custodian belongs to another office. Choose one of the office above.",
            )
        return cleaned


class HandInForm(OriginForm):
    """Files and where they come from; what is said holds for each of the files."""

    file = FilesField(
        label="Message exports",
        help_text="One or many, as the application wrote them, up to 2 GB each. Do not open and save "
        "them before: their bytes are the evidence.",
        allow_empty_file=True,
    )
    field_order = (
        "file",
        "office",
        "custodian",
        "tool",
        "account",
        "time_zone",
        "collected_by",
        "collected_on",
    )


class CorrectForm(OriginForm):
    """What was said at hand-in, put right, with the reason. The office stays: it is whose record the file is."""

    reason = forms.CharField(
        label="Why is this corrected?",
        help_text="One sentence; it is kept in the audit log.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )

    def __init__(self, *args: Any, export: MessageExport, **kwargs: Any) -> None:
        super().__init__(*args, permission="exports.answer", **kwargs)
        del self.fields["office"]
        custodians = Custodian.objects.filter(office=export.office_id).select_related("person")
        self.fields["custodian"].queryset = custodians  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The questions that the file leaves open, one group of choices each."""

    def __init__(self, *args: Any, questions: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._questions = questions
        for question in questions:
            listed = [(choice["value"], choice["label"]) for choice in question["choices"]]
            if asks_for_column(question):
                self.fields[question["code"]] = column_field(question["words"], listed)
                continue
            self.fields[question["code"]] = forms.ChoiceField(
                label=question["words"],
                choices=listed or zones.choices,
                widget=forms.RadioSelect if listed else ZoneSelect,
            )

    def clean(self) -> dict[str, Any]:
        """Columns that cannot be what they were named, told before the file is read for nothing."""
        cleaned = super().clean() or {}
        for code, reason in mapping.chosen_twice(cleaned).items():
            self.add_error(code, reason)
        if not self.errors and mapping.TIME in cleaned:
            values = self._times_shown(cleaned)
            # Rows that are not shown may hold times where these have none: reading decides then.
            if values and not any(candidates([value]) for value in values):
                self.add_error(mapping.TIME, mapping.without_times(values))
        return cleaned

    def _times_shown(self, cleaned: dict[str, Any]) -> list[str]:
        """The times of the rows that the page shows, by the columns that were chosen."""
        question = next(each for each in self._questions if each["code"] == mapping.TIME)
        cells = {choice["value"]: choice["example"].split("\n") for choice in question["choices"]}
        chosen = [
            cells[cleaned[code]]
            for code in (mapping.TIME, mapping.CLOCK)
            if cleaned.get(code) in cells
        ]
        return [written for row in zip(*chosen, strict=True) if (written := " ".join(row).strip())]


def asks_for_column(question: dict[str, Any]) -> bool:
    """Whether a question is about a column of a table: its choices are all columns there are."""
    return str(question["code"]).startswith(mapping.PREFIX)


def column_field(words: str, columns: list[tuple[str, str]]) -> forms.ChoiceField:
    """One of the columns. None is chosen beforehand, except "no column" where a table may do without."""
    optional = any(value == mapping.NONE for value, _ in columns)
    return forms.ChoiceField(
        label=words,
        choices=columns if optional else [("", "Choose a column"), *columns],
        initial=mapping.NONE if optional else "",
    )
