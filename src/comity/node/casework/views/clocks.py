"""The page of all clocks that an official may see, and the button that takes note of a reminder."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.casework import deadlines
from comity.node.casework.acts.see_reminder import see_reminder
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Side
from comity.node.clocks.models import Clock
from comity.node.pages import labels
from comity.node.pages.keyset import Page, page_of

_FILTERS = ("side", "whose", "kind", "within")


@require_GET
def clocks(request: HttpRequest) -> HttpResponse:
    """Overdue clocks first, then by their day; those until an event and those that ended on lists apart."""
    authorise(request.user, "view_case")
    choices = {name: dict(_choices(name)) for name in _FILTERS}
    chosen = {name: request.GET.get(name, "") for name in _FILTERS}
    chosen = {name: value for name, value in chosen.items() if value in choices[name]}
    listed = request.GET.get("list", deadlines.DATED)
    listed = listed if listed in deadlines.LISTS else deadlines.DATED
    asked, now = deadlines.Asked(list=listed, **chosen), timezone.now()
    seen = visible(request.user)
    page = _page(asked, deadlines.clocks(seen, asked, now), request.GET.get("after", ""))
    context: dict[str, Any] = {
        "now": now,
        "lines": deadlines.with_cases(seen, page.rows),
        "page": page,
        "list": listed,
        "lists": [(name, _name(name), urlencode({"list": name} | chosen)) for name in deadlines.LISTS],
        "selects": [
            (name, _label(name), choices[name].items(), chosen.get(name, ""))
            for name in _FILTERS
            if name != "within" or listed == deadlines.DATED
        ],
        "filtered": bool(chosen),
        "filters": urlencode({"list": listed} | chosen),
        "may_view_ledger": may(request.user, "view_ledger"),
    }
    return render(request, "casework/clocks.html", context)


@require_POST
def seen(request: HttpRequest, reminder: int) -> HttpResponse:
    """Take note of a reminder and go back to the desk."""
    try:
        see_reminder(request.user, reminder, now=timezone.now())  # type: ignore[arg-type]
    except NothingThereError as error:
        raise Http404(str(reminder)) from error
    return redirect("desk")


def _page(asked: deadlines.Asked, found: Any, after: str) -> Page[Clock]:
    key = {deadlines.DATED: "due_at", deadlines.EVENT: "starts_at", deadlines.ENDED: "ended_at"}[asked.list]
    later = "lt" if asked.list == deadlines.ENDED else "gt"

    def beyond(at: str, pk: str) -> Q:
        moment = datetime.fromisoformat(at)
        return Q(**{f"{key}__{later}": moment}) | Q(**{key: moment, f"pk__{later}": int(pk)})

    return page_of(
        found, after, cursor=lambda clock: (getattr(clock, key).isoformat(), str(clock.pk)), older=beyond
    )


def _choices(name: str) -> list[tuple[str, str]]:
    """What can be chosen, by filter."""
    return {
        "side": [(side, labels.label(side, "side")) for side in Side.values],
        "whose": [(deadlines.OURS, _("ours")), (deadlines.THEIRS, _("theirs"))],
        "kind": [(kind, str(words)) for kind, words in labels.LISTS["clock"].items()],
        "within": [("24h", _("24 hours")), ("3d", _("3 days")), ("7d", _("7 days"))],
    }[name]


def _label(name: str) -> str:
    return {
        "side": _("Side"),
        "whose": _("Whose duty"),
        "kind": _("Clock"),
        "within": _("Ends within"),
    }[name]


def _name(of: str) -> str:
    return {
        deadlines.DATED: _("By day"),
        deadlines.EVENT: _("Until an event"),
        deadlines.ENDED: _("Ended"),
    }[of]
