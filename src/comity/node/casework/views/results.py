"""The result of execution: put together by one official with its translation, released by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.casework import languages, opinions
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.release_result import prepared, release_result
from comity.node.casework.forms import ResultForm
from comity.node.casework.models import Case, Side
from comity.node.casework.outcomes import open_items
from comity.node.casework.speaking import Speaking, is_wanted
from comity.node.casework.views import signing, translating
from comity.node.casework.views.common import find_for, perform, show, status_of
from comity.node.exhibits.models import Exhibit
from comity.node.pages.errors import said
from comity.terms import ComityError

GET_AND_POST = require_http_methods(["GET", "POST"])


@GET_AND_POST
def result(request: HttpRequest, reference: str) -> HttpResponse:
    """Put the result together for a second person to release."""
    case = find_for(request, reference, "prepare_result", Side.REQUESTED)
    items = open_items(case.items.all())
    limits = opinions.limits(case.opinion or {"limits": []})
    form = ResultForm(request.POST or None, items=items, limits=limits)
    speaking = Speaking(case, request.POST or None)
    exhibits = Exhibit.objects.filter(
        case_reference=reference, letter=None, wrapped_key__isnull=False
    ).order_by("number")

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/result.html",
            case,
            status_of(error, form),
            form=form,
            exhibits=exhibits,
            speaking=speaking,
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)

    def again(error: Any) -> HttpResponse:
        return _translate(request, case, form, speaking, error) if speaking.began else page(error)

    try:
        if is_wanted(request.POST) or not speaking.is_valid():
            return _translate(request, case, form, speaking, None)
    except ComityError as error:
        return page(said(error))
    done = _("The result waits for a second person to release it.")
    return perform(request, case, lambda now: _prepare(request, case, form, speaking, now), done, again)


def _prepare(
    request: HttpRequest, case: Case, form: ResultForm, speaking: Speaking | None, now: datetime
) -> Case:
    """The act as its valid form says it, in the language and with the translation that were entered."""
    spoken = speaking.demanded(now) if speaking else {}
    return prepare_result(
        request.user,  # type: ignore[arg-type]  # signed in
        case,
        authenticity=form.cleaned_data["authenticity"],
        notes=form.notes(),
        limits=form.cleaned_data["limits"],
        outcomes=form.outcomes(),
        spoken=spoken,
        now=now,
    )


def _translate(
    request: HttpRequest, case: Case, form: ResultForm, speaking: Speaking, error: Any
) -> HttpResponse:
    """The words of the result beside their translation; it is put together and taken back for that."""
    with transaction.atomic():
        draft = prepared(_prepare(request, case, form, None, timezone.now()))
        transaction.set_rollback(True)
    said_so_far = ("result", draft, draft["limits"])
    steps = [("", "", _("Hand on for release"))]
    return translating.beside_its_form(request, case, *said_so_far, speaking, error, steps=steps)


@GET_AND_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Review the prepared result and release it."""
    case = find_for(request, reference, "release_result", Side.REQUESTED)
    draft = prepared(case)
    exhibits = Exhibit.objects.in_bulk([each for item in draft["items"] for each in item["exhibits"]])

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/release.html",
            case,
            status_of(error),
            draft=draft,
            exhibits=list(exhibits.values()),
            own=draft["prepared_by"] == request.user.pk,
            spoken=languages.beside_draft(draft, draft["limits"]),
            means=signing.means(request),
            error=error,
        )

    if request.method == "GET":
        return page(None)
    return signing.sign(
        request,
        case,
        "release_result",
        lambda now: release_result(request.user, case, now=now),  # type: ignore[arg-type]  # signed in
        _("Released. The result is being sealed and sent with its exhibits."),
        page,
    )
