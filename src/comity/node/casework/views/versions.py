"""The versions of a draft: the list, one of them, two compared, back to one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import may
from comity.node.casework import versions
from comity.node.casework.acts.restore_version import restore_version
from comity.node.casework.draft_forms import CompareForm
from comity.node.casework.models import Case, DraftVersion, Preparation, Side
from comity.node.casework.standing import demand_side
from comity.node.casework.views.common import find_readable, perform, show
from comity.node.pages.keyset import page_of


@require_GET
def listing(request: HttpRequest, reference: str) -> HttpResponse:
    """Every version that was kept, the latest first."""
    case = _case(request, reference)
    page = page_of(
        DraftVersion.objects.filter(case=case).select_related("by"),
        request.GET.get("after", ""),
        cursor=lambda row: (str(row.number),),
        older=lambda number: Q(number__lt=int(number)),
    )
    return show(request, "casework/draft_versions.html", case, page=page, form=CompareForm())


@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, reference: str, version: int) -> HttpResponse:
    """What one version says and how it differs from the one before; the button goes back to it."""
    case = _case(request, reference)
    if request.method == "GET":
        return _version(request, case, version)
    return perform(
        request,
        case,
        lambda now: restore_version(request.user, case, version, now=now),  # type: ignore[arg-type]
        _("The draft says again what version %(number)d said.") % {"number": version},
        lambda error: _version(request, case, version, error),
        then="draft",
    )


@require_GET
def compare(request: HttpRequest, reference: str) -> HttpResponse:
    """Two versions beside each other."""
    case = _case(request, reference)
    form = CompareForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        before, after = (_find(case, form.cleaned_data[name]) for name in ("earlier", "later"))
        context |= {
            "before": before,
            "after": after,
            "differences": versions.differences(before.body, after.body),
        }
    return show(request, "casework/draft_compare.html", case, status=422 if form.errors else 200, **context)


def _version(request: HttpRequest, case: Case, number: int, error: Any = None) -> HttpResponse:
    found = _find(case, number)
    before = DraftVersion.objects.filter(case=case, number=number - 1).first()
    return show(
        request,
        "casework/draft_version.html",
        case,
        status=409 if error else 200,
        error=error,
        version=found,
        before=before,
        differences=versions.differences(before.body, found.body) if before else [],
        may_restore=case.preparation == Preparation.DRAFT and may(request.user, "save_draft"),
        newest=versions.number_now(case),
        now=timezone.now(),
    )


def _case(request: HttpRequest, reference: str) -> Case:
    case = find_readable(request, reference)
    demand_side(case, Side.REQUESTING)
    return case


def _find(case: Case, number: int) -> DraftVersion:
    try:
        return versions.find(case, number)
    except versions.VersionUnknownError as error:
        raise Http404(str(number)) from error
