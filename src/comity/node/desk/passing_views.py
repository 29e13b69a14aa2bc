"""Acknowledging what came in, and passing a case on within this State."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show, status_of
from comity.node.desk import referrals
from comity.node.desk.acts.acknowledge import acknowledge
from comity.node.desk.acts.pass_on import pass_on, take_referral
from comity.node.desk.forms import PassOnForm
from comity.node.exchange.models import Letter
from comity.node.pages import times


@require_POST
def acknowledged(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Acknowledge a letter that came in, and stay on the desk."""
    authorise(request.user, "acknowledge")
    found = Letter.objects.filter(pk=letter).first()
    if found is None:
        raise Http404(str(letter))
    made = acknowledge(request.user, found, now=timezone.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("You have taken on %(case)s.") % {"case": made.case.reference})
    return redirect("desk")


@require_http_methods(["GET", "POST"])
def passing(request: HttpRequest, reference: str) -> HttpResponse:
    """To whom the case was passed on and how long each took; below, the form that passes it on."""
    case = find(request, reference)
    if request.method == "GET":
        return _page(request, case)
    authorise(request.user, "pass_on")
    form = PassOnForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form)
    official: Any = request.user
    values = form.values()
    to = values.pop("to")
    return perform(
        request,
        case,
        lambda now: pass_on(official, case, to, **values, now=now),
        _("Passed on. The receiving body confirms on its desk that it took it."),
        lambda error: _page(request, case, form, error),
        then="pass_on",
    )


@require_POST
def taken(request: HttpRequest, referral: int) -> HttpResponse:
    """Confirm for one's body that it took a case that was passed on to it."""
    authorise(request.user, "take_referral")
    found = take_referral(request.user, referral, now=timezone.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("You have taken on %(case)s.") % {"case": found.case.reference})
    return redirect("desk")


def _page(
    request: HttpRequest, case: Case, form: PassOnForm | None = None, error: Any = None
) -> HttpResponse:
    now = timezone.now()
    official: Any = request.user
    rows = [
        {
            "referral": each,
            "name": referrals.receiver(each.organisation, times.language()),
            "lasted": times.span(referrals.lasted(each, now)),
            "may_take": _may_take(each, official),
        }
        for each in referrals.of_case(case)
    ]
    return show(
        request,
        "desk/pass_on.html",
        case,
        status=status_of(error, form),
        rows=rows,
        form=(form or PassOnForm()) if may(official, "pass_on") else None,
        error=error,
    )


def _may_take(referral: Any, official: Any) -> bool:
    free = referral.taken_at is None and referral.by_id != official.pk
    return free and may(official, "take_referral") and referrals.is_for(referral, official)
