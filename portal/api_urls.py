"""The API, version 1, and its description."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from portal.kit import openapi  # noqa: F401 - registers the token scheme
from portal.kit.views import public

# Swagger UI draws its icons from data addresses and styles its own elements; it runs no inline script.
_docs = csp_update({"style-src": [SELF, "'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema")
)

urlpatterns = [
    path("schema/", public(SpectacularAPIView.as_view()), name="api-schema"),
    path("docs/", public(_docs), name="api-docs"),
    path("", include("records.api.urls")),
    path("", include("reports.api.urls")),
]
