"""Comment on a draft or on one of its fields, and resolve a comment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import contents, identities, versions
from comity.node.casework.models import Case, Comment, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation
from comity.terms import ComityError, gettext_noop

WRITTEN_ON = frozenset({Preparation.DRAFT, Preparation.IN_REVIEW})
"""When a draft can be commented on: until it is signed."""


class CommentUnknownError(ComityError):
    """The draft has no such comment."""

    code = "comment_unknown"
    message = gettext_noop("The draft has no such comment.")
    next_step = gettext_noop("Open the list of comments again.")


class FieldNotAskedError(ComityError):
    """The draft has no such field."""

    code = "field_not_asked"
    message = gettext_noop("This draft has no field “{field}”.")
    next_step = gettext_noop("Choose a field of the draft, or comment on the whole.")


@transaction.atomic
def comment_on_draft(official: Official, case: Case, field: str, text: str, *, now: datetime) -> Comment:
    """Add a comment; an empty ``field`` means the whole draft."""
    case = begin(official, "comment_on_draft", case, Side.REQUESTING)
    demand_preparation(case, WRITTEN_ON)
    if field and field not in {each.id for each in contents.fields(case)}:
        raise FieldNotAskedError(field=field)
    identities.demand_absent(case, text)
    return Comment.objects.create(
        case=case, field=field, text=text, at=now, by=official, version=versions.number_now(case)
    )


@transaction.atomic
def resolve_comment(official: Official, case: Case, comment: int, *, now: datetime) -> Comment:
    """Mark a comment as resolved; who did it and when stays with it. A second time changes nothing."""
    case = begin(official, "comment_on_draft", case, Side.REQUESTING)
    demand_preparation(case, WRITTEN_ON)
    found = Comment.objects.select_for_update().filter(case=case, pk=comment).first()
    if found is None:
        raise CommentUnknownError
    if found.resolved_at is None:
        found.resolved_at, found.resolved_by = now, official
        found.save(update_fields=["resolved_at", "resolved_by"])
    return found
