"""Take edited texts back into a draft, after they were compared with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import contents, drafts, events, versions
from comity.node.casework.acts.comment_on_draft import FieldNotAskedError
from comity.node.casework.acts.save_draft import take
from comity.node.casework.models import Case, Origin, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation


@transaction.atomic
def take_texts(
    official: Official, case: Case, texts: dict[str, str], *, compared_with: str, now: datetime
) -> Case:
    """Let these fields say the edited texts, as a new version.

    ``compared_with`` is the fingerprint of the draft that the official saw beside them: raises
    DraftChangedError when it says something else by now, and FieldNotAskedError for a field that it lacks.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    draft = drafts.of(case)
    if compared_with != versions.fingerprint(draft):
        raise versions.DraftChangedError
    unknown = sorted(texts.keys() - {field.id for field in contents.fields(case)})
    if unknown:
        raise FieldNotAskedError(field=", ".join(unknown))
    take(official, case, drafts.merge(draft, {"contents": {**draft["contents"], **texts}}), now=now)
    versions.keep(case, official, now=now, origin=Origin.IMPORTED)
    events.note(case, "draft_imported", now=now, by=official)
    return case
