"""One run against one node: what the steps share, and why a step may see nothing."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from comity.conformance import pressing
from comity.conformance.arriving import Arriving
from comity.conformance.asked import Asked
from comity.conformance.material import Document
from comity.conformance.peer import Peer
from comity.conformance.pressing import Pressing
from comity.conformance.wire import Heard
from comity.terms import ComityError, gettext_noop

_HOUR = 3600


class NotSeenError(ComityError):
    """The step sees nothing of what it is about: it is skipped, and says nothing for or against the node."""


class NotOfferedError(NotSeenError):
    """The step is about a service that a node may leave out, and this one does."""

    code = "not_offered"
    message = gettext_noop("The node does not offer this.")
    next_step = gettext_noop("Nothing has to be done: a node may leave it out.")


class NotAskedError(NotSeenError):
    """The step is about something that officials of the node do, and they were not asked to."""

    code = "not_asked"
    message = gettext_noop("The officials of the node were not asked for letters and a drill.")
    next_step = gettext_noop("Say for how many seconds they are waited for: --letters SECONDS.")


class NoneUrgentError(NotSeenError):
    """No urgent letter of the node's waited among others."""

    code = "none_urgent"
    message = gettext_noop("No urgent letter that opens (step letter_opens) came while others waited.")
    next_step = gettext_noop("Let officials write an urgent letter with the others.")


class NotStatedError(NotSeenError):
    """The step is about a bound that the node's operator sets, and nobody said where."""

    code = "not_stated"
    message = gettext_noop("Nobody stated what the node is set to.")
    next_step = gettext_noop("Say what its operator set: {option}.")


class TooLateError(NotSeenError):
    """The tester was later than the hours after which the node attests silence."""

    code = "too_late"
    message = gettext_noop("The tester's receipt came after the hours that were stated.")
    next_step = gettext_noop("Set the node to longer hours, or let its officials write sooner.")


class SecondUnknownError(NotSeenError):
    """The step takes two peers, and the node knows one."""

    code = "second_unknown"
    message = gettext_noop("The node does not know the tester's second card, or the folder has none.")
    next_step = gettext_noop("Give the node second/tester.card of a new tester's folder too.")


@dataclass(frozen=True, slots=True)
class Stated:
    """What the operator says that the node is set to, for one peer; 0: nothing was said.

    Letters in an hour, bytes in a day, bytes that may lie unopened or unfinished (WIRE-16), and hours from
    sealing until silence is attested (RECEIPT-4).
    """

    letters_an_hour: int = 0
    bytes_a_day: int = 0
    bytes_unopened: int = 0
    relay_hours: float = 0
    delivery_hours: float = 0
    retrieval_hours: float = 0

    def number(self, name: str) -> int:
        """One of the first three; NotStatedError where nothing was said."""
        return int(self.hours(name))

    def hours(self, name: str) -> float:
        """One of the others; NotStatedError where nothing was said."""
        value: float = getattr(self, name)
        if not value:
            raise NotStatedError(option=f"--{name.replace('_', '-')}")
        return value


@dataclass(slots=True)
class Trial(Peer):
    """The node under test, the tester as its peer, and what was sent to be opened.

    ``arriving`` are the node's own letters, ``asked`` its drills: they are waited for ``letters`` seconds (0:
    not at all). ``second`` is the tester under its other card.
    """

    sent: dict[str, Document] = field(default_factory=dict)
    """The envelopes of letters that are being opened, by step."""
    turned: dict[str, Document] = field(default_factory=dict)
    """The same of letters whose receipts are turned away at first."""
    callers: dict[str, tuple[Document, Future[Heard]]] = field(default_factory=dict)
    """The envelopes of callers that are silent or slow, and what each heard."""
    letters: float = 0
    stated: Stated = field(default_factory=Stated)
    second: Peer | None = None
    admitted: bool | None = None
    """Whether the node admits the second card; None while nobody asked."""
    delivered: bytes = b""
    """The tester's receipt about a letter of the node's."""
    delivered_at: datetime | None = None
    """When that had been brought."""
    drill: bytes = b""
    """The tester's drill of this run."""
    answered: bytes = b""
    """Its answer to the node's."""
    arriving: Arriving = field(init=False)
    asked: Asked = field(init=False)

    def __post_init__(self) -> None:
        self.arriving = Arriving(
            self.material,
            refusing=bool(self.stated.relay_hours),
            pressing=Pressing(self._patience_for_urgent()),
        )
        self.asked = Asked(self.tester, self.node)
        if self.letters:
            self.inbox.services |= {"letters": self.arriving.answer, "drills": self.asked.answer}

    def _patience_for_urgent(self) -> float:
        """Seconds for which an urgent letter is waited for: not until the hours of the others are over."""
        stated = self.stated
        hours = [each for each in (stated.relay_hours, stated.delivery_hours, stated.retrieval_hours) if each]
        return min([pressing.SHARE * self.letters, *(each * _HOUR / 4 for each in hours)])

    def demand_asked(self) -> None:
        """Raise NotAskedError where nobody waits for the officials of the node."""
        if not self.letters:
            raise NotAskedError

    def other(self) -> Peer:
        """The tester as another peer of the node; SecondUnknownError where the node admits one card alone."""
        if self.second is not None and self.admitted is None:
            self.admitted = self.second.is_admitted()
        if self.second is None or not self.admitted:
            raise SecondUnknownError
        return self.second
