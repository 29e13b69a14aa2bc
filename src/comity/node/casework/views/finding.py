"""Search everything: words and filters over the cases an official may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise, may
from comity.node.casework import finding
from comity.node.casework.saved_views import links as views_of
from comity.node.casework.views.asking import CHECKED, CHOSEN, asked_in, choices
from comity.node.casework.views.saved import ViewForm
from comity.node.pages.keyset import Page

_HIGHEST = 2**63 - 1


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The results; without words and filters the form alone."""
    authorise(request.user, "view_case")
    asked = asked_in(request.GET)
    lists = choices()
    chosen = {name: getattr(asked, name) for name in CHOSEN if getattr(asked, name)}
    checked = {name: getattr(asked, name) for name in CHECKED}
    after = _key(request.GET.get("after", ""))
    found = None
    if asked != finding.Asked():
        found = finding.search(request.user, asked, after=after, now=timezone.now())  # type: ignore[arg-type]
    filters = {"q": asked.words} | chosen | {name: "on" for name, on in checked.items() if on}
    context: dict[str, Any] = {
        "query": asked.words,
        "selects": [(name, _words(name), lists[name], chosen.get(name, "")) for name in CHOSEN],
        "checked": checked,
        "asked": found is not None,
        "filtered": bool(chosen or any(checked.values())),
        "filters": urlencode(filters),
        "kept": filters,
        "views": views_of(request.user),  # type: ignore[arg-type]
        "may_keep": may(request.user, "keep_views"),
        "form": ViewForm(),
    }
    if found is not None:
        following = str(found.following) if found.following else ""
        context["page"] = Page(found.cases, following, first=after is None)
    return render(request, "casework/search.html", context)


def _words(name: str) -> str:
    """The label of a filter."""
    return {
        "side": _("Side"),
        "status": _("Status"),
        "measure": _("Measure"),
        "state": _("Other State"),
        "treaty": _("Treaty"),
    }[name]


def _key(after: str) -> int | None:
    """The key in an address that a page of results made; Http404 for another."""
    if not after:
        return None
    if not (after.isascii() and after.isdecimal() and int(after) <= _HIGHEST):
        raise Http404(after)
    return int(after)
