"""Documents to be served, persons asked to come, and safe conduct: the pages of a case and of the node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import drafts, safe_conducts, serving
from comity.node.casework.acts.answer_safe_conduct import answer_safe_conduct
from comity.node.casework.acts.record_invitation import record_invitation
from comity.node.casework.acts.record_safe_conduct import (
    POSSIBLE,
    record_arrival,
    record_course,
    record_release,
)
from comity.node.casework.acts.record_service import record_service
from comity.node.casework.attendance_forms import (
    ArrivalForm,
    AttemptForm,
    ConductAnswerForm,
    CourseForm,
    InvitationForm,
    ReleaseForm,
)
from comity.node.casework.attending import SafeConduct
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.outcomes import open_items
from comity.node.casework.standing import demand_side
from comity.node.casework.views.common import find_readable, perform, show, status_of

GET_AND_POST = require_http_methods(["GET", "POST"])


@GET_AND_POST
def service(request: HttpRequest, reference: str) -> HttpResponse:
    """The documents of a case: what is asked, each attempt, the other side's certificates."""
    case = find_readable(request, reference)
    items = _items(case, serving.SERVE)
    records = {"form": (AttemptForm, "record_service", record_service, _("The attempt is recorded."))}
    return _page(request, case, items, records, "casework/service.html", "service")


@GET_AND_POST
def appearance(request: HttpRequest, reference: str) -> HttpResponse:
    """The persons of a case who are asked to come: their answers, and safe conduct once they came."""
    case = find_readable(request, reference)
    items = _items(case, serving.APPEAR)
    conduct = "record_safe_conduct"
    records: dict[str, Any] = {
        "form": (InvitationForm, "record_invitation", record_invitation, _("Recorded.")),
    }
    if case.side == Side.REQUESTING:
        records = {
            "arrival": (ArrivalForm, conduct, record_arrival, _("Recorded. Safe conduct stands.")),
            "release": (ReleaseForm, conduct, record_release, _("Recorded. The time to leave runs.")),
            "course": (CourseForm, conduct, record_course, _("Recorded.")),
        }
    return _page(request, case, items, records, "casework/appearance.html", "appearance")


def _page(
    request: HttpRequest,
    case: Case,
    items: list[Item],
    records: dict[str, Any],
    template: str,
    then: str,
) -> HttpResponse:
    """The page with the forms of what may be recorded now; on POST the record that its ``step`` names."""
    if not items:
        raise Http404(case.reference)
    step = request.POST.get("step", "form")
    given = _forms(request, case, items, records, step)
    conducts = {
        one.item_id: one for one in SafeConduct.objects.filter(item__case=case).select_related("item", "by")
    }
    heard = safe_conducts.told(case)
    results: dict[int, list[Any]] = {}
    for letter, told in serving.results(case):
        results.setdefault(told["number"], []).append((letter, told))

    def page(error: Any) -> HttpResponse:
        now = timezone.now()
        rows = [
            {
                "item": item,
                "told": results.get(item.number, []),
                "conduct": conducts.get(item.pk),
                "heard": heard.get(item.number),
                "standing": safe_conducts.standing(conducts[item.pk], now) if item.pk in conducts else None,
            }
            for item in items
        ]
        wrong = given.get(step) if request.method == "POST" else None
        tells = may(request.user, "tell_safe_conduct")
        context = {"rows": rows, "tells": tells, "forms": given, "error": error}
        context |= {"provision": safe_conducts.provision_of(case), "basis": drafts.basis_of(case)}
        return show(request, template, case, status_of(error, wrong), **context)

    if request.method == "GET":
        return page(None)
    if step not in records:
        raise Http404(step)
    _form, allowed, act, done = records[step]
    authorise(request.user, allowed)
    demand_side(case, Side.REQUESTING if allowed == "record_safe_conduct" else Side.REQUESTED)
    form: Any = given.get(step) or _form_of(request, case, items, records, step)
    if not form.is_valid():
        return page(None)
    return perform(
        request, case, lambda now: act(request.user, case, **form.said(), now=now), done, page, then=then
    )


def _forms(
    request: HttpRequest, case: Case, items: list[Item], records: dict[str, Any], step: str
) -> dict[str, forms.Form]:
    """The forms that may be filled in now, the one that was sent with what it said."""
    found = {}
    for name, (_form, allowed, _act, _done) in records.items():
        if may(request.user, allowed) and _open(case, items, name):
            found[name] = _form_of(request, case, items, records, name, sent=name == step)
    return found


def _form_of(
    request: HttpRequest, case: Case, items: list[Item], records: dict[str, Any], name: str, sent: bool = True
) -> Any:
    form: Callable[..., forms.Form] = records[name][0]
    also: dict[str, Any] = {}
    if form is ReleaseForm:
        also = {"letters": safe_conducts.agreements(case)}
    if form is CourseForm:
        also = {"standings": _standings(case).values()}
    data = request.POST if sent and request.method == "POST" else None
    chosen = _open(case, items, name) or items
    return form(data, items=chosen, prefix=None, auto_id=f"{name}_%s", **also)


def _open(case: Case, items: list[Item], name: str) -> list[Item]:
    """The items of which this can be recorded now."""
    if name == "form":
        ready = [one for one in items if one.actual == "registered" and one.desired != "withdrawn"]
        return [*ready, *open_items(items)] if case.side == Side.REQUESTED else []
    stands = _standings(case)
    if name == "arrival":
        has_provision = safe_conducts.provision_of(case) and case.sent_generation
        absent = {None, safe_conducts.Standing.EXPECTED, safe_conducts.Standing.ABSENT}
        return [one for one in items if stands.get(one.pk) in absent] if has_provision else []
    if name == "release":
        return [one for one in items if stands.get(one.pk) == safe_conducts.Standing.NEEDED]
    going_on = set().union(*POSSIBLE.values())
    return [one for one in items if stands.get(one.pk) in going_on]


def _standings(case: Case) -> dict[int, safe_conducts.Standing]:
    """How each safe conduct of a case stands now, by its item's row."""
    now = timezone.now()
    found = SafeConduct.objects.filter(item__case=case)
    return {each.item_id: safe_conducts.standing(each, now) for each in found}


def _items(case: Case, measure: str) -> list[Item]:
    return list(case.items.filter(measure=measure).prefetch_related("attempts__by", "invitations__by"))


@GET_AND_POST
def warning(request: HttpRequest, reference: str) -> HttpResponse:
    """Warnings that a case's measure would touch persons under safe conduct; a signatory answers each."""
    case = find_readable(request, reference)
    form = ConductAnswerForm(request.POST or None)
    answers = case.conduct_answers.select_related("by", "conduct__item__case")

    def named(conduct: SafeConduct) -> str | None:
        return safe_conducts.named_to(request.user, conduct)  # type: ignore[arg-type]  # signed in

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/safe_conduct_warning.html",
            case,
            status_of(error, form),
            waiting=[(each, named(each)) for each in safe_conducts.warnings(case, timezone.now())],
            answered=[(each, named(each.conduct)) for each in answers],
            form=form if may(request.user, "answer_safe_conduct") else None,
            error=error,
        )

    if request.method == "GET":
        return page(None)
    authorise(request.user, "answer_safe_conduct")
    number = request.POST.get("conduct", "")
    if not form.is_valid() or not number.isdigit():
        return page(None)
    said = form.cleaned_data["reasons"]
    return perform(
        request,
        case,
        lambda now: answer_safe_conduct(request.user, case, int(number[:9]), reasons=said, now=now),  # type: ignore[arg-type]
        _("Answered. The act may go on."),
        page,
    )


@require_GET
def running(request: HttpRequest) -> HttpResponse:
    """Every safe conduct that stands, in the cases that the official may read, the next end first."""
    authorise(request.user, "view_case")
    now = timezone.now()
    rows = [
        {"conduct": each, "standing": safe_conducts.standing(each, now), "case": each.item.case}
        for each in safe_conducts.standing_for(request.user, now)  # type: ignore[arg-type]  # signed in
    ]
    return render(request, "casework/safe_conducts.html", {"rows": rows, "now": now})


addresses = [
    path("<slug:reference>/service", service, name="service"),
    path("<slug:reference>/appearance", appearance, name="appearance"),
    path("<slug:reference>/safe-conduct-warning", warning, name="safe_conduct_warning"),
]
