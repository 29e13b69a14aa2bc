"""The pages of delegation and absence: one's own, and those that an administrator keeps for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Delegation, Official
from comity.node.administration import deputies
from comity.node.administration.forms import AbsenceForm, DelegationForm
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own absences, and the roles that one has from others or lets others have."""
    return _page(request, request.user, "own_delegation")  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
def of_official(request: HttpRequest, official: int) -> HttpResponse:
    """The same of another official, for the administrator."""
    authorise(request.user, "manage_accounts")
    return _page(request, get_object_or_404(Official, pk=official), "official_delegation", official)


@require_POST
def end(request: HttpRequest, delegation: int) -> HttpResponse:
    """End a delegation before its time."""
    found = get_object_or_404(Delegation.objects.select_related("of"), pk=delegation)
    deputies.end_delegation(request.user, found, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The delegation has ended."))
    if found.of_id == request.user.pk:
        return redirect("own_delegation")
    return redirect("official_delegation", found.of_id)


def _page(request: HttpRequest, of: Official, name: str, *parts: int) -> HttpResponse:
    delegating = request.POST.get("what") == "delegation"
    absence = AbsenceForm(request.POST if request.POST and not delegating else None, prefix="absence")
    delegation = DelegationForm(request.POST if delegating else None, prefix="delegation", of=of)
    error = None
    chosen = delegation if delegating else absence
    if request.method == "POST" and chosen.is_valid():
        try:
            _act(request, of, chosen)()
            messages.success(request, _("Recorded."))
            return redirect(name, *parts)
        except ComityError as refused:
            error = said(refused)
    now = timezone.now()
    context = {
        "of": of,
        "own": of.pk == request.user.pk,
        "absence": absence,
        "delegation": delegation,
        "error": error,
        "may_delegate": deputies.may_delegate(request.user, of),
        "now": now,
        **deputies.standing(of, now),
    }
    status = 409 if error else 422 if chosen.is_bound and chosen.errors else 200
    return render(request, "administration/delegation.html", context, status=status)


def _act(request: HttpRequest, of: Official, form: Any) -> Callable[[], object]:
    by: Official = request.user  # type: ignore[assignment]  # the pages are for those signed in
    entered, now = form.cleaned_data, timezone.now()
    times = form.times(of.time_zone)
    if isinstance(form, AbsenceForm):
        return lambda: deputies.record_absence(of, note=entered["note"], **times, now=now)
    return lambda: deputies.delegate_role(
        by, of, entered["to"], role=entered["role"], reason=entered["reason"], **times, now=now
    )
