"""What higher rooms do with letters: registered in wiring, called by the exchange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from comity.letters.schema import Letter as Document
from comity.node.exchange.models import Letter
from comity.proofs.receipts import ReceiptName

Handler = Callable[[Letter, Document, datetime], None]
"""Called with a verified letter inside the transaction that marks it delivered; a ComityError refuses it."""
Listener = Callable[[Letter, ReceiptName, datetime], None]
"""Called inside the transaction that keeps a new receipt about an outgoing letter."""
RefusedListener = Callable[[Letter, datetime], None]
"""Called inside the transaction that refuses a letter of a peer's which came and did not pass."""
SealedListener = Callable[[Letter, datetime], None]
"""Called inside the transaction that keeps a sealed letter, with the moment until when it proves itself."""

_handlers: dict[str, Handler] = {}
_listeners: list[Listener] = []
_of_refused: list[RefusedListener] = []
_of_sealed: list[SealedListener] = []


def handler(kind: str, function: Handler) -> None:
    """Register what a letter of this kind changes."""
    _handlers[kind] = function


def handler_of(kind: str) -> Handler | None:
    """The registered function, if any."""
    return _handlers.get(kind)


def on_receipt(listener: Listener) -> None:
    """Register who is told of receipts about outgoing letters."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(letter: Letter, receipt: ReceiptName, now: datetime) -> None:
    """Tell every listener of a new receipt."""
    for listener in _listeners:
        listener(letter, receipt, now)


def on_refused(listener: RefusedListener) -> None:
    """Register who is told of letters that were refused here."""
    if listener not in _of_refused:
        _of_refused.append(listener)


def tell_refused(letter: Letter, now: datetime) -> None:
    """Tell every listener of a letter that was refused here."""
    for listener in _of_refused:
        listener(letter, now)


def on_sealed(listener: SealedListener) -> None:
    """Register who is told of letters that were sealed."""
    if listener not in _of_sealed:
        _of_sealed.append(listener)


def tell_sealed(letter: Letter, ends: datetime) -> None:
    """Tell every listener of a letter that was sealed, and until when it proves itself."""
    for listener in _of_sealed:
        listener(letter, ends)
