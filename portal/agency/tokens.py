"""API tokens: `custos_<prefix>_<secret>`, kept only as an HMAC-SHA-256, checked for expiry at every use."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from portal.agency.access import can
from portal.agency.models import ApiToken, Office, User
from portal.agency.roles import PERMISSIONS
from portal.audit.log import record
from portal.errors import Refused

LIFE = timedelta(days=90)


def _digest(secret: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _require(actor: User | None, user: User) -> None:
    """Tokens only for system accounts, and only by those who keep tokens where the account works."""
    if not user.is_system:
        raise Refused("K-PERSON", "Tokens are for system accounts; people sign in.")
    if actor is None:
        return
    offices: list[Office | None] = [role.office for role in user.roles.select_related("office")]
    for office in offices or [None]:
        decision = can(actor, "tokens.edit", office)
        if not decision:
            raise Refused("K-REFUSED", decision.reason)


@transaction.atomic
def issue(
    user: User,
    name: str,
    scopes: list[str],
    *,
    actor: User | None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for a system account; the clear text is returned once and never stored."""
    _require(actor, user)
    unknown = set(scopes) - set(PERMISSIONS)
    if unknown:
        raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    latest = timezone.now() + LIFE
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scopes=sorted(scopes),
        created_by=actor or user,
        expires_at=min(expires_at or latest, latest),
    )
    record(
        "token.issued", token, actor=actor, detail={"scopes": token.scopes, "for": user.username}
    )
    return token, f"custos_{prefix}_{secret}"


@transaction.atomic
def revoke(token: ApiToken, *, actor: User) -> ApiToken:
    """End a token at once."""
    _require(actor, token.user)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record("token.revoked", token, actor=actor)
    return token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer custos_...`; request.auth is the ApiToken, its scopes narrow what its user may do."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        header = get_authorization_header(request).split()
        if len(header) != 2 or header[0].lower() != b"bearer":
            return None
        parts = header[1].decode("ascii", "replace").split("_", 2)
        if len(parts) != 3 or parts[0] != "custos":
            raise AuthenticationFailed("This is not a Custos token.")
        token = ApiToken.objects.select_related("user").filter(prefix=parts[1]).first()
        if token is None or not hmac.compare_digest(token.digest, _digest(parts[2])):
            raise AuthenticationFailed("This token is not known.")
        now = timezone.now()
        if token.revoked_at or token.expires_at <= now or not token.user.is_active:
            raise AuthenticationFailed("This token has ended. Ask the administrator for a new one.")
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="Custos API"'
