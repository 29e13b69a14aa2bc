"""The turns that stand open in a case now: for its page, for the page of an act and for the API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.casework import duties, emergencies, opinions
from comity.node.casework.attending import SafeConduct
from comity.node.casework.averting import Emergency
from comity.node.casework.dialogue import answers, keeping, path
from comity.node.casework.dialogue.turns import TURNS, Turn
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.preparing import acted_in
from comity.node.exchange.models import Direction, Letter


@dataclass(frozen=True, slots=True)
class Asked:
    """A duty that the law ties to the turn, and whether it is met."""

    duty: duties.Duty
    met: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """A turn that an official may take now."""

    turn: Turn
    items: list[Item]
    waiting: list[Letter]
    blocked: str
    informed: bool

    @property
    def possible(self) -> bool:
        """Whether there is something that it can be about."""
        return bool(self.items) or self.informed

    @property
    def answers(self) -> bool:
        """Whether a letter of the other side waits for it."""
        return bool(self.waiting)


def openings(case: Case, official: Official, items: Collection[Item]) -> Iterator[Opening]:
    """The turns open to an official, those that a letter waits for first."""
    waiting = waiting_letters(case)
    found = [
        opening(case, turn, items, waiting)
        for turn in TURNS.values()
        if may(official, acted_in(turn.act)) and case.side in turn.sides(case)
    ]
    usable = [each for each in found if each.possible and (each.waiting or not each.turn.replies)]
    yield from sorted(usable, key=lambda each: not each.answers)


@dataclass(frozen=True, slots=True)
class Purpose:
    """Turns that serve one purpose, as the case page shows them together."""

    name: str
    openings: list[Opening]


WAITED_FOR, COURSE = "waited_for", "course"
PURPOSES: dict[str, frozenset[str]] = {
    "terms": frozenset({"offer_conditions", "accept_conditions", "decline_conditions", "announce_costs"})
    | {"tell_confidentiality_impossible", "consult", "reply_to_consultation"},
    "preservation": frozenset({"ask_extension", "grant_extension", "decline_extension"})
    | {"tell_preservation_ending", "tell_preservation_unhelpful", "decide_on_preservation"}
    | {"disclose_path", "withhold_path"},
    "meeting": frozenset({"tell_safe_conduct", "ask_presence", "grant_presence", "decline_presence"})
    | {"propose_hearing", "agree_to_hearing"},
    "emergency": frozenset({"tell_validation", "revoke_emergency"}),
    "use": frozenset({"ask_use_permission", "grant_use_permission", "decline_use_permission"})
    | {"ask_onward_permission", "grant_onward_permission", "decline_onward_permission"}
    | {"notify_exculpatory_disclosure", "consult_on_disclosure", "report_custody"},
}
"""What a turn is for; one that is not named here concerns the course of the request."""


def by_purpose(found: Collection[Opening]) -> list[Purpose]:
    """The openings by what they are for, those first that a letter waits for."""
    rows: dict[str, list[Opening]] = {name: [] for name in (WAITED_FOR, COURSE, *PURPOSES)}
    for each in found:
        rows[WAITED_FOR if each.answers else purpose(each.turn.act)].append(each)
    return [Purpose(name, row) for name, row in rows.items() if row]


def purpose(act: str) -> str:
    """What a turn is for."""
    return next((name for name, acts in PURPOSES.items() if act in acts), COURSE)


def waiting_letters(case: Case) -> list[Letter]:
    """The letters of the other side that nothing of ours has answered, where an answer is expected."""
    return answers.unanswered(case, Direction.IN, answers.EXPECTED)


def opening(case: Case, turn: Turn, items: Collection[Item], waiting: Collection[Letter]) -> Opening:
    """One turn as it stands: its items, the letters that wait for it, what blocks it."""
    kinds = turn.replies or _ANSWERED_BY.get(turn.act, ())
    answered = [letter for letter in waiting if letter.kind in kinds]
    return Opening(
        turn, turn.items(case, items), answered, _blocked(case, turn), turn.is_about_information(case)
    )


_ANSWERED_BY: dict[str, tuple[str, ...]] = {
    "tell_status": ("status_asked",),
    "ask_extension": ("preservation_expiring",),
    "resume_execution": ("supplement",),
    "stop_execution": ("withdrawal",),
    "grant_presence": ("presence_asked",),
    "propose_hearing": ("hearing_proposed",),
}
"""Letters that make a turn due although it may be taken without them."""


def _blocked(case: Case, turn: Turn) -> str:
    opinion = case.opinion or {}
    if turn.act == "postpone_execution" and not opinions.permitted_grounds(opinion, opinions.POSTPONE):
        return gettext("No provision on record lets this request be postponed.")
    if turn.act == "offer_conditions" and not opinions.may_set_conditions(opinion):
        return gettext("No provision on record lets conditions bind.")
    if turn.act in _DEMANDED and not provisions(case, turn):
        return gettext("No provision on record provides for it.")
    if turn.act == "withhold_path" and not path.grounds(case, timezone.now()):
        return gettext("No provision on record lets the path be withheld.")
    if turn.act == "ask_extension" and not keeping.runs(case, timezone.now()):
        return gettext("The preservation no longer runs.")
    if turn.act == "tell_preservation_ending" and not keeping.ends_soon(case, timezone.now()):
        return gettext("No preservation of this case ends soon.")
    if turn.act in PURPOSES["emergency"] and (why := _emergency_blocked(case, turn.act)):
        return why
    if turn.act == "tell_safe_conduct" and not _somebody_came(case):
        return gettext("Nobody has come yet.")
    return ""


def _emergency_blocked(case: Case, act: str) -> str:
    row = Emergency.objects.filter(case=case).first()
    if row is None or row.is_over:
        return gettext("The emergency was revoked, or was not validated in time.")
    if act == "tell_validation" and row.standing == "validated":
        return gettext("It is validated already.")
    return ""


def _somebody_came(case: Case) -> bool:
    return SafeConduct.objects.filter(item__case=case, arrived_at__isnull=False).exists()


def _extension(case: Case) -> str | None:
    opinion = keeping.of_preservation(case, timezone.now())
    return opinions.power_for(opinion, opinions.EXTEND, Side.REQUESTING)


_RESTING: dict[str, Callable[[Case], str | None]] = {
    **dict.fromkeys(PURPOSES["emergency"], lambda case: emergencies.provision(case) or None),
    "ask_extension": _extension,
    "grant_extension": _extension,
    "disclose_path": lambda case: path.provision(case, timezone.now()),
    "withhold_path": lambda case: path.provision(case, timezone.now()),
    "decide_on_preservation": lambda case: opinions.power_for(
        case.opinion or {}, opinions.PRESERVE, Side.REQUESTING
    ),
    "tell_safe_conduct": lambda case: opinions.consulted_under(
        case.opinion or {}, case.instrument, "safe_conduct"
    ),
    "tell_preservation_unhelpful": lambda case: opinions.duty_on(
        case.opinion or {}, opinions.PRESERVE, keeping.UNHELPFUL, Side.REQUESTED
    ),
}
"""Turns that rest on one provision of their own, and how it is found."""
_DEMANDED = frozenset({"ask_extension", "grant_extension", "tell_preservation_unhelpful"}) | {
    "disclose_path",
    "withhold_path",
}
"""Those of them that are not possible without it; an answer to what was told always is."""


def provisions(case: Case, turn: Turn) -> list[str]:
    """The provision on which a turn rests, where it rests on one of its own."""
    cite = _RESTING[turn.act](case) if turn.act in _RESTING else None
    return [cite] if cite else []


def asked_before(case: Case, turn: Turn, numbers: Collection[int]) -> list[Asked]:
    """What the law asks before the turn; its reasons are part of the letter."""
    if turn.act not in duties.CONDITIONED:
        return []
    met = answers.met(case, numbers) | {"give_reasons"}
    return [Asked(duty, duty.id in met) for duty in duties.tied_to(case, turn.act)]


def discharged(case: Case, turn: Turn) -> list[duties.Duty]:
    """The duties that the letter itself discharges, by provision."""
    return duties.discharged(case, turn.meets)
