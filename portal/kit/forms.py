"""Forms as USWDS draws them. A form says what it asks; `templates/django/forms/` says how it looks (no class=)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.forms.renderers import TemplatesSetting
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.views.generic import FormView

from portal.kit.errors import UserError
from portal.kit.views import safe_next


class UswdsRenderer(TemplatesSetting):
    """Every form, field and widget from our template folder: label, hint, error and widget in one place."""

    form_template_name = "django/forms/div.html"
    field_template_name = "django/forms/field.html"


class ComboBox(forms.Select):
    """A long list that narrows while one types (USWDS combo box); a plain select without JavaScript.

    USWDS empties the select and takes the chosen option from `data-default-value` alone: every template of it says it.
    """

    template_name = "django/forms/widgets/combo_box.html"


class FileDrop(forms.ClearableFileInput):
    """Drop one or many files (USWDS file input)."""

    template_name = "django/forms/widgets/file_drop.html"
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or many files in one field; cleans to a list."""

    widget = FileDrop

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data]
        if not files:
            self.validate(None)  # none was chosen: only an optional field may stay so
        return [super(FilesField, self).clean(file, initial) for file in files]


class FormPage(FormView):
    """A page with one form. `save(form)` calls a service; its plain errors appear in the form.

        @requires("incidents.report")
        class ReportLoss(FormPage):
            form_class = LossForm
            title = "Report a suspected loss"
            intro = "Tell what happened. You can add more later."
            submit_label = "Report"
            success_message = "Reported. The records officer has been told."

            def save(self, form):
                return services.incidents.report(actor=self.request.user, **form.cleaned_data)

    `save` may return an object (its `get_absolute_url` is where the person goes next) or a response.
    """

    template_name = "kit/form_page.html"
    title = ""
    intro = ""
    submit_label = "Save"
    success_message = ""
    cancel_url = ""
    breadcrumbs: list[tuple[str, str]] = []

    def save(self, form: Any) -> Any:
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            outcome = self.save(form)
        except UserError as error:
            add_user_error(form, error)
            return self.render_to_response(self.get_context_data(form=form), status=error.status)
        if self.success_message:
            messages.success(self.request, self.success_message)
        if isinstance(outcome, HttpResponseBase):
            return cast("HttpResponse", outcome)  # a file that is sent in pieces is one too
        return HttpResponseRedirect(safe_next(self.request, self.next_url(outcome)))

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def next_url(self, outcome: Any) -> str:
        """Where to go after saving: `success_url`, else the page of what was saved."""
        return str(self.success_url or outcome.get_absolute_url())

    def get_breadcrumbs(self) -> list[tuple[str, str]]:
        """Pairs of label and address above this page; the page itself is added."""
        return self.breadcrumbs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title,
            intro=self.intro,
            submit_label=self.submit_label,
            cancel_url=self.cancel_url,
            breadcrumbs=self.get_breadcrumbs(),
            **kwargs,
        )


def add_user_error(form: forms.BaseForm, error: UserError) -> None:
    """Show a plain error in a form: at the field that its place names, else at the top."""
    field = error.place if error.place in form.fields else None
    words = " ".join(
        part for part in (error.words, "" if field else error.place, error.next_step) if part
    )
    form.add_error(field, forms.ValidationError(words, code=error.code))
