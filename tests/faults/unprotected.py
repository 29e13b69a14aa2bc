"""A node that runs with one protection of its letters switched off, as the product's own command does.

``python -m tests.faults.unprotected CONTROL node run DIR``: its processes are forked from this one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from comity import cli
from comity.node import start
from comity.terms import ComityError

NEVER = timedelta(days=1)


def offered_once() -> None:
    """A letter that could not be handed over is not offered again."""
    from comity.delivery import outgoing

    decided = outgoing.next_action

    def offer_once(letter: outgoing.Outgoing, now: Any, timeouts: Any = None) -> outgoing.Action:
        done = decided(letter, now, timeouts)
        is_again = letter.attempts and isinstance(done, (outgoing.Send, outgoing.Wait))
        return outgoing.Wait(now + NEVER) if is_again and not letter.receipts else done

    outgoing.next_action = offer_once


def receipts_sent_once() -> None:
    """A receipt that could not be handed over is not sent again."""
    from comity.node.exchange import peer_client

    hand, hand_several = peer_client.hand_receipt, peer_client.hand_receipts

    def hand_once(peer: Any, note: str) -> None:
        with suppress(ComityError):
            hand(peer, note)

    def hand_several_once(peer: Any, notes: Any) -> list[None]:
        with suppress(ComityError):
            hand_several(peer, notes)
        return [None for _ in notes]

    peer_client.hand_receipt, peer_client.hand_receipts = hand_once, hand_several_once


def letters_forgotten() -> None:
    """A letter that comes again is judged as if it had never come."""
    from comity.node.exchange import incoming

    judge = incoming.judge_arrival
    incoming.judge_arrival = lambda envelope, **known: judge(envelope, **known | {"known": None})


def receipts_signed_anew() -> None:
    """A letter that comes again is answered by a new receipt, and not by the stored one."""
    from comity.node.exchange import incoming, receipts
    from comity.node.exchange.models import Letter
    from comity.proofs.receipts import ReceiptName

    def answer_anew(envelope: Any, now: Any) -> bytes:
        letter = Letter.objects.get(id=envelope.letter)
        attested = receipts.attest(letter, ReceiptName.RELAY_REMMD_ACCEPTANCE, now=now)
        return receipts._signed([attested], now)[0].encode()

    incoming._accepted = answer_anew


@dataclass(frozen=True)
class Control:
    """A protection that is switched off; of which faults it shows, on the letters' way there or back."""

    switch_off: Callable[[], None]
    faults: tuple[str, ...]
    back: bool = False


CONTROLS = {
    "offered_once": Control(offered_once, ("cut", "stall", "reset")),
    "receipts_sent_once": Control(receipts_sent_once, ("cut", "stall", "reset"), back=True),
    "letters_forgotten": Control(letters_forgotten, ("deaf",)),
    "receipts_signed_anew": Control(receipts_signed_anew, ("deaf",)),
}


def main() -> None:
    """Run the rest of the command line once the protection is off."""
    control, sys.argv[1:] = sys.argv[1], sys.argv[2:]
    prepare = start.prepare

    def prepare_unprotected(folder: Path) -> Any:
        node = prepare(folder)
        CONTROLS[control].switch_off()
        return node

    start.prepare = prepare_unprotected
    cli.script()


if __name__ == "__main__":
    main()
