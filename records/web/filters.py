"""Conditions of lists that several nouns share."""

from __future__ import annotations

from typing import Any

import django_filters

from records.web.forms.exports import OfficeChoice


class OfficeFilter(django_filters.ModelChoiceFilter):
    """An office and everything below it."""

    field_class = type(
        "OfficeFilterField", (OfficeChoice, django_filters.fields.ModelChoiceField), {}
    )

    def filter(self, queryset: Any, value: Any) -> Any:
        return (
            queryset.filter(**{f"{self.field_name}__path__startswith": value.path})
            if value
            else queryset
        )


class SeenValuesFilter(django_filters.ChoiceFilter):
    """The values that occur in the rows a person may see, and no others."""

    @property
    def field(self) -> Any:
        values = (
            self.parent.queryset.order_by(self.field_name)
            .values_list(self.field_name, flat=True)
            .distinct()
        )
        self.extra["choices"] = [(value, value) for value in values]
        return super().field
