"""An exhibit's record for others: a report to print, CASE/UCO, and a bag with the content."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from comity import canonical
from comity.letters.custody_report import render_custody_report
from comity.letters.labels import Language
from comity.node.exhibits import access, bags, case_uco, continuing, custody
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.forms import PurposeForm
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.views import find, page
from comity.node.pages import labels


@require_GET
def report(request: HttpRequest, exhibit: uuid.UUID, language: str) -> HttpResponse:
    """The custody report as PDF, in a language."""
    found = find(request, exhibit)
    if language not in list(Language):
        raise Http404(language)
    with translation.override(language):
        data = _reported(request, found)
    return _file(
        render_custody_report(data, language), "application/pdf", f"{found.number}-custody.{language}.pdf"
    )


@require_GET
def case(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponse:
    """The exhibit and its custody as CASE/UCO JSON-LD."""
    found = find(request, exhibit)
    return _file(canonical.write(case_uco.document(found)), case_uco.MEDIA_TYPE, f"{found.number}.jsonld")


@require_POST
def bag(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponseBase:
    """The exhibit as a BagIt bag, for a stated purpose; the custody record comes first."""
    found, form = find(request, exhibit), PurposeForm(request.POST, prefix="bag")
    if not form.is_valid():
        return page(request, found, PurposeForm(), status=422, bag_form=form)
    now = timezone.now()
    content = access.export(
        request.user,  # type: ignore[arg-type]  # signed in: find has authorised
        found,
        note=f"as a bag: {form.cleaned_data['purpose']}",
        now=now,
    )
    found.refresh_from_db()
    response = StreamingHttpResponse(bags.bag(found, content, now), content_type=bags.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.tar"'
    return response


def _reported(request: HttpRequest, found: Exhibit) -> dict[str, Any]:
    columns = ("number", "media_type", "bytes", "sha256", "sha512", "origin", "source")
    acquired = Acquisition.in_order(found.acquisition)
    return {
        **{name: getattr(found, name) for name in columns},
        "name": found.raw_name,
        "case": found.case_reference,
        "acquisition": [(labels.label(name, "acquisition"), value) for name, value in acquired],
        "custody": custody.chain(found),
        "continued": [each for _, told in continuing.told(found) for each in told],
        "findings": [f"{each.n}: {gettext(each.text)}" for each in custody.findings(found)],
        "made_at": canonical.instant_text(timezone.now()),
        "made_by": custody.keeper(request.user),  # type: ignore[arg-type]  # signed in
    }


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media_type, headers=headers)
