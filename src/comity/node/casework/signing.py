"""Signing a letter: what is shown is what is signed, and how its signatory was verified goes with it.

A ceremony is the time in which one letter is signed: it fixes the letter's id and the bytes that were shown,
and carries the proof of who signs. The acts know nothing of it; ``writing`` asks here when it freezes.
Decision 11 says why.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from comity import canonical
from comity.letters.bodies import REQUESTS
from comity.letters.schema import Part, parse
from comity.node import config
from comity.node.accounts.models import Official
from comity.node.casework import preparing, tokens
from comity.node.casework.models import Case, Composition, Prepared
from comity.node.exchange.models import Letter
from comity.sealing.stepup import Assertion, Method, StepUp
from comity.terms import ComityError, gettext_noop

BINDING = preparing.DECIDING_LETTERS | {*REQUESTS, "result"}
"""The kinds of letter that bind this State, decide about another's request, or give what none asked for."""
SHOWN_FOR = timedelta(minutes=30)
"""How long a letter that was shown may wait for its signature."""


class StepUpMissingError(ComityError):
    """This node lets letters that bind be signed with a security key only."""

    code = "stepup_missing"
    message = gettext_noop("This letter is signed with a security key or a passkey.")
    next_step = gettext_noop(
        "Set one up under “Second factor” of your account, then sign the letter with it."
    )


class LetterChangedError(ComityError):
    """What would be signed is not what was shown."""

    code = "letter_changed"
    message = gettext_noop(
        "The letter is not the one that was shown for signing any more; nothing was signed."
    )
    next_step = gettext_noop("Open it again, read it, and sign it as it is now.")


class ShownTooLongError(ComityError):
    """The letter was shown too long ago, or was signed since."""

    code = "shown_too_long_ago"
    message = gettext_noop("This letter was shown for signing too long ago, or was signed since.")
    next_step = gettext_noop("Open it again, read it, and sign it.")


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One signing: the letter's id, the digest of what was shown, and the proof of who signs.

    ``rehearsal``: the letter is only put together, to be shown; nothing of it stays. ``prepared``: what
    another official prepared and this one signs. ``spoken``: what its body says besides of its language and
    translations.
    """

    letter: uuid.UUID
    sha256: str | None = None
    method: Method | None = None
    assertion: Assertion | None = None
    believed: tokens.Believed | None = None
    rehearsal: bool = False
    prepared: Prepared | None = None
    spoken: Mapping[str, Any] = field(default_factory=dict)


_ceremony: ContextVar[Ceremony | None] = ContextVar("ceremony", default=None)


@contextmanager
def held(ceremony: Ceremony) -> Iterator[Ceremony]:
    """Within this, the letter that an act freezes is the ceremony's."""
    token = _ceremony.set(ceremony)
    try:
        yield ceremony
    finally:
        _ceremony.reset(token)


def letter_id() -> uuid.UUID:
    """The id of the letter that is being written: the ceremony's, else a new one."""
    ceremony = _ceremony.get()
    return ceremony.letter if ceremony else uuid.uuid4()


def spoken() -> Mapping[str, Any]:
    """The language and the translations of the letter that is being written, as its ceremony has them."""
    ceremony = _ceremony.get()
    return ceremony.spoken if ceremony else {}


def demand_two(official: Official, act: str, case: Case) -> None:
    """Of an act whose letter one prepares and another signs: raise unless this official may sign it now.

    Asked by the act itself, so that no page, program or job has to. Raises NotPreparedError where nothing
    was prepared for this act in this case, FourEyesError for whoever prepared it, PreparedGoneError and
    PreparedStaleError as ``preparing`` does. A rehearsal, of which nothing stays, is asked nothing.
    """
    ceremony = _ceremony.get()
    if act not in preparing.DECIDING or (ceremony and ceremony.rehearsal):
        return
    made = ceremony.prepared if ceremony else None
    if made is None or (made.act, made.case_id) != (act, case.pk):
        raise preparing.NotPreparedError
    preparing.demand_signable(preparing.fresh(made), case, official)


def bind(case: Case, letter: Letter, signatory: str, now: datetime) -> None:
    """Tie the proof of who signs to a letter that was just frozen, in the act's transaction.

    Raises LetterChangedError where its bytes are not those that were shown, StepUpMissingError where this
    node asks for a security key and none has signed.
    """
    ceremony = _ceremony.get()
    if ceremony and ceremony.rehearsal:
        return
    digest = sha256(bytes(letter.canonical or b"")).hexdigest()
    if ceremony and ceremony.sha256 not in (None, digest):
        raise LetterChangedError
    method = ceremony.method if ceremony else None
    if method is not Method.WEBAUTHN and letter.kind in BINDING and is_required():
        raise StepUpMissingError
    prepared = ceremony.prepared if ceremony else None
    if prepared is not None or letter.kind in preparing.DECIDING_LETTERS:
        preparing.close(prepared, letter)
    if ceremony is None:
        return
    if method is not None:
        letter.stepup = StepUp(
            schema="comity-stepup/1",
            letter=str(letter.id),
            signatory=signatory,
            at=canonical.instant_text(now),
            method=method,
            assertion=ceremony.assertion,
        ).as_json()
    if ceremony.believed is not None:
        tokens.keep(case, letter, signatory, ceremony.believed, now)
    letter.save(update_fields=["stepup", "national", "national_report", "signed_pdf_report"])


def is_required() -> bool:
    """Whether this node asks for a security key at every signature that binds."""
    return config.current().step_up_required


def rehearse(
    official: Official,
    case: Case,
    act: str,
    run: Callable[[datetime], Letter],
    now: datetime,
    spoken: Mapping[str, Any] | None = None,
) -> tuple[Composition, bytes]:
    """Put the letter of an act together, with all that the act checks, and keep nothing but its digest.

    Returns what must be given back to sign it, and the bytes to show. The act's own errors pass through.
    """
    key, data = try_out(run, now, spoken)
    composition = Composition.objects.create(
        id=key,
        case=case,
        official=official,
        act=act,
        at=now,
        sha256=sha256(data).hexdigest(),
        data=data,
    )
    return composition, data


def try_out(
    run: Callable[[datetime], Letter], now: datetime, spoken: Mapping[str, Any] | None = None
) -> tuple[uuid.UUID, bytes]:
    """Do an act and take it back: the id and bytes its letter would have. Its errors pass through."""
    ceremony = Ceremony(letter=uuid.uuid4(), rehearsal=True, spoken=spoken or {})
    with held(ceremony), transaction.atomic():
        data = bytes(run(now).canonical or b"")
        transaction.set_rollback(True)
    return ceremony.letter, data


def shown(official: Official, case: Case, act: str, composition: str, now: datetime) -> Composition:
    """What was shown to this official for this act; ShownTooLongError."""
    try:
        key = uuid.UUID(composition)
    except ValueError:
        raise ShownTooLongError from None
    found = Composition.objects.filter(pk=key, official=official, case=case, act=act).first()
    if found is None or found.at + SHOWN_FOR < now or Letter.objects.filter(pk=key).exists():
        raise ShownTooLongError
    return found


def sign_shown(
    composition: Composition,
    run: Callable[[datetime], Letter],
    method: Method | None,
    assertion: Assertion | None = None,
    token: tokens.Token | None = None,
    prepared: Prepared | None = None,
    spoken: Mapping[str, Any] | None = None,
) -> Letter:
    """Do the act as it was shown, at the moment at which it was; its letter carries what signed it.

    ``token`` is what a national token signed of what was shown; one that this node does not believe signs
    nothing.
    """
    ceremony = Ceremony(
        composition.pk,
        composition.sha256,
        method,
        assertion,
        _believed(composition, token) if token else None,
        prepared=prepared,
        spoken=spoken or {},
    )
    with held(ceremony), transaction.atomic():
        return run(composition.at)


def _believed(composition: Composition, token: tokens.Token) -> tokens.Believed:
    letter = bytes(composition.data)
    name = next(each.name for each in parse(letter).people if each.part == Part.SIGNATORY)
    return tokens.believe(token, letter, name, composition.at)
