"""The page on which a registered signer reads the whole report and signs it (36 CFR 1230.14(b))."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.errors import UserError
from portal.kit.forms import add_user_error
from portal.kit.views import requires
from reports import acceptance, checks, freeze
from reports.lifecycles import REPORT_VERSION
from reports.models import ReportVersion
from reports.services import signing
from reports.web import rows
from reports.web.frozen_page import shown
from reports.web.rows import person


class SignForm(forms.Form):
    """The statement, and the reason when the signer also drafted."""

    statement = forms.BooleanField(label=freeze.STATEMENT)
    read = forms.CharField(widget=forms.HiddenInput, max_length=64)
    override_reason = forms.CharField(
        label="Why you sign a report that you also drafted",
        help_text="Drafter and signer should be two people. The reason is logged and printed in the report.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, also_drafted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not also_drafted:
            del self.fields["override_reason"]


@require_http_methods(["GET", "HEAD", "POST"])
@requires("reports.view")
def report_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Read and sign. Signing freezes the report: from then on it never changes."""
    version = rows.newest(request, number)
    waiting = version.state == ReportVersion.State.IN_REVIEW
    read = checks.draft_of(version) if waiting else None
    also_drafted = read is not None and person(request).pk in {user.pk for user in read.drafters}
    form = SignForm(request.POST or None, also_drafted=also_drafted)
    status = 200
    if request.method == "POST":
        signing.may_sign(version, person(request))
        status = 422
        if form.is_valid():
            reason = form.cleaned_data.get("override_reason", "")
            try:
                signing.sign(
                    version,
                    actor=person(request),
                    override_reason=reason,
                    read=form.cleaned_data["read"],
                )
            except UserError as error:
                add_user_error(form, error)
                status = error.status
            else:
                messages.success(request, "Signed and frozen. It can be submitted now.")
                return redirect("report-detail", number)
    return render(
        request, "reports/report_sign.html", _context(request, version, read, form), status=status
    )


def _context(
    request: HttpRequest, version: ReportVersion, read: checks.Draft | None, form: SignForm
) -> dict[str, Any]:
    offers = {
        offer.transition.name: offer for offer in REPORT_VERSION.available(version, person(request))
    }
    frozen, results = None, []
    if read is not None:
        frozen, results = freeze.draft(version, read), checks.run_on(read)
        form.initial["read"] = freeze.reading(frozen)
    return {
        "title": "Sign the report",
        "breadcrumbs": rows.crumbs(version),
        "version": version,
        "frozen": shown(frozen) if frozen else None,
        "form": form,
        "sign": offers.get("sign"),
        "give_back": offers.get("give_back"),
        "errors": [result for result in results if result.severity == checks.ERROR],
        "warnings": acceptance.warnings(version, results),
    }
