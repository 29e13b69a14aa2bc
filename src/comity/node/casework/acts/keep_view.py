"""Keep a search as a view, change its name or with whom it is shared, delete it. No case is changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official, Organisation
from comity.node.casework import saved_views
from comity.node.casework.finding import Asked
from comity.node.casework.models import SavedView


@transaction.atomic
def keep_view(official: Official, name: str, asked: Asked, *, shared: bool, now: datetime) -> SavedView:
    """Keep a search under a name; under a name that the official uses already it takes the other's place.

    Raises ViewEmptyError, TooManyViewsError, ViewUnsharedError.
    """
    authorise(official, "keep_views")
    said, organisation = saved_views.kept(asked), _shared_with(official, shared)
    own = SavedView.objects.select_for_update().filter(owner=official.pk)
    found = own.filter(name=name).first()
    if found is None:
        if own.count() >= saved_views.MOST:
            raise saved_views.TooManyViewsError(most=saved_views.MOST)
        found = SavedView(owner=official, name=name)
    found.asked, found.organisation, found.at = said, organisation, now
    found.save()
    return found


@transaction.atomic
def change_view(official: Official, view: int, name: str, *, shared: bool, now: datetime) -> SavedView:
    """Give an own view another name, share it or stop sharing it; ViewUnknownError, ViewUnsharedError."""
    authorise(official, "keep_views")
    found = saved_views.find_own(official, view)
    found.name, found.organisation, found.at = name, _shared_with(official, shared), now
    found.save()
    return found


@transaction.atomic
def delete_view(official: Official, view: int) -> None:
    """Delete an own view; those with whom it was shared lose it too. Raises ViewUnknownError."""
    authorise(official, "keep_views")
    saved_views.find_own(official, view).delete()


def _shared_with(official: Official, shared: bool) -> Organisation | None:
    if shared and official.organisation is None:
        raise saved_views.ViewUnsharedError
    return official.organisation if shared else None
