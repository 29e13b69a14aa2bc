"""The desk of the believable cases: two officers, a closed shift, one that runs, what was passed on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.node import believable
from tests.node.believable import NOW

from comity.node.accounts.models import Organisation
from comity.node.desk.acts.hand_over import hand_over, write_note
from comity.node.desk.acts.pass_on import pass_on
from comity.node.desk.acts.plan_shift import plan_shift
from comity.node.desk.acts.record_training import record_training
from comity.node.desk.acts.take_over import take_over
from comity.node.desk.models import Shift


def build(rows: dict[str, Any]) -> None:
    """Dana has the desk since an hour ago, from Timur, who left a note; one case was passed on."""
    dana, marat = rows["people"]["duty"], rows["people"]["signatory"]
    timur = believable.official("timur", "Timur Sadykov", "Duty officer", "duty_officer")
    hours = lambda n: NOW + timedelta(hours=n)  # noqa: E731
    planned = [(timur, -9, -1, dana), (dana, -1, 7, timur), (timur, 6, 14, None), (dana, 16, 24, None)]
    for who, starts, ends, backup in planned:
        plan_shift(
            marat,
            who,
            starts_at=hours(starts),
            ends_at=hours(ends),
            backup=backup,
            contact="+7 700 000 00 00",
            now=hours(-10),
        )
    record_training(
        marat,
        dana,
        subject="Preservation and disclosure of electronic data",
        given_by="Academy of the prosecution service",
        completed_on=NOW.date() - timedelta(days=100),
        valid_until=NOW.date() + timedelta(days=600),
        languages=["kk", "ru", "en"],
        equipment="Secured telephone, two screens",
        now=hours(-10),
    )
    take_over(timur, now=hours(-9))
    write_note(timur, text="The line to the other side was bad; called again.", now=hours(-3))
    hand_over(
        timur,
        text="The other side has announced a further request for tonight.\nThe bank’s records end tomorrow.",
        cases=[rows["was_asked"]],
        to=dana,
        now=hours(-1),
    )
    take_over(dana, now=hours(-1))
    rows["closed_shift"] = Shift.objects.get(official=timur, running=None, taken_at__isnull=False)
    body = Organisation.objects.create(
        id="prosecutors",
        kind="competent_body",
        names={"en": "Prosecutors’ office", "ru": "Прокуратура", "kk": "Прокуратура"},
    )
    said = {"capacity": "extradition_authority", "note": "The same suspect is sought for extradition."}
    pass_on(dana, rows["was_asked"], body, **said, now=hours(-0.5))
