"""A letter that binds, as the story has it signed: one official fills it in, another signs it."""

from __future__ import annotations

from datetime import datetime

from comity.demonstration.deeds.telling import expect, official
from comity.node.casework import prepared_acts, preparing, signing
from comity.node.casework.models import Case

_UNTRANSLATED = "spoken-untranslated"


def sign_prepared(
    preparer: str, signatory: str, case: Case, act: str, filled_in: dict[str, str], now: datetime
) -> None:
    """Prepare the letter of an act as its page posts it, and sign it as another official."""
    entered = [[name, value] for name, value in (filled_in | {_UNTRANSLATED: "on"}).items()]
    made = preparing.waiting(case).filter(act=act).first()
    made = made or prepared_acts.prepare(official(preparer), case, act, entered, now)
    form = prepared_acts.of_prepared(case, made)
    expect(form.is_valid(), "what was prepared fits the form of the act")
    with signing.held(signing.Ceremony(signing.letter_id(), prepared=made)):
        prepared_acts.as_filled_in(official(signatory), case, act, form)(now)
