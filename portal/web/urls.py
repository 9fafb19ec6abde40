"""Addresses of the frame's own pages."""

from __future__ import annotations

from django.urls import path

from portal.web import audit, offices, people, roster, setup, tokens

urlpatterns = [
    path("audit/", audit.AuditList.as_view(), name="audit-list"),
    path("audit/check/", audit.audit_verify, name="audit-verify"),
    path("audit/<int:sequence>/", audit.audit_detail, name="audit-detail"),
    path("setup/", setup.SetUp.as_view(), name="setup"),
    path("offices/", offices.office_list, name="office-list"),
    path("offices/new/", offices.OfficeNew.as_view(), name="office-new"),
    path("offices/<str:code>/", offices.office_detail, name="office-detail"),
    path("offices/<str:code>/edit/", offices.OfficeEdit.as_view(), name="office-edit"),
    path(
        "offices/<str:code>/successor/",
        offices.OfficeSuccessionNew.as_view(),
        name="office-succession-new",
    ),
    path("people/", people.PersonList.as_view(), name="person-list"),
    path("people/new/", people.PersonNew.as_view(), name="person-new"),
    path("people/roster/", roster.Roster.as_view(), name="roster"),
    path("people/roster/take-in/", roster.roster_take_in, name="roster-take-in"),
    path("people/<int:pk>/", people.person_detail, name="person-detail"),
    path("people/<int:pk>/edit/", people.PersonEdit.as_view(), name="person-edit"),
    path("people/<int:pk>/account/", people.AccountNew.as_view(), name="account-new"),
    path("roles/", people.role_list, name="role-list"),
    path("roles/new/", people.RoleNew.as_view(), name="role-new"),
    path("roles/<int:pk>/end/", people.RoleEnd.as_view(), name="role-end"),
    path("signers/new/", people.SignerNew.as_view(), name="signer-new"),
    path("signers/<int:pk>/end/", people.SignerEnd.as_view(), name="signer-end"),
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.TokenNew.as_view(), name="token-new"),
    path("tokens/approvals/", tokens.token_approvals, name="token-approvals"),
    path("tokens/systems/new/", tokens.SystemAccountNew.as_view(), name="system-account-new"),
]
