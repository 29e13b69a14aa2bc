"""The administrator's pages about endpoints: what is registered, and how its notices fare."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.pages.errors import said
from comity.node.webhooks import acts
from comity.node.webhooks.forms import EndpointForm
from comity.node.webhooks.models import Endpoint
from comity.terms import ComityError

_ACT = "manage_webhooks"
_LATEST = 50


@require_http_methods(["GET", "POST"])
def endpoints(request: HttpRequest) -> HttpResponse:
    """The registered endpoints, and the form of one more; its secret is shown on the page that answers it."""
    authorise(request.user, _ACT)
    form, error = EndpointForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = acts.register(
                request.user,  # type: ignore[arg-type]
                form.cleaned_data["url"],
                events=form.cleaned_data["events"],
                speaker=form.known[form.cleaned_data["speaker"]],
                now=timezone.now(),
            )
            return _shown_once(request, made, secret)
        except ComityError as refused:
            error = said(refused)
    rows = Endpoint.objects.filter(removed_at=None).select_related("official")
    context: dict[str, Any] = {"endpoints": rows, "form": form, "error": error}
    status = 409 if error else 422 if form.is_bound and form.errors else 200
    return render(request, "webhooks/endpoints.html", context, status=status)


@require_GET
def endpoint(request: HttpRequest, endpoint: uuid.UUID) -> HttpResponse:
    """One endpoint with its latest notices: when, of what, how often tried. Never of which case."""
    found = acts.find(request.user, endpoint)  # type: ignore[arg-type]
    latest = found.deliveries.defer("case_reference", "body")[:_LATEST]
    return render(request, "webhooks/endpoint.html", {"endpoint": found, "deliveries": latest})


@require_POST
def secret(request: HttpRequest, endpoint: uuid.UUID) -> HttpResponse:
    """Change the secret; the new one is shown once."""
    fresh = acts.change_secret(request.user, endpoint, now=timezone.now())  # type: ignore[arg-type]
    return _shown_once(request, acts.find(request.user, endpoint), fresh)  # type: ignore[arg-type]


@require_POST
def switch(request: HttpRequest, endpoint: uuid.UUID) -> HttpResponse:
    """Switch an endpoint on or off."""
    on = request.POST.get("on") == "yes"
    acts.switch(request.user, endpoint, on=on, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The endpoint is switched on.") if on else _("The endpoint is switched off."))
    return redirect("endpoint", endpoint)


@require_POST
def remove(request: HttpRequest, endpoint: uuid.UUID) -> HttpResponse:
    """Take an endpoint out of use for good."""
    acts.remove(request.user, endpoint, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The endpoint was removed."))
    return redirect("endpoints")


def _shown_once(request: HttpRequest, found: Endpoint, secret: str) -> HttpResponse:
    return render(request, "webhooks/secret.html", {"endpoint": found, "secret": secret})
