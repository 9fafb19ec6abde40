"""What a search asks beside the words."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.agency.models import Office
from portal.kit.forms import ComboBox
from portal.kit.templatetags.kit import revealed
from records.formats.base import Kind
from records.models import Conversation, Custodian, MessageExport
from records.search import MOST_CHARACTERS, Narrowing
from records.web.forms.exports import CustodianChoice, OfficeChoice, offices_for
from records.web.words import KINDS

LISTED = 200


class ConversationChoice(forms.ModelChoiceField):
    """A conversation with the number of its export."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{revealed(obj.title)} ({obj.export.number})"


class SearchForm(forms.Form):
    """Words and conditions. Every condition is optional; the words are not."""

    is_filter = True

    q = forms.CharField(max_length=MOST_CHARACTERS, required=False, label="Words", strip=False)
    office = OfficeChoice(
        queryset=Office.objects.none(), required=False, label="Office", empty_label="All offices"
    )
    custodian = CustodianChoice(
        queryset=Custodian.objects.none(),
        required=False,
        label="Custodian",
        empty_label="All custodians",
    )
    conversation = ConversationChoice(
        queryset=Conversation.objects.none(),
        required=False,
        label="Conversation",
        empty_label="All conversations",
        widget=ComboBox,
    )
    export = forms.CharField(max_length=20, required=False, label="Export number")
    sender = forms.CharField(max_length=100, required=False, label="Sender")
    first_day = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"})
    )
    kind = forms.ChoiceField(
        required=False,
        label="Kind",
        choices=[("", "All kinds"), *((kind.value, KINDS[kind].label) for kind in Kind)],
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        offices = offices_for(user, "messages.view")
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        custodians = Custodian.objects.filter(office__in=offices).select_related("person")
        self.fields["custodian"].queryset = custodians  # type: ignore[attr-defined]
        seen = Conversation.objects.visible_to(user).select_related("export")
        field = self.fields["conversation"]
        field.queryset = seen  # type: ignore[attr-defined]
        field.choices = self._conversations(seen)  # type: ignore[attr-defined]

    def _conversations(self, seen: Any) -> list[tuple[Any, str]]:
        """The newest ones, and the one that was chosen: a portal may hold very many."""
        shown = list(seen.order_by("-pk")[:LISTED])
        chosen = str(self.data.get("conversation", "")) if self.is_bound else ""
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
            shown += [each for each in seen.filter(pk=int(chosen)) if each not in shown]
        label = self.fields["conversation"].label_from_instance  # type: ignore[attr-defined]
        return [("", "All conversations"), *((each.pk, label(each)) for each in shown)]

    def clean_export(self) -> MessageExport | None:
        number = self.cleaned_data["export"].strip()
        if not number:
            return None
        export = MessageExport.objects.readable_by(self.user).filter(number__iexact=number).first()
        if export is None:
            raise forms.ValidationError("There is no export with this number that you may read.")
        return export

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "This day is before the first one.")
        return cleaned

    def narrowing(self) -> Narrowing:
        """The conditions that were given."""
        said = self.cleaned_data
        return Narrowing(
            office_ids=tuple(_below(said["office"])) if said["office"] else None,
            custodian_id=_key(said["custodian"]),
            export_id=_key(said["export"]),
            conversation_id=_key(said["conversation"]),
            sender=said["sender"],
            first_day=said["first_day"],
            last_day=said["last_day"],
            kind=said["kind"],
        )


def _key(obj: Any) -> int | None:
    return obj.pk if obj else None


def _below(office: Office) -> Any:
    """The office and everything below it."""
    return Office.objects.filter(path__startswith=office.path).values_list("pk", flat=True)
