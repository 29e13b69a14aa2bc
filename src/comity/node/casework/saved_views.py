"""Saved views: searches that officials named, their own and those shared within their organisation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from comity.node.accounts.models import Official
from comity.node.casework.finding import LONGEST, Asked
from comity.node.casework.models import SavedView
from comity.terms import ComityError, gettext_noop

MOST = 50
"""Views that one official keeps; lists stay short enough to choose from."""

_SHOWN = 12


class ViewUnknownError(ComityError):
    """The official keeps no such view."""

    code = "view_unknown"
    message = gettext_noop("You keep no such view.")
    next_step = gettext_noop("Choose one from the list of your views.")


class ViewEmptyError(ComityError):
    """A view without words and filters would show nothing."""

    code = "view_empty"
    message = gettext_noop("A view needs at least one word or filter.")
    next_step = gettext_noop("Search for something first, then keep the search.")


class TooManyViewsError(ComityError):
    """One official keeps a limited number of views."""

    code = "too_many_views"
    message = gettext_noop("You already keep {most} views.")
    next_step = gettext_noop("Delete one that you no longer use.")


class ViewUnsharedError(ComityError):
    """The official belongs to no organisation, so there is nobody to share with."""

    code = "view_unshared"
    message = gettext_noop("You belong to no organisation, so a view of yours cannot be shared.")
    next_step = gettext_noop("Keep it for yourself.")


def open_to(official: Official) -> QuerySet[SavedView]:
    """The official's own views, and those that others share with the organisation."""
    mine = Q(owner=official.pk)
    if official.organisation_id:
        mine |= Q(organisation=official.organisation_id)
    return SavedView.objects.filter(mine).select_related("owner").order_by("name", "id")


def find_own(official: Official, view: int) -> SavedView:
    """A view that the official may change; raise ViewUnknownError."""
    found = SavedView.objects.select_for_update().filter(owner=official.pk, pk=view).first()
    if found is None:
        raise ViewUnknownError
    return found


def kept(asked: Asked) -> dict[str, Any]:
    """What a search asks for, as a view keeps it; raise ViewEmptyError."""
    said = {name: getattr(asked, name) for name in Asked.__slots__ if getattr(asked, name)}
    if not said:
        raise ViewEmptyError
    if "words" in said:
        said["words"] = said["words"][:LONGEST]
    return said


def links(official: Official) -> list[tuple[SavedView, str]]:
    """The first of the views open to an official, each with the query that shows it."""
    return [(one, query(one)) for one in open_to(official)[:_SHOWN]]


def query(view: SavedView) -> str:
    """The address's query that shows the view."""
    said = {"q" if name == "words" else name: value for name, value in view.asked.items()}
    return urlencode({name: "on" if value is True else value for name, value in said.items()})
