"""Steps about the node as a sender of letters: what its officials write to the tester, when it is asked for.

The first step waits for the letters; the others look at what came of each (``arriving``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from comity import canonical
from comity.conformance import calls
from comity.conformance.arriving import (
    ALTERED,
    CUT,
    FAILED,
    FORGED,
    PUT_OFF,
    REDIRECTED,
    UNANSWERED,
    WANTED,
    Came,
)
from comity.conformance.calls import Call
from comity.conformance.peer import RuleBrokenError, demand, demand_problem
from comity.conformance.reading import opened
from comity.conformance.steps import Group
from comity.conformance.trial import NoneUrgentError, Trial
from comity.delivery.envelope import LIFETIME
from comity.proofs.receipts import ReceiptName

GROUP = Group()
PAUSE = 1.0
"""Seconds after which a sender comes again at the earliest, at first; then twice as many (WIRE-17)."""
_MOST = 30
"""How many such pauses a sender's own last at most."""
_EARLY = 0.9
"""A share of a pause that counts as all of it: two clocks, and a line between them."""


@GROUP.step("WIRE-6", "WIRE-9", "WIRE-12")
def letters_come(trial: Trial) -> None:
    """The node's letters come, whole and under sound envelopes."""
    trial.demand_asked()
    came = trial.arriving.wait(trial.letters)
    _demand_came(trial)
    demand("letters that are all brought until they are accepted", came, "others")
    others = sum(each.others for each in trial.arriving.came.values())
    demand("the bytes that the envelope names", not others, "others")
    demand("sound envelopes", not trial.arriving.broken, ", ".join(trial.arriving.broken))


@GROUP.step("WIRE-6", "WIRE-17")
def letter_unchanged(trial: Trial) -> None:
    """A letter that comes again is the same one: its envelope has the same bytes."""
    for each in brought(trial):
        demand("one envelope", len(each.said) == 1, f"{len(each.said)} envelopes")


@GROUP.step("WIRE-3")
def letter_not_redirected(trial: Trial) -> None:
    """A redirect is not followed: the letter comes to the address of the card again."""
    _again(trial, REDIRECTED)
    demand("no call at another address", not trial.inbox.misled, "one")


@GROUP.step("WIRE-16")
def letter_not_before(trial: Trial) -> None:
    """A letter that was put off comes no earlier than it was told to."""
    before, after = _again(trial, PUT_OFF)
    _pause(before, after, calls.WAIT)


@GROUP.step("WIRE-17")
def letter_after_failure(trial: Trial) -> None:
    """After a failure a letter comes again, and not at once."""
    before, after = _again(trial, FAILED)
    _pause(before, after, PAUSE * _EARLY)


@GROUP.step("WIRE-11", "WIRE-17")
def letter_unanswered(trial: Trial) -> None:
    """A letter whose answer was lost comes again, later than after the first failure, and is done then."""
    before, after = _again(trial, UNANSWERED)
    _pause(before, after, 2 * PAUSE * _EARLY)


@GROUP.step("RECEIPT-2", "WIRE-12")
def receipt_of_stranger(trial: Trial) -> None:
    """A receipt that another key signed is none: the letter comes again."""
    _again(trial, FORGED)


@GROUP.step("RECEIPT-2", "WIRE-12")
def receipt_changed(trial: Trial) -> None:
    """A receipt that was changed after it was signed is none: the letter comes again."""
    _again(trial, ALTERED)


@GROUP.step("WIRE-14", "WIRE-15")
def letter_resumed(trial: Trial) -> None:
    """What was cut off goes on from the byte that is wanted."""
    _again(trial, CUT)
    came = _with(trial, CUT)
    later = [first for n, first in came.first.items() if n > came.turned[CUT]]
    demand(f"bytes from {came.kept} on", later[:1] == [came.kept], f"from {later[0]} on" if later else "")


@GROUP.step("WIRE-7", "WIRE-8", "LETTER-1", "LETTER-5")
def letter_opens(trial: Trial) -> None:
    """Each letter opens: sealed by the node, for the tester, in the published form, as its envelope says."""
    for each in (*brought(trial), *trial.arriving.urgent()):
        letter = opened(bytes(each.container), trial.tester, trial.node)
        said = each.envelope
        inside = (letter.id, letter.source, letter.target, letter.generation, letter.expires_at)
        outside = tuple(said[name] for name in ("letter", "from", "to", "generation", "expires_at"))
        demand("what the envelope says", inside == outside, str(inside))
        demand("from the node to the tester", inside[1:3] == (trial.node.id, trial.tester.id), str(inside))
        life = canonical.read_instant(letter.expires_at) - canonical.read_instant(letter.written_at)
        demand("a life of 30 days at most", life <= LIFETIME, str(life))


@GROUP.step("WIRE-24")
def urgent_first(trial: Trial) -> None:
    """An urgent letter comes before others that wait with it, though it came later."""
    brought(trial)
    pressing = trial.arriving.pressing
    if not pressing.is_seen():
        raise NoneUrgentError
    overtaken = pressing.overtaken()
    demand("the urgent letter first", not overtaken, f"{overtaken} that are not")


@GROUP.step("WIRE-18")
def receipt_kept(trial: Trial) -> None:
    """A receipt of the tester's is kept, and welcome again."""
    for _ in range(2):
        answer = trial.ask("POST", "/receipts", body=delivered(trial))
        demand("204", answer.status == 204, str(answer))


@GROUP.step("WIRE-18")
def receipt_conflicts(trial: Trial) -> None:
    """Another receipt of the same hop is refused."""
    came = brought(trial)[0]
    delivered(trial)
    other = trial.material.attest(came.envelope, ReceiptName.DELIVERY)
    demand_problem(trial.ask("POST", "/receipts", body=other), 409, "receipt_conflict")


@GROUP.step("WIRE-12", "WIRE-17")
def letter_once(trial: Trial) -> None:
    """A letter that was accepted comes no more, also after the pause that would be next."""
    letters = [*brought(trial), *trial.arriving.urgent()]
    over = max(each.calls[-1].answered + _next(each) for each in letters)
    time.sleep(max(0.0, over - time.monotonic()))
    for each in letters:
        demand("no try after the receipt", not each.after, str(each.after))
    trial.arriving.open = False


def _next(came: Came) -> float:
    """After how many seconds a sender would be there once more that had not heard the answer, and one more
    pause: after so many tries in vain.
    """
    return PAUSE * (min(1 << came.pressed + len(came.turned), _MOST) + 1)


def delivered(trial: Trial) -> bytes:
    """The tester's receipt about the first letter; it is brought once."""
    if not trial.delivered:
        trial.delivered = trial.material.attest(brought(trial)[0].envelope, ReceiptName.DELIVERY)
    if trial.delivered_at is None:
        answer = trial.ask("POST", "/receipts", body=trial.delivered)
        demand("204", answer.status == 204, str(answer))
        trial.delivered_at = datetime.now(UTC)
    return trial.delivered


def _demand_came(trial: Trial) -> None:
    counts = (len(trial.arriving.small()), len(trial.arriving.large()))
    demand(f"letters below and above 1 MiB: {WANTED}", counts == WANTED, str(counts))


def brought(trial: Trial) -> list[Came]:
    """The letters that the node brought, the small ones first; what is wrong where others came."""
    trial.demand_asked()
    _demand_came(trial)
    return [*trial.arriving.small(), *trial.arriving.large()]


def _with(trial: Trial, turn: str) -> Came:
    for each in brought(trial):
        if turn in each.turned:
            return each
    raise RuleBrokenError(expected=f"a letter that comes again ({turn})", found="none that did")


def _again(trial: Trial, turn: str) -> tuple[Call, Call]:
    """The try to which something was done, and the one that came next."""
    came = _with(trial, turn)
    at = came.turned[turn]
    demand("to come again", len(came.calls) > at + 1, "no further try")
    return came.calls[at], came.calls[at + 1]


def _pause(before: Call, after: Call, least: float) -> None:
    pause = after.came - before.answered
    demand(f"a pause of {least:.1f} seconds at least", pause >= least, f"{pause:.1f} seconds")
