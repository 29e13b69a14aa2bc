"""The draft of a request: its fields, its items, what is still missing; then review and signature."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import NothingThereError, may
from comity.node.casework import contents, enclosures, languages, opinions, safe_conducts, screens
from comity.node.casework.acts.approve_draft import approve_draft, is_required
from comity.node.casework.acts.ask_for_more import ask_for_more, provision
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import return_draft, submit_for_review
from comity.node.casework.entitlement import may_read
from comity.node.casework.forms import ContentsForm, FollowUpForm, ReasonForm
from comity.node.casework.item_form import ItemForm, ItemForms
from comity.node.casework.models import Case, Side
from comity.node.casework.signatories import asked_of_rank, has_rank
from comity.node.casework.standing import demand_side
from comity.node.casework.versions import CONDITIONS
from comity.node.casework.views import signing
from comity.node.casework.views.comments import open_comments
from comity.node.casework.views.common import find, find_for, perform, show
from comity.node.pages.errors import said
from comity.terms import ComityError

_ITEM_COUNT = "item-TOTAL_FORMS"
_BESIDE = frozenset(
    {
        *("draft_preview", "draft_versions", "draft_comments", "draft_templates", "draft_texts"),
        "draft_files",
        "draft_emergency",
        contents.TRANSLATION,
    }
)
"""Pages beside the draft that its form goes on to once it is saved."""


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, reference: str) -> HttpResponse:
    """The guided draft, one group a screen. Every change is saved; the last screen hands it on for review."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    if request.method == "GET":
        return _form(request, case, _items_of(case))
    items = (
        ItemForms(request.POST, prefix="item", form_kwargs=_of_measure(case))
        if _ITEM_COUNT in request.POST
        else None
    )
    entered = _entered(request, case)
    changes = _changes(request, case, items, entered)
    typing = bool(request.htmx) or request.POST.get("step") == "leave"  # type: ignore[attr-defined]
    try:
        case = save_draft(request.user, case, changes, now=timezone.now(), typing=typing)  # type: ignore[arg-type]
    except ComityError as error:
        return _form(request, case, items or _items_of(case), error=said(error))
    if request.htmx:  # type: ignore[attr-defined]
        return render(
            request, "casework/draft_progress.html", {"case": case, "progress": contents.progress(case)}
        )
    if not (entered.is_valid() and (items is None or items.is_valid())):
        return _form(request, case, items or _items_of(case), entered)
    return _after_saving(request, case)


def _after_saving(request: HttpRequest, case: Case) -> HttpResponse:
    step, _colon, where = request.POST.get("step", "").partition(":")
    if step == "submit":
        return perform(
            request,
            case,
            lambda now: submit_for_review(request.user, case, now=now),  # type: ignore[arg-type]
            _("The draft waits for a second person to sign it."),
            lambda error: _form(request, case, _items_of(case), error=error),
        )
    if step == "add":
        return _form(request, case, _items_of(case, extra=1))
    if step == "leave":
        return HttpResponse(status=204)
    if step == "go" and where in _BESIDE:
        return redirect(where, case.reference)
    if step == "comment":
        return redirect(f"{reverse('draft_comments', args=[case.reference])}?{urlencode({'field': where})}")
    if step != "go":
        messages.success(request, _("Saved."))
    screen = where if step == "go" else request.POST.get("screen", "")
    return redirect(f"{reverse('draft', args=[case.reference])}?{urlencode({'screen': screen})}")


def _form(
    request: HttpRequest, case: Case, items: Any, entered: ContentsForm | None = None, error: Any = None
) -> HttpResponse:
    wrong = error is not None or (items.is_bound and not items.is_valid()) or bool(entered and entered.errors)
    progress = contents.progress(case)
    found = screens.screens(progress)
    wanted = request.POST.get("screen", screens.ALL) if request.POST else request.GET.get("screen", "")
    known = {screen.id: screen for screen in found}
    if wanted not in {*known, screens.ALL, contents.WHOLE}:
        wanted = screens.first_open(found)
    return show(
        request,
        "casework/draft.html",
        case,
        status=422 if wrong else 200,
        screen=wanted,
        screens=found,
        place=next((n for n, screen in enumerate(found, start=1) if screen.id == wanted), 0),
        following=screens.following(found, wanted),
        fields=progress.fields if wanted == screens.ALL else known[wanted].fields if wanted in known else (),
        progress=progress,
        items=items,
        comments=open_comments(case),
        wrong=entered.wrong() if entered else {},
        error=error,
    )


def _items_of(case: Case, extra: int = 0) -> Any:
    drafted = [ItemForm.initial_of(item) for item in (case.draft or {}).get("items", [])]
    forms = type("ItemForms", (ItemForms,), {"extra": extra or int(not drafted)})
    return forms(prefix="item", initial=drafted, form_kwargs=_of_measure(case))


def _of_measure(case: Case) -> dict[str, str]:
    """What the form of an item must know of the case: its measure, and the provision on safe conduct."""
    return {
        "measure": (case.draft or {}).get("measure", ""),
        "safe_conduct": safe_conducts.provision_of(case),
    }


def _entered(request: HttpRequest, case: Case) -> ContentsForm:
    """The contents that were entered; those that the page did not show stay as they were saved."""
    asked = [field.id for field in contents.fields(case) if f"content_{field.id}" in request.POST]
    return ContentsForm(request.POST, asked=asked)


def _changes(request: HttpRequest, case: Case, items: Any, entered: ContentsForm) -> dict[str, Any]:
    """What was entered, as the act takes it; what is not readable or not on the screen stays as saved."""
    changes: dict[str, Any] = {"contents": (case.draft or {}).get("contents", {}) | entered.readable()}
    if request.POST.get("screen", screens.ALL) in (screens.ALL, contents.ITEMS):
        changes |= {name: name in request.POST for name in CONDITIONS}
    if items is not None and items.is_valid():
        changes["items"] = [
            form.item() for form in items.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
    return changes


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Review what the letter will say; sign and seal it, or give it back."""
    case = find(request, reference)
    if not may_read(request.user, case):
        raise NothingThereError(name=reference)
    demand_side(case, Side.REQUESTING)
    if request.method == "GET" or request.POST.get("step") == "return":
        return _review(request, case)
    if request.POST.get("step") == "approve":
        return perform(
            request,
            case,
            lambda now: approve_draft(request.user, case, now=now),  # type: ignore[arg-type]
            _("Approved. The draft waits for its signatory."),
            lambda error: _review(request, case, error),
            then="sign",
        )
    return signing.sign(
        request,
        case,
        "sign_request",
        lambda now: sign_request(request.user, case, now=now),  # type: ignore[arg-type]
        _("Signed. The letter is being sealed and sent."),
        lambda error: _review(request, case, error),
    )


def _review(request: HttpRequest, case: Case, error: Any = None) -> HttpResponse:
    reason = ReasonForm(request.POST if request.POST.get("step") == "return" and error is None else None)
    if reason.is_bound and reason.is_valid():
        return perform(
            request,
            case,
            lambda now: return_draft(request.user, case, reason.cleaned_data["reason"], now=now),  # type: ignore[arg-type]
            _("The draft went back to its drafter."),
            lambda error: _review(request, case, error),
        )
    rank, ranked = asked_of_rank(case), has_rank(request.user)  # type: ignore[arg-type]
    own_approval = is_required() and case.approver_id == request.user.pk
    progress = contents.progress(case)
    blocked = (
        case.drafter_id == request.user.pk
        or not progress.complete
        or (rank is not None and opinions.applies(rank) and not ranked)
        or (is_required() and (case.approver is None or own_approval))
    )
    return show(
        request,
        "casework/sign.html",
        case,
        status=409 if error else 200,
        error=error,
        progress=progress,
        blocked=blocked,
        means=signing.means(request),
        spoken=languages.beside_draft(case.draft or {}),
        files=enclosures.waiting(case),
        reason=reason,
        may_sign=may(request.user, "sign_request"),
        may_approve=may(request.user, "approve_draft") and case.approver is None,
        approval_required=is_required(),
        own_approval=own_approval,
        rank=rank,
        has_rank=ranked,
        may_return=may(request.user, "return_draft"),
        own_draft=case.drafter_id == request.user.pk,
        comments=list(case.comments.filter(resolved_at=None).select_related("by")),
    )


@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin a further request on the same facts, by another measure."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    form = FollowUpForm(request.POST or None, initial={"measure": "access_stored_data"})
    if form.is_bound and form.is_valid():
        try:
            draft_follow_up(request.user, case, form.cleaned_data["measure"], now=timezone.now())  # type: ignore[arg-type]
        except ComityError as error:
            return show(request, "casework/follow_up.html", case, status=409, form=form, error=said(error))
        return redirect("draft", case.reference)
    return show(request, "casework/follow_up.html", case, form=form)


@require_http_methods(["GET", "POST"])
def more(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin a further request by the same measure: what was received is insufficient."""
    case, now = find_for(request, reference, "save_draft", Side.REQUESTING), timezone.now()
    status, error = 200, None
    if request.method == "POST":
        try:
            ask_for_more(request.user, case, now=now)  # type: ignore[arg-type]
        except ComityError as reason:
            status, error = 409, said(reason)
        else:
            return redirect("draft", case.reference)
    cite = provision(case, now)
    return show(request, "casework/ask_for_more.html", case, status=status, cite=cite, error=error)
