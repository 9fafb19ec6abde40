"""API tokens: `custos_<prefix>_<secret>`, kept only as an HMAC-SHA-256, checked for expiry at every use."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from portal.agency.access import ALLOWED, Decision, can, reach
from portal.agency.models import ApiToken, Office, RoleAssignment, User
from portal.agency.roles import PERMISSIONS
from portal.audit.log import canonical, record, stamp
from portal.errors import Conflict, Refused

LIFE = timedelta(days=90)


def _digest(secret: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _require(actor: User | None, user: User) -> None:
    """Tokens only for system accounts, and only by those who keep tokens where the account works."""
    if not user.is_system:
        raise Refused("K-PERSON", "Tokens are for system accounts; people sign in.")
    if actor is None:
        return
    decision = _where_it_works(actor, "tokens.edit", user)
    if not decision:
        raise Refused("K-REFUSED", decision.reason)


def _where_it_works(actor: User, permission: str, user: User) -> Decision:
    """May this person do this for every office in which a system account has a role?"""
    offices: list[Office | None] = [role.office for role in user.roles.select_related("office")]
    decisions = [can(actor, permission, office) for office in offices or [None]]
    return next((decision for decision in decisions if not decision), ALLOWED)


def accounts_of(actor: User, permission: str) -> list[User]:
    """System accounts that work only where this person holds a permission; one without a role works nowhere yet."""
    own = reach(actor, permission)
    systems = User.objects.filter(is_system=True).prefetch_related("roles__office")
    return [
        user
        for user in systems.order_by("username")
        if own.paths and all(own.covers(role.office) for role in user.roles.all())
    ]


def _office_id(user: User) -> int | None:
    """The office whose audit log tells of an account's tokens: that of its first role, none before it has one."""
    first = user.roles.order_by("pk").values_list("office", flat=True).first()
    return None if first is None else int(first)


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
    detail = {"scopes": token.scopes, "for": user.username}
    record("token.issued", token, actor=actor, office_id=_office_id(user), detail=detail)
    return token, f"custos_{prefix}_{secret}"


@transaction.atomic
def revoke(token: ApiToken, *, actor: User) -> ApiToken:
    """End a token at once."""
    _require(actor, token.user)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record("token.revoked", token, actor=actor, office_id=_office_id(token.user))
    return token


class Covered(NamedTuple):
    """What an approval of a token covers: where its account works, as what and how long, and a digest of it all."""

    roles: list[RoleAssignment]
    digest: str


def covered(token: ApiToken) -> Covered:
    """What a person has before them who approves a token: its scopes, its end, and every role that has not ended."""
    today = timezone.localdate()
    roles = [
        role
        for role in token.user.roles.select_related("office").order_by("pk")
        if role.ends_on is None or role.ends_on >= today
    ]
    told = {
        "token": token.pk,
        "scopes": token.scopes,
        "expires_at": stamp(token.expires_at),
        "roles": [
            [role.role, role.office.path, str(role.starts_on), str(role.ends_on)] for role in roles
        ],
    }
    return Covered(roles, hashlib.sha256(canonical(told)).hexdigest())


def may_approve(token: ApiToken, actor: User) -> Decision:
    """A second person: somebody who may give roles where the account works, and did not make the token."""
    if actor.pk == token.created_by_id:
        return Decision(False, "You made this token: a second person has to approve it.")
    return _where_it_works(actor, "roles.edit", token.user)


@transaction.atomic
def approve(token: ApiToken, *, seen: str, actor: User) -> ApiToken:
    """Let the scopes of a token that open content take effect.

    `seen` is the digest of what the person had before them. Raises Conflict when it covers something else now; the
    account is locked, so that no role is given meanwhile.
    """
    User.objects.select_for_update(no_key=True).get(pk=token.user_id)
    locked = ApiToken.objects.select_related("user").get(pk=token.pk)
    decision = may_approve(locked, actor)
    if not decision:
        raise Refused("K-APPROVE", decision.reason)
    if not locked.waits or locked.revoked_at or locked.expires_at <= timezone.now():
        raise Conflict("K-NOT-WAITING", "This token does not wait for an approval any more.")
    if covered(locked).digest != seen:
        raise Conflict(
            "K-MOVED",
            "This token opens something else now than when you read it: nothing was approved.",
            next_step="Read its scopes, roles and offices again.",
        )
    locked.approved_by, locked.approved_at = actor, timezone.now()
    locked.save(update_fields=["approved_by", "approved_at"])
    detail = {"scopes": locked.scopes}
    record("token.approved", locked, actor=actor, office_id=_office_id(locked.user), detail=detail)
    return locked


def waiting_for(actor: User) -> list[ApiToken]:
    """Tokens that wait for an approval, of accounts that work where this person gives roles."""
    running = ApiToken.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())
    mine = running.filter(approved_at__isnull=True, user__in=accounts_of(actor, "roles.edit"))
    return [token for token in mine.select_related("user", "created_by") if token.waits]


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
