"""Forms of offices, people, roles, signers and set-up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.agency.models import Office, Person, User
from portal.agency.phones import e164
from portal.agency.roles import PERMISSIONS, ROLE_CHOICES, ROLES
from portal.agency.services import offices_in_reach
from portal.agency.tokens import accounts_of


def day(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


class PhonesField(forms.CharField):
    """Telephone numbers with a semicolon between them; cleans to a list in E.164."""

    def clean(self, value: Any) -> Any:
        written = [part.strip() for part in str(super().clean(value)).split(";") if part.strip()]
        for part in written:
            if not e164(part):
                raise forms.ValidationError(
                    f"{part} is no telephone number. Write it with + and the country, as +1 202 555 0143."
                )
        return [e164(part) for part in written]


class _Scoped(forms.Form):
    """A form whose office choices are the ones the person may keep."""

    permission = "offices.edit"

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = offices_in_reach(user, self.permission)
        fields: dict[str, Any] = self.fields
        for name in ("parent", "office", "successor", "agency"):
            if name in fields:
                fields[name].queryset = mine
        if "agency" in fields:
            fields["agency"].queryset = mine.exclude(kind=Office.Kind.OFFICE)
        if "person" in fields:
            fields["person"].queryset = Person.objects.filter(office__in=mine)


class OfficeForm(_Scoped):
    name = forms.CharField(max_length=200)
    code = forms.CharField(
        max_length=40, help_text="Short code of the organization chart, for example OFO-SD"
    )
    kind = forms.ChoiceField(choices=Office.Kind.choices, initial=Office.Kind.OFFICE)
    parent = forms.ModelChoiceField(Office.objects.none(), label="Part of")
    record_group = forms.CharField(
        max_length=10,
        required=False,
        label="NARA record group",
        help_text="For an agency, for example 568",
    )
    starts_on = day(required=False, label="Exists since")


class OfficeEditForm(forms.Form):
    name = forms.CharField(max_length=200)
    record_group = forms.CharField(max_length=10, required=False, label="NARA record group")
    starts_on = day(required=False, label="Exists since")
    ends_on = day(
        required=False,
        label="Closed on",
        help_text="The office stays in the register with its records.",
    )


class SuccessionForm(_Scoped):
    successor = forms.ModelChoiceField(Office.objects.none(), label="Taken over by")
    on = day(label="On")
    judgement = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        label="Does the same disposition authority still apply?",
        help_text="36 CFR 1226.14: it does when nature, content and importance of the records are unchanged. Say why.",
    )


class PersonForm(_Scoped):
    name = forms.CharField(max_length=200)
    title = forms.CharField(max_length=200, required=False)
    email = forms.EmailField(required=False, label="E-mail")
    phones = PhonesField(
        required=False,
        label="Telephone numbers",
        help_text="With a semicolon between them. Senders of messages are recognised by them. "
        "A number that you take away stays in the register with today as its last day.",
    )
    office = forms.ModelChoiceField(Office.objects.none())
    starts_on = day(required=False, label="There since")
    ends_on = day(required=False, label="Left on")


class AccountForm(forms.Form):
    username = forms.CharField(max_length=150, label="Sign-in name")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label="First password",
        help_text="At least 15 characters. Hand it over in person; it can be changed after signing in.",
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class RoleForm(_Scoped):
    permission = "roles.edit"
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"), label="Account"
    )
    role = forms.ChoiceField(choices=ROLE_CHOICES)
    office = forms.ModelChoiceField(
        Office.objects.none(), help_text="The role holds for this office and all below it."
    )
    starts_on = day(label="From")
    ends_on = day(required=False, label="Until", help_text="Needed for a NARA reviewer.")


class SignerForm(_Scoped):
    permission = "roles.edit"
    person = forms.ModelChoiceField(Person.objects.none())
    agency = forms.ModelChoiceField(Office.objects.none(), label="Signs for")
    authority = forms.CharField(
        max_length=300,
        help_text="The designation told to NARA, for example: memorandum to NARA of January 5, 2021",
    )
    starts_on = day(label="From")
    ends_on = day(required=False, label="Until")


class EndForm(forms.Form):
    on = day(label="Last day")


class TokenForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label="System account")
    name = forms.CharField(
        max_length=100, help_text="Which system, for what, for example: mobile device management"
    )
    scopes = forms.MultipleChoiceField(
        choices=[
            (key, f"{key}: {words}")
            for key, words in PERMISSIONS.items()
            if key in ROLES["system"].permissions
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = day(required=False, label="Ends on", help_text="At the latest 90 days from today.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [account.pk for account in accounts_of(user, "tokens.edit")]
        fields: dict[str, Any] = self.fields
        fields["user"].queryset = User.objects.filter(pk__in=mine, is_active=True)


class SystemAccountForm(forms.Form):
    username = forms.CharField(
        max_length=150, label="Name of the system account", help_text="For example mdm-bridge"
    )


class SetupForm(forms.Form):
    agency_name = forms.CharField(max_length=200, label="Name of your agency")
    agency_code = forms.SlugField(
        max_length=40, label="Its short code", help_text="For example CBP"
    )
    full_name = forms.CharField(max_length=200, label="Your name")
    username = forms.CharField(max_length=150, label="Sign-in name")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 15 characters.",
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password
