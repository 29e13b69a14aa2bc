"""The register of trained and equipped staff."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.desk import staff
from comity.node.desk.acts.record_training import record_training, withdraw_training
from comity.node.desk.forms import TrainingForm
from comity.node.desk.models import Training
from comity.node.pages.errors import said
from comity.terms import ComityError

KEEPS = "keep_trainings"


@require_http_methods(["GET", "POST"])
def trainings(request: HttpRequest) -> HttpResponse:
    """Each duty officer with their trainings; below, the form, for whoever keeps the register."""
    authorise(request.user, "view_roster")
    if request.method == "GET":
        return _page(request)
    by: Any = request.user
    staff.demand(by, KEEPS)
    form = TrainingForm(request.POST, people=staff.officers())
    if not form.is_valid():
        return _page(request, form)
    try:
        record_training(by, **form.cleaned_data, now=timezone.now())
    except ComityError as error:
        return _page(request, form, said(error))
    messages.success(request, _("The training is on record."))
    return redirect("trainings")


@require_POST
def withdraw(request: HttpRequest, training: int) -> HttpResponse:
    """Withdraw a record that was wrong."""
    withdraw_training(request.user, training, now=timezone.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("The record is withdrawn."))
    return redirect("trainings")


def _page(request: HttpRequest, form: TrainingForm | None = None, error: Any = None) -> HttpResponse:
    today, keeps, people = timezone.localdate(), staff.belongs(request.user, KEEPS), staff.officers()
    context = {
        "now": timezone.now(),
        "people": _people(people, today),
        "keeps": keeps,
        "form": (form or TrainingForm(people=people)) if keeps else None,
        "error": error,
    }
    status = 409 if error else 422 if form is not None and form.errors else 200
    return render(request, "desk/trainings.html", context, status=status)


def _people(people: list[Official], today: date) -> list[dict[str, Any]]:
    known = list(
        Training.objects.filter(official__in=people, withdrawn_at=None).select_related("recorded_by")
    )
    told = []
    for one in people:
        own = [(each, each.counts_on(today)) for each in known if each.official_id == one.pk]
        told.append({"official": one, "trainings": own, "trained": any(counts for _each, counts in own)})
    return told
