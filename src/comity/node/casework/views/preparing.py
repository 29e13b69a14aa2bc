"""A prepared letter: what was filled in, signed by another official or returned with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import enclosures, information, prepared_acts, preparing, speaking
from comity.node.casework.acts.prepare_letter import return_prepared
from comity.node.casework.forms import ReasonForm
from comity.node.casework.models import Case, Prepared
from comity.node.casework.views import signing
from comity.node.casework.views.common import find_readable, perform, show, status_of
from comity.node.exhibits.models import Exhibit
from comity.node.pages.errors import said
from comity.terms import ComityError


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
            files=_files(case, found),
            may_enclose=may(request.user, "save_draft") and information.is_unsent(case),
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
    form = prepared_acts.of_prepared(case, found)
    try:
        preparing.demand_signable(found, case, request.user)  # type: ignore[arg-type]
        if not form.is_valid():
            raise preparing.PreparedStaleError
    except ComityError as error:
        return page(said(error))  # type: ignore[no-any-return]
    run = prepared_acts.as_filled_in(request.user, case, found.act, form)  # type: ignore[arg-type]  # signed in
    done = _("Signed. The letter is being sealed and sent.")
    return signing.sign(request, case, found.act, run, done, page, found)


def _files(case: Case, found: Prepared) -> list[Exhibit] | None:
    """The files that go along with a letter that may carry some."""
    return enclosures.waiting(case) if found.act == information.ACT and found.letter is None else None


def _lines(case: Case, found: Prepared) -> Iterator[tuple[str, str]]:
    """What was filled in, by the labels of the form; a choice in its own words."""
    for field in prepared_acts.of_prepared(case, found):
        values = [value for name, value in found.entered if name == field.html_name and value.strip()]
        words = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
        if values:
            yield str(field.label), "\n".join(words.get(value, value) for value in values)
