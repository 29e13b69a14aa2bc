"""Templates: those of one's organisation for a draft, a new one from its texts, one taken into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import may
from comity.node.casework import drafts, patterns
from comity.node.casework.acts.keep_template import draft_from_template, keep_template, withdraw_template
from comity.node.casework.draft_forms import TemplateForm
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.views.common import find_for, perform, show


@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin from a template, keep one, withdraw one."""
    case = find_for(request, reference, "keep_templates", Side.REQUESTING)
    form = TemplateForm(None, draft=drafts.of(case))
    if request.method == "GET":
        return _page(request, case, form)
    step, _colon, number = request.POST.get("step", "").partition(":")
    if step in ("take", "withdraw") and number.isascii() and number.isdigit():
        return _one(request, case, step, int(number))
    form = TemplateForm(request.POST, draft=drafts.of(case))
    if not form.is_valid():
        return _page(request, case, form)
    said = form.cleaned_data
    return _do(
        request,
        case,
        lambda now: keep_template(request.user, case, said["name"], said["fields_kept"], now=now),  # type: ignore[arg-type]
        _("The template is kept for your organisation."),
        form,
    )


def _one(request: HttpRequest, case: Case, step: str, number: int) -> HttpResponse:
    form = TemplateForm(None, draft=drafts.of(case))
    if step == "take":
        return _do(
            request,
            case,
            lambda now: draft_from_template(request.user, case, number, now=now),  # type: ignore[arg-type]
            _("The template’s texts were taken into the fields that were empty."),
            form,
            then="draft",
        )
    return _do(
        request,
        case,
        lambda now: withdraw_template(request.user, number, now=now),  # type: ignore[arg-type]
        _("The template is withdrawn."),
        form,
    )


def _do(
    request: HttpRequest,
    case: Case,
    act: Callable[[datetime], object],
    done: str,
    form: TemplateForm,
    then: str = "draft_templates",
) -> HttpResponse:
    return perform(request, case, act, done, lambda error: _page(request, case, form, error), then=then)


def _page(request: HttpRequest, case: Case, form: TemplateForm, error: Any = None) -> HttpResponse:
    status = 409 if error else 422 if form.errors else 200
    return show(
        request,
        "casework/draft_templates.html",
        case,
        status=status,
        error=error,
        form=form,
        templates=patterns.fitting(request.user, drafts.of(case)),  # type: ignore[arg-type]
        may_take=case.preparation == Preparation.DRAFT and may(request.user, "save_draft"),
    )
