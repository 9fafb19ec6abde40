"""Forms of incidents and letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from portal.agency.access import can, reach
from portal.agency.models import Office, User
from records.models import Custodian, Document, Finding, MessagingTool
from reports.limbs import LIMBS
from reports.models import Incident


def offices_of(user: User, permission: str) -> Any:
    return Office.objects.filter(pk__in=reach(user, permission).office_ids())


class IncidentForm(forms.Form):
    """What is known of an incident; everything but the essentials may follow later."""

    title = forms.CharField(
        max_length=300,
        help_text="For example: WhatsApp messages of the field operations group not retained",
    )
    origin = forms.ChoiceField(label="How it came up", choices=Incident.Origin.choices)
    occurrence = forms.ChoiceField(
        label="Has it happened?",
        choices=Incident.Occurrence.choices,
        widget=forms.RadioSelect,
        help_text="Choose what you can show today; it can be changed until the report is signed. 44 U.S.C. 3106 covers "
        "actual, impending and threatened events; 36 CFR 1230.16(b) alleged ones.",
    )
    kinds = forms.MultipleChoiceField(
        label="What happened to the records",
        choices=Incident.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="The four kinds of 36 CFR 1230.3. Accidental destruction counts: intent does not matter.",
    )
    limbs = forms.MultipleChoiceField(
        label="Which words of the definition are met",
        choices=[(key, f"{limb.kind.capitalize()}: {limb.words}") for key, limb in LIMBS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="36 CFR 1230.3(b). Leave open what you cannot tell yet.",
    )
    office = forms.ModelChoiceField(
        Office.objects.none(),
        label="Agency that reports it",
        help_text="The agency or component with its own signer",
    )
    offices = forms.ModelMultipleChoiceField(
        Office.objects.none(),
        label="Offices concerned",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="36 CFR 1230.14(a)(2) asks for the office that maintained the records.",
    )
    custodians = forms.ModelMultipleChoiceField(
        Custodian.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    tools = forms.ModelMultipleChoiceField(
        MessagingTool.objects.all(),
        label="Messaging tools",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    documents = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They become exhibits of the report.",
    )
    discovered_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    discovered_how = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        label="How it was discovered, and by whom",
    )
    occurred_from = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}), required=False, label="First date concerned"
    )
    occurred_to = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}), required=False, label="Last date concerned"
    )
    summary = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), required=False, label="In short"
    )
    nara_case = forms.CharField(
        max_length=20,
        required=False,
        label="NARA case id",
        help_text="For example UD-2022-0001, when NARA gave one",
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        incident: Incident | None = None,
        findings: Sequence[Finding] = (),
        **kwargs: Any,
    ) -> None:
        """What an incident names already stays in the choices: saving never drops what the editor cannot see."""
        super().__init__(*args, **kwargs)
        mine = offices_of(user, "incidents.edit" if incident else "incidents.report")
        fields: dict[str, Any] = self.fields
        fields["office"].queryset = mine.exclude(kind=Office.Kind.DEPARTMENT) or mine
        offered = {
            "offices": mine,
            "custodians": Custodian.objects.filter(office__in=mine),
            "documents": Document.objects.visible_to(user),
        }
        for name, rows in offered.items():
            known = getattr(incident, name).values("pk") if incident else []
            fields[name].queryset = rows.model.objects.filter(
                Q(pk__in=rows.values("pk")) | Q(pk__in=known)
            )
        if not can(user, "documents.view"):
            del self.fields["documents"]
        if incident:
            del self.fields["office"]
        fields["occurrence"].help_text += _doubt(findings)


def _doubt(findings: Sequence[Finding]) -> str:
    """What stands beside the choice when findings are only indicators and nobody has judged them."""
    doubtful = [
        str(finding)
        for finding in findings
        if finding.state == Finding.State.OPEN
        and finding.confidence == Finding.Confidence.INDICATOR
    ]
    if not doubtful:
        return ""
    return f" Only indicators, and not judged yet: {', '.join(doubtful)}. An indicator alone does not show a loss."


class LetterForm(forms.Form):
    """NARA's letter. Its date starts the clock; the day it arrived does not."""

    dated = forms.DateField(
        label="Date of the letter",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The clock runs from this date, not from the day it arrived.",
    )
    received_on = forms.DateField(
        label="Received on", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    addressee = forms.CharField(
        max_length=300, help_text="Office or title, for example: Chief Information Officer"
    )
    signed_by = forms.CharField(max_length=300, required=False, label="Signed by")
    response_days = forms.IntegerField(
        label="Calendar days to respond",
        min_value=1,
        max_value=365,
        initial=30,
        help_text="30 unless the letter says otherwise (36 CFR 1230.16(b)).",
    )
    asks = forms.CharField(
        label="What it asks beyond (a)(1) to (a)(5)",
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        help_text="One item a line. Each becomes a section of the report's checklist.",
    )
    document = forms.ModelChoiceField(
        Document.objects.none(), required=False, label="The letter, already added"
    )
    file = forms.FileField(label="Or add the letter now", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["document"].queryset = Document.objects.visible_to(user)

    def clean(self) -> dict[str, Any]:
        """Said here, before the letter's file is sealed."""
        cleaned = super().clean() or {}
        dated, received = cleaned.get("dated"), cleaned.get("received_on")
        if dated and received and received < dated:
            self.add_error(
                "received_on",
                "The letter cannot be received before its own date. Check both dates.",
            )
        return cleaned

    def clean_asks(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["asks"].splitlines() if line.strip()]


class ExtensionForm(forms.Form):
    requested_on = forms.DateField(label="Asked on", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), label="Why more time is needed"
    )


class ExtensionDecisionForm(forms.Form):
    granted = forms.TypedChoiceField(
        label="NARA's decision",
        choices=[("yes", "Granted"), ("no", "Not granted")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    decided_on = forms.DateField(
        label="Date of NARA's decision", widget=forms.DateInput(attrs={"type": "date"})
    )
    new_due = forms.DateField(
        label="New due date",
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
        help_text="Needed when granted. The first date stays visible.",
    )
    document = forms.ModelChoiceField(
        Document.objects.none(),
        required=False,
        label="NARA's letter",
        help_text="Needed when granted.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["document"].queryset = Document.objects.visible_to(user)


class StepForm(forms.Form):
    step = forms.CharField()
    reason = forms.CharField(required=False)
