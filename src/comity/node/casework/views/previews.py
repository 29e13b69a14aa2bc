"""The draft as its letter will look, page by page, in a chosen language."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from comity.node.casework import previews
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import demand_side
from comity.node.casework.views.common import find_readable, show
from comity.node.pages import times
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_GET
def preview(request: HttpRequest, reference: str) -> HttpResponse:
    """Pictures of the pages, and the PDF to take away."""
    case, language = _case(request, reference), request.GET.get("language") or times.language()
    if language not in previews.LANGUAGES:
        raise Http404(language)
    context: dict[str, Any] = {
        "chosen": language,
        "languages": previews.LANGUAGES,
        "pages": (),
        "error": None,
    }
    try:
        found = previews.pages(case, request.user, language)  # type: ignore[arg-type]
        context |= {"pages": range(1, len(found) + 1), "cut": len(found) == previews.MOST_PAGES}
    except ComityError as error:
        context["error"] = said(error)
    return show(
        request, "casework/draft_preview.html", case, status=409 if context["error"] else 200, **context
    )


@require_GET
def page(request: HttpRequest, reference: str, language: str, page: int) -> HttpResponse:
    """One page as a picture."""
    case = _case(request, reference)
    if language not in previews.LANGUAGES:
        raise Http404(language)
    found = previews.pages(case, request.user, language)  # type: ignore[arg-type]
    if not 1 <= page <= len(found):
        raise Http404(str(page))
    return HttpResponse(found[page - 1], content_type="image/png", headers={"Cache-Control": "no-store"})


@require_GET
def pdf(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """The draft as PDF, marked as a draft on its first page and in every footer."""
    case = _case(request, reference)
    if language not in previews.LANGUAGES:
        raise Http404(language)
    content = previews.pdf(case, request.user, language)  # type: ignore[arg-type]
    headers = {
        "Content-Disposition": f'attachment; filename="{case.reference}.draft.{language}.pdf"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _case(request: HttpRequest, reference: str) -> Case:
    case = find_readable(request, reference)
    demand_side(case, Side.REQUESTING)
    return case
