"""The texts of a draft as a Word document, and edited ones back: compared first, then a new version."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.letters.word import MEDIA_TYPE
from comity.node.casework import contents, previews, returning
from comity.node.casework.acts.take_texts import take_texts
from comity.node.casework.draft_forms import DocumentForm
from comity.node.casework.forms import ContentsForm
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import demand_side
from comity.node.casework.views.common import find_for, find_readable, perform, show
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_GET
def document(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """The texts as a Word document whose headings are in a language."""
    case = find_readable(request, reference)
    demand_side(case, Side.REQUESTING)
    if language not in previews.LANGUAGES:
        raise Http404(language)
    content = previews.texts(case, language, now=timezone.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{case.reference}.draft.{language}.docx"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=MEDIA_TYPE, headers=headers)


@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest, reference: str) -> HttpResponse:
    """Export; compare an edited document with the draft; take what was chosen into it."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    if request.method == "GET":
        return _page(request, case)
    if request.POST.get("step") == "take":
        return _take(request, case)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, form=form)
    try:
        comparison = returning.compare(case, form.cleaned_data["document"].read())
    except ComityError as error:
        return _page(request, case, error=said(error))
    return _page(request, case, comparison=comparison)


def _take(request: HttpRequest, case: Case) -> HttpResponse:
    """Only the fields that were ticked; the texts come back from the comparison that was shown."""
    asked = [field.id for field in contents.fields(case) if f"take_{field.id}" in request.POST]
    entered = ContentsForm(request.POST, asked=asked)
    compared = request.POST.get("compared_with", "")
    if not (entered.is_valid() and asked):
        return _page(request, case, form=DocumentForm(), nothing=True)
    return perform(
        request,
        case,
        lambda now: take_texts(
            request.user,  # type: ignore[arg-type]
            case,
            entered.readable(),
            compared_with=compared,
            now=now,
        ),
        _("The edited texts are in the draft, as a new version."),
        lambda error: _page(request, case, error=error),
        then="draft",
    )


def _page(
    request: HttpRequest,
    case: Case,
    *,
    form: DocumentForm | None = None,
    error: Any = None,
    comparison: returning.Comparison | None = None,
    nothing: bool = False,
) -> HttpResponse:
    wrong = error is not None or nothing or bool(form and form.errors)
    return show(
        request,
        "casework/draft_texts.html",
        case,
        status=422 if wrong else 200,
        form=form or DocumentForm(),
        error=error,
        comparison=comparison,
        nothing=nothing,
        languages=previews.LANGUAGES,
    )
