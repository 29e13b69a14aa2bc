"""Protected persons: pseudonyms for all, the identity for its readers alone, each time on record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official
from comity.node.casework.acts.protect_person import name_reader, open_identity, protect_person
from comity.node.casework.entitlement import is_entitled
from comity.node.casework.marked import ProtectedPerson
from comity.node.casework.marking_forms import OpeningForm, PersonForm, ReaderForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show, status_of
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def persons(request: HttpRequest, reference: str) -> HttpResponse:
    """The pseudonyms of a case; below, the form that keeps one more identity apart."""
    case = find(request, reference)
    others = [each for each in _officials(case) if each.pk != request.user.pk]
    form = PersonForm(request.POST or None, officials=others)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/protected.html",
            case,
            status_of(error, form),
            form=form,
            people=case.protected_persons.select_related("by"),
            may_protect=may(request.user, "protect_person"),
            may_open=may(request.user, "open_identity"),
            error=error,
        )

    if request.method == "GET":
        return page(None)
    authorise(request.user, "protect_person")
    if not form.is_valid():
        return page(None)
    return perform(
        request,
        case,
        lambda now: protect_person(request.user, case, **form.said(), now=now),  # type: ignore[arg-type]
        _("The identity is kept apart; the case has the pseudonym in its place."),
        page,
        then="case_protected",
    )


@require_http_methods(["GET", "POST"])
def identity(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """One person: who may read the identity; on POST the identity itself, once, on record."""
    authorise(request.user, "open_identity")
    case, found = _find(request, reference, person)
    if request.method == "GET":
        return _page(request, case, found, OpeningForm())
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return _page(request, case, found, form)
    official: Official = request.user  # type: ignore[assignment]
    try:
        opened = open_identity(official, found, purpose=form.cleaned_data["purpose"], now=timezone.now())
    except ComityError as error:
        return _page(request, case, found, form, said(error))
    return _page(request, case, found, OpeningForm(), opened=opened)


@require_POST
def reader(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """Name a further reader."""
    authorise(request.user, "protect_person")
    case, found = _find(request, reference, person)
    form = ReaderForm(request.POST, officials=_officials(case))
    if form.is_valid():
        name_reader(request.user, found, form.whom(), now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("The reader is named."))
    return redirect("protected_identity", reference, person)


def _find(request: HttpRequest, reference: str, person: int) -> tuple[Case, ProtectedPerson]:
    """A person whose reader asks; for everybody else there is none."""
    case = find(request, reference)
    found = case.protected_persons.filter(number=person, readers__official=request.user.pk).first()
    if found is None:
        raise Http404(reference)
    return case, found


def _officials(case: Case) -> list[Official]:
    """Those who may be named: the case is open to them, and their roles read identities."""
    there = Official.objects.filter(is_active=True).order_by("full_name", "username")
    return [each for each in there if may(each, "open_identity") and is_entitled(each, case)]


def _page(
    request: HttpRequest,
    case: Case,
    person: ProtectedPerson,
    form: OpeningForm,
    error: Any = None,
    opened: Any = None,
) -> HttpResponse:
    readers = list(person.readers.select_related("official", "given_by"))
    named = {each.official_id for each in readers}
    others = [each for each in _officials(case) if each.pk not in named]
    return show(
        request,
        "casework/identity.html",
        case,
        status_of(error, form),
        person=person,
        readers=readers,
        form=form,
        reader_form=ReaderForm(officials=others, auto_id="reader-%s") if others else None,
        may_name=may(request.user, "protect_person"),
        opened=opened,
        error=error,
    )
