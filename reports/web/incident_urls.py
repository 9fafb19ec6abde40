"""Addresses of incidents, letters and extensions."""

from __future__ import annotations

from django.urls import path

from reports.web import incidents, letters

urlpatterns = [
    path("incidents/", incidents.IncidentList.as_view(), name="incident-list"),
    path("incidents/new/", incidents.IncidentNew.as_view(), name="incident-new"),
    path("incidents/<str:number>/", incidents.incident_detail, name="incident-detail"),
    path("incidents/<str:number>/edit/", incidents.IncidentEdit.as_view(), name="incident-edit"),
    path("incidents/<str:number>/step/", incidents.incident_step, name="incident-step"),
    path("incidents/<str:number>/findings/", incidents.incident_findings, name="incident-findings"),
    path("incidents/<str:number>/letters/new/", letters.LetterNew.as_view(), name="letter-new"),
    path(
        "incidents/<str:number>/letters/<int:letter>/extension/",
        letters.ExtensionNew.as_view(),
        name="extension-new",
    ),
    path(
        "incidents/<str:number>/extensions/<int:extension>/",
        letters.ExtensionDecide.as_view(),
        name="extension-decide",
    ),
]
