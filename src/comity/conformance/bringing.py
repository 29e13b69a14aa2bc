"""Steps about how the node brings receipts: nothing is lost, nobody is pressed, nobody else is told.

The letters are bytes that nothing opens; what is looked at is how their receipts NON_DELIVERY come.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from comity.conformance import calls
from comity.conformance.calls import SILENCE, Call, Said, busy, elsewhere, failing
from comity.conformance.material import Document
from comity.conformance.peer import demand
from comity.conformance.steps import Group, Step, sentence
from comity.conformance.trial import Trial

GROUP = Group()
_SMALL = 4096
TURNS: dict[str, Callable[[Trial], Said]] = {}
"""What is answered to a receipt at first, by step."""


def turned_away(said: Callable[[Trial], Said], *clauses: str) -> Callable[[Callable[..., None]], None]:
    """Enter a step that judges the two tries of a receipt that was answered so at first."""

    def entered(judge: Callable[..., None]) -> None:
        name = judge.__name__
        TURNS[name] = said
        GROUP.steps.append(Step(name, clauses, sentence(judge), partial(_brought, name, judge)))

    return entered


def _brought(name: str, judge: Callable[..., None], trial: Trial) -> None:
    if not trial.turned:
        for each, said in TURNS.items():
            trial.turned[each] = _send(trial, said(trial))
    letter = trial.turned[name]["letter"]
    taken = trial.inbox.wait(letter, trial.patience)
    demand("the receipt again", taken is not None, "none in time")
    tries = trial.inbox.calls[letter][:2]
    demand("the same bytes", len({each.body for each in tries}) == 1, "others")
    judge(trial, *tries)


def _send(trial: Trial, said: Said | None = None) -> Document:
    container = os.urandom(_SMALL)
    envelope = trial.material.envelope(trial.material.request(), container)
    if said is not None:
        trial.inbox.turns[envelope["letter"]] = [said]
    trial.accepted(envelope, container)
    return envelope


@turned_away(lambda _: failing(), "WIRE-17", "WIRE-22")
def receipt_after_failure(trial: Trial, before: Call, after: Call) -> None:
    """A receipt that could not be taken comes again."""


@turned_away(lambda _: SILENCE, "WIRE-17", "WIRE-22")
def receipt_unanswered(trial: Trial, before: Call, after: Call) -> None:
    """A receipt that got no answer comes again."""


@turned_away(lambda _: busy(), "WIRE-16", "WIRE-22")
def receipt_not_before(trial: Trial, before: Call, after: Call) -> None:
    """A receipt that was put off comes no earlier than it was told to."""
    pause = after.came - before.answered
    demand(f"a pause of {calls.WAIT} seconds at least", pause >= calls.WAIT, f"{pause:.1f} seconds")


@turned_away(lambda trial: elsewhere(trial.tester.card.peer_url), "WIRE-3", "WIRE-22")
def receipt_not_redirected(trial: Trial, before: Call, after: Call) -> None:
    """A redirect is not followed."""
    demand("no call at another address", not trial.inbox.misled, "one")


@GROUP.step("WIRE-2", "WIRE-22")
def stranger_not_called(trial: Trial) -> None:
    """Whoever shows another certificate than the card's is hung up on."""
    disguise = trial.inbox.disguise
    disguise.left = 1
    letter = _send(trial)["letter"]
    demand("a call", disguise.met.wait(trial.patience), "none")
    demand("to be hung up on", not disguise.fooled, "a call that goes on")
    demand("the receipt afterwards", trial.inbox.wait(letter, trial.patience) is not None, "none in time")
