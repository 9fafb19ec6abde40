"""Every address of the portal. Each view declares who may use it; a view that does not answers nobody (I6)."""

from __future__ import annotations

from django.urls import include, path

from portal.kit import pages

urlpatterns = [
    path("", include("portal.kit.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.web.urls")),
    path("", include("records.web.urls")),
    path("", include("reports.web.urls")),
    path("api/v1/", include("portal.api_urls")),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.server_error
