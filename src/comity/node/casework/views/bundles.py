"""The court bundles of a case: ordered, being made, ready to be handed out."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework.acts.export_bundle import export_bundle
from comity.node.casework.views.common import find, perform, show
from comity.node.exhibits import bundle as making
from comity.node.exhibits.models import Bundle, BundleState, Exhibit


@require_http_methods(["GET", "POST"])
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """What a bundle holds, those made before, and the button that orders one."""
    authorise(request.user, "export_bundle")
    case = find(request, reference)

    def page(error: Any) -> HttpResponse:
        bundles = list(
            Bundle.objects.filter(case_reference=reference).select_related("asked_by").order_by("-asked_at")
        )
        return show(
            request,
            "casework/bundle.html",
            case,
            status=409 if error else 200,
            bundles=bundles,
            making=any(each.state in (BundleState.ASKED, BundleState.MAKING) for each in bundles),
            exhibits=Exhibit.objects.filter(case_reference=reference, wrapped_key__isnull=False).order_by(
                "number"
            ),
            error=error,
        )

    if request.method == "GET":
        return page(None)
    return perform(
        request,
        case,
        lambda now: export_bundle(request.user, case, now=now),  # type: ignore[arg-type]
        _("Ordered. The bundle is being made and verified."),
        page,
        then="bundle",
    )


@require_GET
def bundle_file(request: HttpRequest, reference: str, bundle: uuid.UUID) -> HttpResponseBase:
    """The finished bundle."""
    authorise(request.user, "export_bundle")
    find(request, reference)
    found = Bundle.objects.filter(pk=bundle, case_reference=reference, state=BundleState.READY).first()
    if found is None:
        raise Http404(str(bundle))
    return FileResponse(making.opened(found), as_attachment=True, filename=found.file_name)
