"""Search everything: words and filters over the cases an official may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise
from comity.node.casework import finding, opinions
from comity.node.casework.models import Preparation, Side
from comity.node.casework.views.listing import ACTUAL
from comity.node.directory import known
from comity.node.pages import labels, law
from comity.node.pages.keyset import Page

_CHOSEN = ("side", "status", "measure", "state", "treaty")
_CHECKED = ("urgent", "due", "mine")
_HIGHEST = 2**63 - 1


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The results; without words and filters the form alone."""
    authorise(request.user, "view_case")
    query = request.GET.get("q", "").strip()[: finding.LONGEST]
    lists = _lists()
    chosen = {name: request.GET.get(name, "") for name in _CHOSEN}
    chosen = {name: value for name, value in chosen.items() if value in dict(lists[name])}
    checked = {name: request.GET.get(name) == "on" for name in _CHECKED}
    asked = finding.Asked(words=query, **chosen, **checked)  # type: ignore[arg-type]  # by their names
    after = _key(request.GET.get("after", ""))
    found = None
    if asked != finding.Asked():
        found = finding.search(request.user, asked, after=after, now=timezone.now())  # type: ignore[arg-type]
    filters = {"q": query} | chosen | {name: "on" for name, on in checked.items() if on}
    context: dict[str, Any] = {
        "query": query,
        "selects": [(name, _words(name), lists[name], chosen.get(name, "")) for name in _CHOSEN],
        "checked": checked,
        "asked": found is not None,
        "filtered": bool(chosen or any(checked.values())),
        "filters": urlencode(filters),
    }
    if found is not None:
        following = str(found.following) if found.following else ""
        context["page"] = Page(found.cases, following, first=after is None)
    return render(request, "casework/search.html", context)


def _lists() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, by filter."""
    states = sorted({peer.state for peer in known.peers()})
    return {
        "side": [(side, labels.label(side, "side")) for side in Side.values],
        "status": [(one, labels.label(one, "status")) for one in (*Preparation.values, *ACTUAL)],
        "measure": [(one, str(words)) for one, words in labels.MEASURES.items()],
        "state": [(state, labels.state_name(state)) for state in states],
        "treaty": [(one, law.instrument_short(one)) for one in opinions.library().by_priority],
    }


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
