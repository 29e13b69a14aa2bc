"""The page “How I am reached”: one's own addresses, quiet hours and sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node.accounts.authority import NothingThereError
from comity.node.alerts import gateways
from comity.node.alerts import reached as acts
from comity.node.alerts.forms import FORMS, HearingForm
from comity.node.alerts.models import Address, Hearing, Way
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_GET
def reached(request: HttpRequest) -> HttpResponse:
    """By which ways the reader is told, and of what."""
    return _shown(request)


@require_POST
def hearing(request: HttpRequest) -> HttpResponse:
    """Sounds, notifications and quiet hours."""
    form = HearingForm(request.POST)
    if not form.is_valid():
        return _shown(request, hearing=form)
    acts.hear(request.user, **form.cleaned_data)  # type: ignore[arg-type]  # signed in
    messages.success(request, _("Kept."))
    return redirect("reached")


@require_POST
def enter(request: HttpRequest, way: str) -> HttpResponse:
    """Enter or change an address."""
    form = FORMS[_known(way)](request.POST, prefix=way)
    if not form.is_valid():
        return _shown(request, **{way: form})
    return _done(
        request,
        _("Kept. A new address is sent a code: enter it here."),
        lambda: acts.enter(request.user, way, **form.cleaned_data, now=timezone.now()),  # type: ignore[arg-type]
    )


@require_POST
def code(request: HttpRequest, way: str) -> HttpResponse:
    """Let a new code be sent."""
    _known(way)
    text = _("A new code is on its way.")
    return _done(request, text, lambda: acts.send_code(request.user, way, now=timezone.now()))  # type: ignore[arg-type]


@require_POST
def confirm(request: HttpRequest, way: str) -> HttpResponse:
    """Prove an address by its code."""
    _known(way)
    entered = request.POST.get("code", "")
    text = _("The address is proved: alerts reach you there.")
    return _done(request, text, lambda: acts.confirm(request.user, way, entered, now=timezone.now()))  # type: ignore[arg-type]


@require_POST
def test(request: HttpRequest, way: str) -> HttpResponse:
    """Let a test message be sent."""
    _known(way)
    text = _("A test message is on its way.")
    return _done(request, text, lambda: acts.send_test(request.user, way, now=timezone.now()))  # type: ignore[arg-type]


@require_POST
def remove(request: HttpRequest, way: str) -> HttpResponse:
    """Take an address out of use."""
    _known(way)
    return _done(request, _("The address was removed."), lambda: acts.remove(request.user, way))  # type: ignore[arg-type]


def _known(way: str) -> str:
    if way not in Way.values:
        raise NothingThereError(name=way)
    return way


def _done(request: HttpRequest, text: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except NothingThereError:
        raise
    except ComityError as error:
        return _shown(request, error=said(error))
    messages.success(request, text)
    return redirect("reached")


def _shown(request: HttpRequest, error: Any = None, hearing: Any = None, **bound: Any) -> HttpResponse:
    kept = Hearing.objects.filter(official=request.user).first()  # type: ignore[misc]  # signed in
    values = {name: getattr(kept or Hearing(), name) for name in HearingForm.base_fields}
    addresses = {one.way: one for one in Address.objects.filter(official=request.user).exclude(address="")}  # type: ignore[misc]
    ways = []
    for way in Way:
        found = addresses.get(way)
        initial = {"address": found.address, "least": found.least} if found else None
        form = bound.get(way) or FORMS[way](prefix=way, initial=initial)
        last = found.messages.first() if found else None
        ways.append(
            {"way": way, "address": found, "form": form, "open": gateways.is_configured(way), "last": last}
        )
    context = {"ways": ways, "hearing": hearing or HearingForm(initial=values), "error": error}
    status = 409 if error else 422 if hearing or bound else 200
    return render(request, "alerts/reached.html", context, status=status)
