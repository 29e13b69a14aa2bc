"""The page of the node's clock, where an administrator takes a stepped clock for right."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.ledger import clock_steps, wall_clock
from comity.node.pages.errors import said
from comity.node.pages.fields import LineField


class AcceptForm(forms.Form):
    """Why the clock is right as it stands."""

    reason = LineField(label=_("How it was compared, and with what"), max_length=clock_steps.LONGEST_REASON)


@require_http_methods(["GET", "POST"])
def clock(request: HttpRequest) -> HttpResponse:
    """How the clock stands; on POST it is taken for right."""
    authorise(request.user, "view_ledger")
    form, error = AcceptForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            clock_steps.accept(request.user, form.cleaned_data["reason"], timezone.now())  # type: ignore[arg-type]  # signed in
            messages.success(request, gettext("The clock is taken for right; the node goes on."))
            return redirect("ledger_clock")
        except clock_steps.ClockSteadyError as refused:
            error = said(refused)
    context = {
        "step": wall_clock.step(),
        "may_accept": may(request.user, "accept_clock"),
        "form": form,
        "error": error,
    }
    status = 409 if error else 422 if form.is_bound and form.errors else 200
    return render(request, "ledger/clock.html", context, status=status)
