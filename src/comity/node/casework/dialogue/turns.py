"""The turns of the dialogue: by act, which letter it writes, on which side, at which status of an item.

What the law asks before a turn and which duties it discharges are words of the law's vocabulary here; which
of them hold, and by which provision, is the opinion's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from comity.letters.bodies import KINDS, Kind
from comity.node.casework.averting import AVERT
from comity.node.casework.models import Case, CaseKind, Item, Side
from comity.node.casework.statuses import FINISHED

_WAITING = frozenset({"registered", "deficient", "awaiting_approval", "in_execution"})
_UNDER_WAY = _WAITING | {"preserved", "partly_executed", "postponed", "forwarded"}
_PRESERVED = frozenset({"preserved"})
_TOLD = _UNDER_WAY | FINISHED
_ASKED = _UNDER_WAY | {""}  # asked, and perhaps not yet registered

BY_VIDEO = "hear_by_video"
"""The measure whose items are heard by video."""


APPEAR = "appear_voluntarily"
"""The measure whose items ask a person to come."""


ADVICE = frozenset({"technical_advice", "legal_information"})
"""Measures that ask a question, which is answered in words."""
LOCATE = "locate_suspect"
"""The measure that asks where a person is."""
_TO_ANSWER = frozenset({"registered", "in_execution", "partly_executed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One act of the dialogue.

    ``side`` is whose act it is (None: either side's), ``standing`` the actual statuses at which an item can
    be spoken of, ``meets`` the duties that the letter itself discharges, ``replies`` the kinds of letter it
    answers one of, ``withdrawn`` whether it is about items that the requesting side has withdrawn (None:
    about either), ``desired`` and ``data`` what an item must ask for, where the turn is about that alone.
    ``measures`` are the only measures whose items it is about (none: every measure). ``of_information`` are
    the sides whose turn it is about information without request too: it has no items, and who received it
    holds it.
    """

    act: str
    letter: str
    side: Side | None
    standing: frozenset[str]
    meets: frozenset[str] = frozenset()
    replies: frozenset[str] = frozenset()
    withdrawn: bool | None = False
    desired: str = ""
    data: str = ""
    measures: frozenset[str] = frozenset()
    of_information: frozenset[str] = frozenset()

    @property
    def kind(self) -> Kind:
        """The kind of letter it writes."""
        return KINDS[self.letter]

    def sides(self, case: Case) -> frozenset[str]:
        """The sides of the case whose act it is."""
        if case.kind == CaseKind.INFORMATION and self.of_information:
            return self.of_information
        return frozenset({self.side} if self.side else Side.values)

    def is_about_information(self, case: Case) -> bool:
        """Whether it can be taken about the whole of a case that has no items: once it is in the books."""
        ours = case.kind == CaseKind.INFORMATION and case.side in self.of_information
        return ours and (case.side == Side.REQUESTING or bool(case.registered_generation))

    def items(self, case: Case, items: Iterable[Item]) -> list[Item]:
        """The items of a case that it can be about now."""
        if case.side not in self.sides(case) or (case.side == Side.REQUESTING and not case.sent_generation):
            return []
        return [
            item
            for item in items
            if item.actual in self.standing
            and self.desired in ("", item.desired)
            and (not self.data or self.data in item.data_kinds)
            and (not self.measures or item.measure in self.measures)
            and (self.withdrawn is None or (item.desired == "withdrawn") == self.withdrawn)
        ]


def _ours(
    act: str,
    letter: str,
    standing: frozenset[str] = _UNDER_WAY,
    *meets: str,
    withdrawn: bool | None = False,
    replies: Collection[str] = (),
) -> Turn:
    """A turn of the requested side."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTED,
        standing=standing,
        meets=frozenset(meets),
        replies=frozenset(replies),
        withdrawn=withdrawn,
    )


def _theirs(act: str, letter: str, *meets: str, replies: Collection[str] = ()) -> Turn:
    """A turn of the requesting side."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTING,
        standing=_ASKED,
        meets=frozenset(meets),
        replies=frozenset(replies),
    )


def _extension(act: str, letter: str, *meets: str) -> Turn:
    """An answer of the requested side to the question whether items stay preserved longer."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTED,
        standing=_PRESERVED,
        meets=frozenset(meets),
        replies=KINDS[letter].answers,
    )


def _path(act: str) -> Turn:
    """A turn of the requested side on the path of a communication whose traffic data are asked for."""
    return Turn(
        act=act,
        letter="path_disclosure",
        side=Side.REQUESTED,
        standing=frozenset({"registered", "in_execution", "preserved", "partly_executed"}),
        data="traffic",
    )


def _held(act: str, letter: str, *meets: str, of_information: Collection[str] = ()) -> Turn:
    """A turn of the side that holds what it received, whatever has become of the items."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTING,
        standing=_TOLD,
        meets=frozenset(meets),
        withdrawn=None,
        of_information=frozenset(of_information),
    )


def _onward(act: str, letter: str, *meets: str, replies: Collection[str] = ()) -> Turn:
    """A turn on passing on: of what the answer brought, or of what the request itself says."""
    return Turn(
        act=act,
        letter=letter,
        side=None,
        standing=_TOLD,
        meets=frozenset(meets),
        replies=frozenset(replies),
        withdrawn=None,
    )


def _given(act: str, letter: str, replies: Collection[str], *, of_information: Collection[str] = ()) -> Turn:
    """A turn of the side that gave it."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTED,
        standing=_TOLD,
        replies=frozenset(replies),
        withdrawn=None,
        of_information=frozenset(of_information),
    )


def _averting(act: str, letter: str) -> Turn:
    """A turn of the side that asked for data in an emergency, on the request as a whole."""
    return Turn(
        act=act,
        letter=letter,
        side=Side.REQUESTING,
        standing=_ASKED | FINISHED,
        withdrawn=None,
        measures=frozenset({AVERT}),
    )


TURNS: dict[str, Turn] = {
    turn.act: turn
    for turn in (
        # the requesting side
        _theirs("give_supplement", "supplement", replies=KINDS["supplement"].answers),
        _theirs("ask_status", "status_asked"),
        _theirs("accept_conditions", "conditions_accepted", replies=KINDS["conditions_accepted"].answers),
        _theirs("decline_conditions", "conditions_declined", replies=KINDS["conditions_declined"].answers),
        _theirs("withdraw_request", "withdrawal", "tell_no_longer_needed"),
        _held("ask_use_permission", "use_permission_asked", "ask_prior_permission"),
        _held(
            "notify_exculpatory_disclosure",
            "exculpatory_notice",
            "notify_exculpatory_use",
            of_information={Side.REQUESTED},
        ),
        _held("report_custody", "custody_update"),
        _theirs("ask_presence", "presence_asked"),
        Turn(
            act="tell_safe_conduct",
            letter="safe_conduct",
            side=Side.REQUESTING,
            standing=_ASKED | FINISHED,
            withdrawn=None,
            measures=frozenset({APPEAR}),
        ),
        _averting("tell_validation", "emergency_validated"),
        _averting("revoke_emergency", "emergency_revoked"),
        # the requested side
        Turn(
            act="give_advice",
            letter="result",
            side=Side.REQUESTED,
            standing=_TO_ANSWER,
            measures=ADVICE,
        ),
        Turn(
            act="tell_whereabouts",
            letter="result",
            side=Side.REQUESTED,
            standing=_TO_ANSWER,
            measures=frozenset({LOCATE}),
        ),
        _ours("ask_supplement", "supplement_asked", _WAITING),
        _ours("tell_status", "status", _TOLD, "answer_status", withdrawn=None),
        _ours("resume_execution", "status", frozenset({"deficient", "postponed", "forwarded"})),
        _ours("stop_execution", "status", _ASKED, withdrawn=True),
        _ours("postpone_execution", "postponement", _WAITING, "tell_decision"),
        _ours("offer_conditions", "conditions_offered"),
        _ours("tell_obstacle", "obstacle", _UNDER_WAY, "tell_obstacle"),
        _ours("forward_request", "forwarded", _WAITING | {"postponed"}, "forward_and_tell"),
        _ours(
            "tell_confidentiality_impossible",
            "confidentiality_impossible",
            _UNDER_WAY,
            "tell_confidentiality_impossible",
        ),
        _ours("announce_costs", "costs", _UNDER_WAY, "consult_on_costs"),
        # a preservation: its end, its use, the path that it shows
        Turn(
            act="ask_extension",
            letter="extension_asked",
            side=Side.REQUESTING,
            standing=_PRESERVED,
            desired="preserved",
        ),
        Turn(
            act="decide_on_preservation",
            letter="preservation_decision",
            side=Side.REQUESTING,
            standing=_ASKED,
            replies=KINDS["preservation_decision"].answers,
        ),
        _extension("grant_extension", "extension_granted"),
        _extension("decline_extension", "extension_declined", "give_reasons"),
        Turn(
            act="tell_preservation_ending",
            letter="preservation_expiring",
            side=Side.REQUESTED,
            standing=_PRESERVED,
            desired="preserved",
        ),
        Turn(
            act="tell_preservation_unhelpful",
            letter="preservation_unhelpful",
            side=Side.REQUESTED,
            standing=_WAITING,
            desired="preserved",
        ),
        _given("grant_use_permission", "use_permission_granted", {"use_permission_asked"}),
        _given("decline_use_permission", "use_permission_declined", {"use_permission_asked"}),
        _given(
            "consult_on_disclosure",
            "consultation",
            {"exculpatory_notice"},
            of_information={Side.REQUESTING},
        ),
        _path("disclose_path"),
        _path("withhold_path"),
        _ours("grant_presence", "presence_granted"),
        _ours("decline_presence", "presence_declined", replies={"presence_asked"}),
        # both sides
        _onward("ask_onward_permission", "onward_permission_asked", "ask_prior_permission"),
        _onward("grant_onward_permission", "onward_permission_granted", replies={"onward_permission_asked"}),
        _onward(
            "decline_onward_permission", "onward_permission_declined", replies={"onward_permission_asked"}
        ),
        Turn(
            act="propose_hearing",
            letter="hearing_proposed",
            side=None,
            standing=_UNDER_WAY,
            measures=frozenset({BY_VIDEO}),
        ),
        Turn(
            act="agree_to_hearing",
            letter="hearing_agreed",
            side=None,
            standing=_UNDER_WAY,
            replies=frozenset({"hearing_proposed"}),
            measures=frozenset({BY_VIDEO}),
        ),
        Turn(act="consult", letter="consultation", side=None, standing=_ASKED),
        Turn(
            act="reply_to_consultation",
            letter="consultation_reply",
            side=None,
            standing=_ASKED | FINISHED,
            replies=KINDS["consultation_reply"].answers,
            withdrawn=None,
            of_information=frozenset(Side.values),
        ),
    )
}
