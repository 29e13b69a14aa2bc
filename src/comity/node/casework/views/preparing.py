"""A prepared letter: what was filled in, signed by another official or returned with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import preparing, speaking
from comity.node.casework.acts.prepare_letter import return_prepared
from comity.node.casework.forms import ReasonForm
from comity.node.casework.models import Case, Prepared
from comity.node.casework.views import dialogue, executing, signing
from comity.node.casework.views.common import find_readable, perform, show, status_of
from comity.node.pages.errors import said
from comity.terms import ComityError

REFUSAL = "refuse_execution"
"""The one act of these whose page is not a turn's."""


@require_http_methods(["GET", "POST"])
def prepared(request: HttpRequest, reference: str, prepared_id: int) -> HttpResponse:
    """See a prepared letter, sign it as the act it is, or return it."""
    authorise(request.user, "prepare_letter")
    case = find_readable(request, reference)
    found = case.prepared.select_related("by", "returned_by").filter(pk=prepared_id).first()
    if found is None:
        raise Http404(str(prepared_id))
    returning = request.method == "POST" and request.POST.get("step") == "return"
    form = ReasonForm(request.POST if returning else None)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/prepared.html",
            case,
            status_of(error, form),
            prepared=found,
            kind=preparing.DECIDING[found.act],
            lines=list(_lines(case, found)),
            translated=list(speaking.rows(found.entered)),
            waits=found.letter is None and found.returned_at is None,
            stale=preparing.is_stale(found, case),
            own=found.by_id == request.user.pk,
            may_sign=may(request.user, found.act),
            means=signing.means(request, preparing.DECIDING[found.act]),
            form=form,
            error=error,
        )

    if request.method == "GET" or (returning and not form.is_valid()):
        return page(None)
    if returning:
        return perform(
            request,
            case,
            lambda now: return_prepared(
                request.user,  # type: ignore[arg-type]
                case,
                found,
                reason=form.cleaned_data["reason"],
                now=now,
            ),
            _("Returned. Whoever prepared it finds the reason on the page of the case."),
            page,
        )
    return _sign(request, case, found, page)


def _sign(request: HttpRequest, case: Case, found: Prepared, page: Any) -> HttpResponse:
    authorise(request.user, found.act)
    form = _form(case, found)
    try:
        preparing.demand_signable(found, case, request.user)  # type: ignore[arg-type]
        if not form.is_valid():
            raise preparing.PreparedStaleError
    except ComityError as error:
        return page(said(error))  # type: ignore[no-any-return]
    if found.act == REFUSAL:
        run = executing.refused(request, case, form)
    else:
        run = dialogue.as_filled_in(request, case, found.act, form)
    done = _("Signed. The letter is being sealed and sent.")
    return signing.sign(request, case, found.act, run, done, page, found)


def _form(case: Case, found: Prepared) -> Any:
    """The act's own form, filled in as it was prepared."""
    entered = preparing.filled_in(found)
    return (
        executing.refusal(case, entered)
        if found.act == REFUSAL
        else dialogue.filled_in(case, found.act, entered)
    )


def _lines(case: Case, found: Prepared) -> Iterator[tuple[str, str]]:
    """What was filled in, by the labels of the form; a choice in its own words."""
    for field in _form(case, found):
        values = [value for name, value in found.entered if name == field.html_name and value.strip()]
        words = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
        if values:
            yield str(field.label), "\n".join(words.get(value, value) for value in values)
