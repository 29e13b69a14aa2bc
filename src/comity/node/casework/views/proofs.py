"""Letters whose proof ends within a year, and the button that has one sealed again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node.accounts.authority import authorise
from comity.node.casework import proving
from comity.node.casework.acts.renew_proof import renew_proof
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_GET
def proofs(request: HttpRequest) -> HttpResponse:
    """The list, the first to end first."""
    authorise(request.user, "renew_proof")
    return _page(request)


@require_POST
def renew(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Have one sealed again."""
    authorise(request.user, "renew_proof")
    by: Any = request.user
    found = proving.letter(by, letter)
    if found is None:
        raise Http404(str(letter))
    try:
        renew_proof(by, found, now=timezone.now())
    except ComityError as error:
        return _page(request, said(error))
    messages.success(request, _("It is being sealed again."))
    return redirect("proofs")


def _page(request: HttpRequest, error: Any = None) -> HttpResponse:
    now = timezone.now()
    context = {"proofs": proving.due(request.user, now), "now": now, "error": error}
    return render(request, "casework/proofs.html", context, status=409 if error else 200)
