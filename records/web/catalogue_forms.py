"""Forms of custodians, messaging tools, schedules and documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from portal.agency.access import reach
from portal.agency.models import Office, Person, User
from portal.kit.forms import ComboBox
from records.models import Document, MessagingTool, ScheduleItem
from records.web.forms.exports import OfficeChoice


def offices(user: User, permission: str) -> Any:
    return Office.objects.filter(pk__in=reach(user, permission).office_ids())


def day(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def lines(label: str, help_text: str = "", *, rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.title}" if obj.title else str(obj.name)


class CustodianEditForm(forms.Form):
    """The dates of a custodianship and what else is known."""

    starts_on = day(
        "Custodian since", "From when this person held devices or accounts of the office."
    )
    ends_on = day("Until", "Leave empty when it goes on.")
    note = lines(
        "Note", "For example: which devices and accounts, and how they are collected at departure."
    )


class CustodianForm(CustodianEditForm):
    """Somebody of the people register, or a new name, as custodian of an office."""

    office = OfficeChoice(
        queryset=Office.objects.none(), label="Office", help_text="Whose records these are."
    )
    person = PersonChoice(
        queryset=Person.objects.none(),
        required=False,
        label="Person of the register",
        widget=ComboBox,
        help_text="Begin to type a name. Not in the list? Leave this empty and give the name below.",
    )
    name = forms.CharField(
        max_length=200,
        required=False,
        label="Or a new name",
        help_text="Is entered in the people register as well.",
    )
    title = forms.CharField(max_length=200, required=False, label="Title of the new person")
    field_order = ("office", "person", "name", "title", "starts_on", "ends_on", "note")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = offices(user, "custodians.edit")
        fields: dict[str, Any] = self.fields
        fields["office"].queryset = mine
        fields["person"].queryset = Person.objects.filter(office__in=mine)


class ToolForm(forms.Form):
    """A messaging application: is it approved, and does it delete by itself?"""

    name = forms.CharField(max_length=100, help_text="For example WhatsApp")
    vendor = forms.CharField(max_length=100, required=False)
    approved = forms.BooleanField(
        required=False, label="Approved by the agency for official business"
    )
    deletes_itself = forms.BooleanField(
        required=False, label="It can delete messages by itself after a time"
    )
    auto_delete_setting = forms.CharField(
        max_length=200,
        required=False,
        label="Setting in force",
        help_text="In words, for example: delete after 24 hours, set for all accounts",
    )
    policy = lines(
        "Policy", "What the agency's policy says about its use, and where it stands.", rows=4
    )
    checked_on = day("Setting looked at on")

    def clean_checked_on(self) -> Any:
        checked = self.cleaned_data["checked_on"]
        if checked and checked > timezone.localdate():
            raise forms.ValidationError(
                "This day is in the future. Give the day on which somebody looked."
            )
        return checked

    @classmethod
    def initial_of(cls, tool: MessagingTool) -> dict[str, Any]:
        return {name: getattr(tool, name) for name in cls.base_fields}


class ScheduleForm(forms.Form):
    """A General Records Schedule or one of the agency's own."""

    code = forms.CharField(max_length=60, help_text="For example GRS 6.1, or DAA-0568-2017-0001")
    title = forms.CharField(max_length=200)
    agency = OfficeChoice(
        queryset=Office.objects.none(),
        required=False,
        empty_label="General Records Schedule: for all agencies",
        help_text="A department's own authority is not valid in another agency (36 CFR 1226.14).",
    )
    source = forms.CharField(
        max_length=300,
        required=False,
        label="Where its text was read",
        help_text="For example: GRS Transmittal 33, January 2023",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["agency"].queryset = offices(user, "schedules.edit").exclude(kind=Office.Kind.OFFICE)


class ItemForm(forms.Form):
    """One item: which records, how long, on whose authority (36 CFR 1225.12)."""

    number = forms.CharField(
        max_length=20, label="Item number", help_text="As printed, for example 011"
    )
    title = forms.CharField(max_length=300)
    description = lines("Which records it covers", rows=4)
    disposition = forms.ChoiceField(
        choices=ScheduleItem.Disposition.choices, widget=forms.RadioSelect
    )
    retention = forms.CharField(
        max_length=300, label="Disposition instruction", help_text="In the words of the schedule"
    )
    years = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=999,
        label="Years kept",
        help_text="The period as a number, when it is one: for temporary records until destruction, for permanent "
        "ones until transfer.",
    )
    cutoff = forms.ChoiceField(
        choices=ScheduleItem.Cutoff.choices,
        label="Cut off",
        initial=ScheduleItem.Cutoff.CALENDAR_YEAR,
    )
    longer_authorized = forms.BooleanField(
        required=False, label="Longer retention is authorized if required for business use"
    )
    authority = forms.CharField(
        max_length=60,
        required=False,
        label="Disposition authority",
        help_text="For example DAA-GRS-2022-0009-0001",
    )
    authority_verified = forms.BooleanField(
        required=False, label="The authority was compared with the current transmittal"
    )
    text_verified = forms.BooleanField(
        required=False, label="The instruction was compared with the current transmittal"
    )
    approved_on = day("Approved on")
    superseded_by = forms.ModelChoiceField(
        ScheduleItem.objects.none(),
        required=False,
        label="Superseded by",
        empty_label="In force",
        widget=ComboBox,
        help_text="A superseded item is no longer offered when conversations are filed.",
    )

    def __init__(
        self, *args: Any, user: User, item: ScheduleItem | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = ScheduleItem.objects.visible_to(user).select_related("schedule")
        fields: dict[str, Any] = self.fields
        fields["superseded_by"].queryset = others.exclude(pk=item.pk) if item else others


class DocumentForm(forms.Form):
    """A paper that a case rests on."""

    file = forms.FileField(
        help_text="PDF, text, picture or e-mail, up to 200 MB. It is sealed as it is and never changes."
    )
    title = forms.CharField(
        max_length=300,
        help_text="As it is to be cited, for example: Management alert of September 20, 2021",
    )
    kind = forms.ChoiceField(choices=Document.Kind.choices, label="What it is")
    dated = day("Date on the document")
    office = OfficeChoice(
        queryset=Office.objects.none(),
        label="Office",
        help_text="People with a role for this office see it.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["office"].queryset = offices(user, "documents.edit")
