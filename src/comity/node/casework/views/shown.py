"""What was shown for signing, to be taken away and signed with a national token; for its signatory alone."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from comity.letters.schema import parse
from comity.node.casework.models import Composition
from comity.node.casework.views.common import find_readable
from comity.node.exchange.sealing import LANGUAGES, readable_form


@require_GET
def shown_letter(request: HttpRequest, reference: str, composition: uuid.UUID) -> HttpResponse:
    """The bytes that were shown for signing, to be signed with a national token."""
    found = _find_shown(request, reference, composition)
    headers = {"Content-Disposition": f'attachment; filename="{composition}.letter.json"'}
    return HttpResponse(
        bytes(found.data), content_type="application/json", headers={**headers, "Cache-Control": "no-store"}
    )


@require_GET
def shown_pdf(request: HttpRequest, reference: str, composition: uuid.UUID, language: str) -> HttpResponse:
    """A readable form of what was shown for signing, as it will be sealed, to be signed with a token."""
    found = _find_shown(request, reference, composition)
    if language not in LANGUAGES:
        raise Http404(language)
    content = readable_form(parse(bytes(found.data)), language)
    headers = {"Content-Disposition": f'attachment; filename="{composition}.letter.{language}.pdf"'}
    return HttpResponse(
        content, content_type="application/pdf", headers={**headers, "Cache-Control": "no-store"}
    )


def _find_shown(request: HttpRequest, reference: str, composition: uuid.UUID) -> Composition:
    case = find_readable(request, reference)
    found = Composition.objects.filter(pk=composition, case=case, official=request.user.pk).first()
    if found is None:
        raise Http404(str(composition))
    return found
