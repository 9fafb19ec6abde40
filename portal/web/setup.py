"""The set-up page: the first agency and its first administrator, once, on an empty portal."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from portal.agency import services
from portal.agency.models import User
from portal.kit.forms import FormPage
from portal.kit.views import public
from portal.web.forms import SetupForm

TOKEN_FILE = "setup-token"


def token_path() -> Path:
    return Path(settings.KEYS_DIR) / TOKEN_FILE


def setup_token() -> str:
    """The one-time word in the address that `./run --empty` prints: whoever has it may set the portal up."""
    path = token_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()


@public
class SetUp(FormPage):
    """Public because nobody has an account yet; closed for ever once somebody has."""

    form_class = SetupForm
    title = "Set up Custos"
    intro = "You become the administrator: you add offices and people and give them their roles."
    submit_label = "Set up"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = request.POST.get("token") or request.GET.get("token", "")
        if User.objects.exists():
            raise Http404
        if not hmac.compare_digest(given.encode(), setup_token().encode()):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"token": self.request.GET.get("token", "")}

    def save(self, form: SetupForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        values.pop("token")
        services.set_up(**values)
        token_path().unlink(missing_ok=True)
        messages.success(
            self.request, "Custos is set up. Sign in with the name and password you chose."
        )
        return redirect("account_login")
