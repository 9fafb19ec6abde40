"""Saying who stands behind a sender."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.agency.models import Person
from portal.agency.services import offices_in_reach
from portal.kit.forms import ComboBox


class PersonChoice(forms.ModelChoiceField):
    """A person with title and office, since two people may have one name."""

    widget = ComboBox

    def label_from_instance(self, obj: Any) -> str:
        return ", ".join(part for part in (obj.name, obj.title, obj.office.name) if part)


class _DatedForm(forms.Form):
    """When something holds, and how that is known."""

    starts_on = forms.DateField(
        required=False,
        label="From",
        help_text="Leave both days empty if it holds for all messages.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    ends_on = forms.DateField(
        required=False, label="Until", widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label="How do you know?",
        help_text="One or two sentences; they are kept with the link.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class LinkForm(_DatedForm):
    """A person of the register, or the full name of somebody outside (36 CFR 1236.22(a)(3))."""

    person = PersonChoice(
        queryset=Person.objects.none(),
        required=False,
        label="Person of the register",
        empty_label="Choose a person",
    )
    outsider = forms.CharField(
        required=False,
        max_length=200,
        label="Or the full name of somebody outside the agency",
        help_text="With the organization, for example: Maria Lopez, city of El Paso",
    )
    field_order = ("person", "outsider", "starts_on", "ends_on", "reason")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(office__in=offices_in_reach(user, "offices.view"))
        self.fields["person"].queryset = people.select_related("office")  # type: ignore[attr-defined]


class UnidentifiableForm(_DatedForm):
    """Why nobody can tell whose it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "What was tried to find out?"
        self.fields[
            "reason"
        ].help_text = "Whom you asked, where you looked. It stands in place of the name (36 CFR 1236.22(a)(3))."


class ConfirmForm(forms.Form):
    """Words that are kept with each link, beside the reason of the suggestion."""

    reason = forms.CharField(
        required=False,
        label="How do you know?",
        help_text="Leave it empty if the reasons of the suggestions say it all.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )
