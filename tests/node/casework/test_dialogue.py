"""The dialogue about a request: each act's letter, what it changes, what a hostile letter does not."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import (
    WORDS,
    by_two,
    facts_of,
    heads,
    nothing_changed,
    reply,
    request_body,
    said,
)

from comity import canonical
from comity.letters.bodies import Writer
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import duties, opinions
from comity.node.casework.acts.accept_conditions import accept_conditions
from comity.node.casework.acts.announce_costs import announce_costs
from comity.node.casework.acts.ask_status import ask_status
from comity.node.casework.acts.ask_supplement import ask_supplement
from comity.node.casework.acts.consult import consult
from comity.node.casework.acts.decline_conditions import decline_conditions
from comity.node.casework.acts.forward_request import forward_request
from comity.node.casework.acts.give_supplement import give_supplement
from comity.node.casework.acts.offer_conditions import offer_conditions
from comity.node.casework.acts.postpone_execution import postpone_execution
from comity.node.casework.acts.register_request import lacking, register_request
from comity.node.casework.acts.reply_to_consultation import reply_to_consultation
from comity.node.casework.acts.tell_confidentiality_impossible import tell_confidentiality_impossible
from comity.node.casework.acts.tell_obstacle import tell_obstacle
from comity.node.casework.acts.tell_status import resume_execution, stop_execution, tell_status
from comity.node.casework.acts.withdraw_request import withdraw_request
from comity.node.casework.correspondence import last_received
from comity.node.casework.dialogue import answers, hearing
from comity.node.casework.dialogue.openings import PURPOSES, by_purpose, openings
from comity.node.casework.dialogue.saying import NothingToAnswerError
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.events import SENTENCES
from comity.node.casework.models import Case, Event, Limit
from comity.node.casework.opinions import FieldNotAskedError, GroundNotPermittedError, RuleMissingError
from comity.node.casework.receiving import CaseUnknownError, GenerationStaleError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger.models import Entry
from comity.node.pages import labels
from comity.node.pages.law import short_label

ONGOING = "uncc:art_40__para_27"
BINDING = "uncc:art_40__para_28"
CONDITION = {"id": "stated_purpose_only", "cite": BINDING, "text": "Only in these proceedings."}


# --- the table


def test_every_turn_has_its_letter_its_words_and_its_roles() -> None:
    from comity.node.accounts.access import ACCESS
    from comity.node.casework.views.dialogue import ACTS

    assert {act.__name__ for act in ACTS} == set(TURNS)
    for act, turn in TURNS.items():
        assert turn.letter in hearing.HANDLERS
        assert f"{turn.letter}_received" in SENTENCES
        assert act in SENTENCES
        assert labels.label(act, "turn") != act
        assert labels.label(act, "entry") != act
        assert labels.label(turn.letter, "letter") != turn.letter
        assert ACCESS[act]
        if turn.side:
            assert turn.kind.writer in (turn.side, Writer.EITHER)


def test_what_a_turn_discharges_is_a_duty_of_the_laws_vocabulary() -> None:
    words = set(opinions.library().words("duties"))
    assert {duty for turn in TURNS.values() for duty in turn.meets} | set(answers.CONSULTED) <= words


# --- what the requested side says


SAID_HERE = {
    "ask_supplement": lambda officer, case, now: ask_supplement(officer, case, [1], **WORDS, now=now),
    "tell_status": lambda officer, case, now: tell_status(officer, case, [1], **WORDS, now=now),
    "offer_conditions": lambda officer, case, now: by_two(offer_conditions)(
        officer, case, [1], conditions=[("stated_purpose_only", "Only here.")], **WORDS, now=now
    ),
    "tell_obstacle": lambda officer, case, now: tell_obstacle(
        officer, case, [1], **WORDS, expected=now + timedelta(days=9), now=now
    ),
    "forward_request": lambda officer, case, now: forward_request(
        officer, case, [1], competent="Ministry of the Interior", **WORDS, now=now
    ),
    "tell_confidentiality_impossible": lambda officer, case, now: tell_confidentiality_impossible(
        officer, case, [1], **WORDS, now=now
    ),
    "announce_costs": lambda officer, case, now: announce_costs(
        officer, case, [1], amount="10 000 USD", **WORDS, now=now
    ),
    "consult": lambda officer, case, now: consult(officer, case, [1], about="costs", **WORDS, now=now),
}


@pytest.mark.parametrize("act", sorted(SAID_HERE))
def test_a_turn_writes_a_sound_letter_and_is_in_ledger_and_timeline(
    asked: Case, officer: Any, clock: Any, act: str
) -> None:
    letter = SAID_HERE[act](officer, asked, clock.now)
    asked.refresh_from_db()
    assert letter.kind == TURNS[act].letter
    assert said(letter).case.requested == asked.reference
    assert Entry.objects.filter(kind=act, subject=asked.reference).exists()
    assert str(Event.objects.get(kind=act).letter) == letter.id
    expected = TURNS[act].kind.actual or "registered"
    assert (asked.actual, asked.items.get().actual) == (expected, expected)


@pytest.mark.parametrize("act", sorted(SAID_HERE))
def test_a_turn_takes_its_role_and_an_item_that_is_under_way(
    asked: Case, officer: Any, official: Any, clock: Any, act: str
) -> None:
    with pytest.raises(NotAuthorisedError):
        SAID_HERE[act](official("custodian"), asked, clock.now)
    if act != "tell_status":
        asked.items.update(actual="executed")
        with pytest.raises(NotNowError):
            SAID_HERE[act](officer, asked, clock.now)
    assert not Letter.objects.filter(kind=TURNS[act].letter).exists()


@pytest.mark.parametrize("act", sorted(set(SAID_HERE) - {"consult"}))
def test_the_requesting_side_cannot_say_what_is_the_other_sides_to_say(
    ours: Case, officer: Any, clock: Any, act: str
) -> None:
    with pytest.raises(WrongSideError):
        SAID_HERE[act](officer, ours, clock.now)


def test_the_requested_side_cannot_withdraw_or_ask_for_the_status(
    asked: Case, officer: Any, clock: Any
) -> None:
    for act in (withdraw_request, ask_status):
        with pytest.raises(WrongSideError):
            act(officer, asked, [1], **WORDS, now=clock.now)


def test_a_supplement_is_asked_with_the_provision_and_only_for_what_the_law_asks(
    asked: Case, officer: Any, clock: Any
) -> None:
    with pytest.raises(FieldNotAskedError):
        ask_supplement(officer, asked, [1], **WORDS, fields=["finality"], now=clock.now)
    field = (asked.opinion or {})["contents"][0]["field"]
    letter = ask_supplement(officer, asked, [1], **WORDS, fields=[field], now=clock.now)
    assert [gap.field for gap in said(letter).body.deficiencies] == [field]
    assert said(letter).body.deficiencies[0].cite.startswith("uncc:")


def test_a_deficient_request_is_registered_with_what_the_check_misses(
    arrive: Any, from_xb: Any, officer: Any, clock: Any
) -> None:
    body = request_body("access_stored_data")
    body["contents"] = {k: v for k, v in body["contents"].items() if k != "facts"}
    arrive(from_xb("request", body))
    case = Case.objects.get()
    missing = [each.field.removeprefix("contents.") for each in lacking(case, last_received(case, "request"))]
    assert "facts" in missing
    letter = register_request(officer, case, deficient=["facts"], now=clock.now)
    case.refresh_from_db()
    assert case.actual == "deficient"
    assert [gap.field for gap in said(letter).body.deficiencies] == ["facts"]


def test_only_what_the_law_always_requires_is_ticked_as_lacking(
    arrive: Any, from_xb: Any, officer: Any, clock: Any
) -> None:
    body = request_body("access_stored_data")
    body["contents"] = {k: v for k, v in body["contents"].items() if k not in {"facts", "persons"}}
    arrive(from_xb("request", body))
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    page = client.get(f"/requests/{Case.objects.get().reference}/register").content.decode()
    ticked = {name: "checked" in rest for name, rest in re.findall(r'value="(facts|persons)"([^>]*)>', page)}
    assert ticked == {"facts": True, "persons": False}


def test_the_page_of_a_case_says_what_waits_for_an_answer_of_either_side(
    asked: Case, officer: Any, clock: Any, hear: Any
) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)

    def due() -> list[str]:
        page = client.get(f"/requests/{asked.reference}/").content.decode()
        panel = page[page.index('id="due"') : page.index("</section>", page.index('id="due"'))]
        return re.findall(r'An answer to a letter<br><a class="target" href="/letters/([^/]+)/', panel)

    assert due() == []
    question = hear(asked, "status_asked")
    assert due() == [str(question.id)]
    tell_status(officer, asked, [1], **WORDS, now=clock.now)
    assert due() == []
    letter = ask_supplement(officer, asked, [1], **WORDS, now=clock.now)
    assert due() == [str(letter.id)]


def test_an_official_may_register_without_telling_of_a_deficiency(
    arrive: Any, from_xb: Any, officer: Any, clock: Any
) -> None:
    arrive(from_xb("request", request_body() | {"contents": {"facts": "Short."}}))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    assert case.actual == "registered"


def test_a_supplement_that_came_lets_execution_be_taken_up_again(
    asked: Case, officer: Any, clock: Any, hear: Any
) -> None:
    ask_supplement(officer, asked, [1], **WORDS, now=clock.now)
    row = hear(asked, "supplement", contents={"facts": "More on the facts."})
    assert asked.actual == "deficient"  # only this side says whether it is enough
    letter = resume_execution(officer, asked, [1], **WORDS, now=clock.now)
    asked.refresh_from_db()
    assert asked.actual == "registered"
    assert said(letter).answers == [str(row.id)]


def test_the_status_answers_every_question_that_waits(
    asked: Case, officer: Any, clock: Any, hear: Any
) -> None:
    first, second = hear(asked, "status_asked"), hear(asked, "status_asked")
    letter = tell_status(officer, asked, [1], **WORDS, now=clock.now)
    assert said(letter).answers == [str(first.id), str(second.id)]
    assert [item.actual for item in said(letter).body.items] == ["registered"]


def test_a_withdrawal_changes_what_is_desired_and_this_side_stops_and_confirms(
    asked: Case, officer: Any, clock: Any, hear: Any
) -> None:
    row = hear(asked, "withdrawal")
    assert (asked.desired, asked.actual) == ("withdrawn", "registered")
    with pytest.raises(NotNowError):
        tell_obstacle(officer, asked, [1], **WORDS, now=clock.now)
    letter = stop_execution(officer, asked, [1], **WORDS, now=clock.now)
    asked.refresh_from_db()
    assert asked.actual == "withdrawn"
    assert said(letter).answers == [str(row.id)]


def test_nothing_is_stopped_that_was_not_withdrawn(asked: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        stop_execution(officer, asked, [1], **WORDS, now=clock.now)


def postpone(officer: Any, case: Case, now: Any, **changes: Any) -> Any:
    return by_two(postpone_execution)(officer, case, [1], **({"ground": ONGOING, **WORDS} | changes), now=now)


def test_postponement_waits_for_a_consultation_on_it(
    asked: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    with pytest.raises(duties.DutiesUnmetError, match=re.escape(short_label(BINDING))):
        postpone(officer, asked, clock.now)
    consulted(asked, "refusal")
    with pytest.raises(duties.DutiesUnmetError):
        postpone(officer, asked, clock.now)
    consulted(asked, "postponement")
    letter = postpone(officer, asked, clock.now, until=clock.now + timedelta(days=30))
    asked.refresh_from_db()
    assert (asked.actual, asked.items.get().ground) == ("postponed", ONGOING)
    assert said(letter).body.consulted


@pytest.mark.parametrize("ground", ["uncc:art_40__para_21__point_b", "uncc:art_40__para_8__ground_1", "x"])
def test_only_a_ground_for_postponement_postpones(
    asked: Case, officer: Any, clock: Any, consulted: Any, ground: str
) -> None:
    consulted(asked, "postponement")
    with pytest.raises(GroundNotPermittedError):
        postpone(officer, asked, clock.now, ground=ground)
    assert asked.items.get().actual == "registered"


def test_a_consultation_about_one_item_does_not_cover_another(
    arrive: Any, from_xb: Any, officer: Any, clock: Any, consulted: Any
) -> None:
    body = request_body("access_stored_data")
    body["items"] = [body["items"][0], {**body["items"][0], "number": 2}]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    consulted(case, "postponement", [1])
    with pytest.raises(duties.DutiesUnmetError):
        by_two(postpone_execution)(officer, case, [1, 2], ground=ONGOING, **WORDS, now=clock.now)
    assert by_two(postpone_execution)(officer, case, [1], ground=ONGOING, **WORDS, now=clock.now)


def test_a_consultation_that_never_left_counts_for_nothing(
    asked: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    consulted(asked, "postponement")
    Letter.objects.filter(kind="consultation").update(stage=Stage.FAILED)
    with pytest.raises(duties.DutiesUnmetError):
        postpone(officer, asked, clock.now)


def test_what_was_postponed_is_taken_up_again_without_its_ground(
    asked: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    consulted(asked, "postponement")
    postpone(officer, asked, clock.now)
    resume_execution(officer, asked, [1], **WORDS, now=clock.now)
    item = asked.items.get()
    assert (item.actual, item.ground, item.reasons) == ("registered", "", "")


def test_conditions_are_offered_only_where_a_provision_lets_them_bind(
    asked: Case, officer: Any, clock: Any
) -> None:
    asked.opinion["duties"] = [each for each in asked.opinion["duties"] if each["on"] != "use"]  # type: ignore[index]
    asked.save()
    with pytest.raises(RuleMissingError):
        SAID_HERE["offer_conditions"](officer, asked, clock.now)


def test_accepted_conditions_bind_as_offered_and_no_others(
    asked: Case, officer: Any, clock: Any, hear: Any
) -> None:
    offer = by_two(offer_conditions)(
        officer, asked, [1], conditions=[(CONDITION["id"], CONDITION["text"])], **WORDS, now=clock.now
    )
    asked.refresh_from_db()
    before = facts_of(asked)
    weaker = CONDITION | {"text": "In any proceedings."}
    with pytest.raises(hearing.ConditionsDifferError):
        hear(asked, "conditions_accepted", conditions=[weaker])
    row = hear(asked, "conditions_accepted", conditions=[CONDITION])
    limit = Limit.objects.get(letter=row.id)
    assert (limit.limit, limit.cite, limit.text) == tuple(CONDITION.values())
    assert before["limits"] == 0
    with pytest.raises(hearing.AnswerUnknownError):  # an offer is answered once
        hear(asked, "conditions_declined", answering=[str(offer.id)])


def test_declined_conditions_bind_nobody(asked: Case, officer: Any, clock: Any, hear: Any) -> None:
    SAID_HERE["offer_conditions"](officer, asked, clock.now)
    hear(asked, "conditions_declined")
    assert not asked.limits.exists()


def test_forwarding_meets_the_clock_that_the_law_sets_for_it(asked: Case, officer: Any, clock: Any) -> None:
    rule = {"id": "forward_to_competent", "duration": "P3D", "cite": "csto-ict:art_7__para_4"}
    asked.opinion["clocks"].append(rule)  # type: ignore[index]
    asked.save()
    SAID_HERE["forward_request"](officer, asked, clock.now + timedelta(days=1))
    found = Clock.objects.get(kind="forward_to_competent")
    assert (found.state, found.due_at) == (ClockState.MET, clock.now + timedelta(days=3))


def test_without_a_clock_in_the_law_forwarding_starts_none(asked: Case, officer: Any, clock: Any) -> None:
    SAID_HERE["forward_request"](officer, asked, clock.now)
    assert not Clock.objects.filter(kind="forward_to_competent").exists()


# --- what the requesting side says


def test_status_is_asked_and_what_is_told_is_taken_over(
    ours: Case, signatory: Any, clock: Any, hear: Any
) -> None:
    letter = ask_status(signatory, ours, [1], **WORDS, now=clock.now)
    assert said(letter).case.requesting == ours.reference
    hear(ours, "status", items=[{"number": 1, "actual": "in_execution", "note": "At the provider."}])
    assert (ours.actual, ours.items.get().note) == ("in_execution", "At the provider.")


def test_nothing_is_asked_before_a_request_left(open_case: Any, signatory: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        ask_status(signatory, open_case(), [1], **WORDS, now=clock.now)


def test_a_request_is_withdrawn_even_before_it_is_registered(
    signed_case: Any, signatory: Any, clock: Any
) -> None:
    letter = by_two(withdraw_request)(signatory, signed_case, [1], **WORDS, now=clock.now)
    signed_case.refresh_from_db()
    assert (signed_case.desired, signed_case.actual) == ("withdrawn", "")
    assert said(letter).case.requested is None
    with pytest.raises(NotNowError):
        by_two(withdraw_request)(signatory, signed_case, [1], **WORDS, now=clock.now)


def test_a_supplement_answers_what_was_asked_once(ours: Case, signatory: Any, clock: Any, hear: Any) -> None:
    with pytest.raises(NothingToAnswerError):
        give_supplement(signatory, ours, [1], **WORDS, contents={}, now=clock.now)
    gap = {"field": "facts", "cite": "uncc:art_40__para_15__point_c"}
    row = hear(ours, "supplement_asked", deficiencies=[gap])
    assert ours.actual == "deficient"
    letter = give_supplement(signatory, ours, [1], **WORDS, contents={"facts": "More."}, now=clock.now)
    assert said(letter).answers == [str(row.id)]
    assert said(letter).body.contents == {"facts": "More."}
    with pytest.raises(NothingToAnswerError):
        give_supplement(signatory, ours, [1], **WORDS, contents={}, now=clock.now)


def test_a_consultation_is_replied_to_on_the_items_it_names(
    ours: Case, signatory: Any, clock: Any, hear: Any
) -> None:
    row = hear(ours, "consultation", by="requested", about="refusal")
    letter = reply_to_consultation(signatory, ours, **WORDS, now=clock.now)
    assert said(letter).answers == [str(row.id)]
    assert said(letter).body.by == "requesting"


def test_accepting_conditions_makes_them_limits_here_too(
    ours: Case, signatory: Any, clock: Any, hear: Any
) -> None:
    hear(ours, "conditions_offered", conditions=[CONDITION])
    assert not ours.limits.exists()
    letter = by_two(accept_conditions)(signatory, ours, **WORDS, now=clock.now)
    assert str(Limit.objects.get().letter) == letter.id
    assert [one.as_json() for one in said(letter).body.conditions] == [CONDITION]
    with pytest.raises(NothingToAnswerError):
        decline_conditions(signatory, ours, **WORDS, now=clock.now)


def test_declining_conditions_lays_down_none(ours: Case, signatory: Any, clock: Any, hear: Any) -> None:
    hear(ours, "conditions_offered", conditions=[CONDITION])
    assert said(decline_conditions(signatory, ours, **WORDS, now=clock.now)).kind == "conditions_declined"
    assert not ours.limits.exists()


def test_a_postponement_is_shown_with_its_ground_and_taken_back_by_the_status(ours: Case, hear: Any) -> None:
    item = {"number": 1, "ground": {"cite": ONGOING}}
    hear(ours, "postponement", items=[item], until=None, consulted=True)
    assert (ours.actual, ours.items.get().ground) == ("postponed", ONGOING)
    hear(ours, "status", items=[{"number": 1, "actual": "registered", "note": ""}])
    assert (ours.actual, ours.items.get().ground) == ("registered", "")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("obstacle", {"expected": None}, "registered"),
        ("forwarded", {"competent": "Ministry"}, "forwarded"),
        ("confidentiality_impossible", {}, "registered"),
        ("costs", {"amount": "10 000 USD"}, "registered"),
    ],
)
def test_what_the_requested_side_tells_is_heard(
    ours: Case, hear: Any, kind: str, body: dict[str, Any], status: str
) -> None:
    row = hear(ours, kind, **body)
    assert ours.actual == status
    assert ours.events.last().kind == f"{kind}_received"
    assert row.case_reference == ours.reference


def test_the_requesting_side_says_whether_to_go_on_without_confidentiality(
    ours: Case, signatory: Any, clock: Any, hear: Any
) -> None:
    row = hear(ours, "confidentiality_impossible")
    assert said(reply_to_consultation(signatory, ours, **WORDS, now=clock.now)).answers == [str(row.id)]


# --- hostile letters


HEARD = {
    "supplement_asked": {"deficiencies": []},
    "status": {"items": [{"number": 1, "actual": "executed", "note": ""}]},
    "postponement": {"items": [{"number": 1, "ground": {"cite": ONGOING}}], "until": None, "consulted": True},
    "conditions_offered": {"conditions": [CONDITION]},
    "obstacle": {"expected": None},
    "forwarded": {"competent": "Ministry"},
    "confidentiality_impossible": {},
    "costs": {"amount": "1"},
    "consultation": {"by": "requested", "about": "other"},
}


@pytest.mark.parametrize("kind", sorted(HEARD))
def test_a_stale_letter_of_the_dialogue_is_refused_and_changes_nothing(
    ours: Case, arrive: Any, from_xb: Any, kind: str
) -> None:
    answering = [str(Letter.objects.get(kind="request").id)]
    body = {"items": [{"number": 1}], **WORDS} | HEARD[kind]
    before = facts_of(ours)
    stale = heads(ours) | {"generation": ours.received_generation}
    with pytest.raises(GenerationStaleError):
        arrive(from_xb(kind, body, answers=answering, **stale))
    assert nothing_changed(ours, before)


@pytest.mark.parametrize("kind", sorted(HEARD))
def test_a_letter_about_an_item_that_is_not_there_is_refused_whole(ours: Case, hear: Any, kind: str) -> None:
    body = HEARD[kind]
    items = [*body.get("items", [{"number": 1}])]  # type: ignore[misc]
    before = facts_of(ours)
    with pytest.raises(hearing.ItemUnknownError):
        hear(ours, kind, **body | {"items": [*items, {**items[0], "number": 7}]})
    assert nothing_changed(ours, before)


@pytest.mark.parametrize("kind", sorted(set(HEARD) - {"consultation"}))
def test_a_letter_that_answers_what_nobody_wrote_is_refused(ours: Case, hear: Any, kind: str) -> None:
    before = facts_of(ours)
    with pytest.raises(hearing.AnswerUnknownError):
        hear(ours, kind, answering=["3f6c1f0a-9d3b-4c53-8a44-1c2f7c0b6e01"], **HEARD[kind])
    assert nothing_changed(ours, before)


@pytest.mark.parametrize("kind", sorted(HEARD))
def test_the_side_that_is_asked_takes_no_such_letter_from_the_side_that_asks(
    asked: Case, arrive: Any, from_xb: Any, kind: str
) -> None:
    """Only the requested side says what has become of an item, however its letter names the case."""
    body = {"items": [{"number": 1}], **WORDS} | HEARD[kind]
    before = facts_of(asked)
    with pytest.raises(CaseUnknownError):
        arrive(from_xb(kind, body, **heads(asked)))
    assert nothing_changed(asked, before)


def test_a_reply_under_another_reference_than_the_registered_one_is_refused(
    ours: Case, arrive: Any, from_xb: Any
) -> None:
    body = {"items": [{"number": 1}], **WORDS, "expected": None}
    other = heads(ours)
    other["case"] = other["case"] | {"requested": "XB-2027-000010"}
    with pytest.raises(CaseUnknownError):
        arrive(from_xb("obstacle", body, **other))


def test_a_reply_of_the_same_side_meets_no_duty(asked: Case, officer: Any, clock: Any) -> None:
    asked_letter = consult(officer, asked, [1], about="postponement", **WORDS, now=clock.now)
    forged = reply(asked, [str(asked_letter.id)])
    Letter.objects.create(
        id=uuid.uuid4(),
        kind="consultation_reply",
        direction=Direction.OUT,
        peer=asked.peer,
        case_reference=asked.reference,
        generation=9,
        stage=Stage.DELIVERED,
        canonical=canonical.write(
            forged | {"people": [], "limits": [], "attachments": [], "written_at": "", "expires_at": ""}
        ),
        stage_at=clock.now,
        expires_at=clock.now,
    )
    assert not answers.consulted(asked, "postponement", [1])


# --- what stands open


def test_what_waits_for_an_answer_stands_first(asked: Case, officer: Any, hear: Any) -> None:
    assert not any(each.answers for each in openings(asked, officer, asked.items.all()))
    hear(asked, "status_asked")
    first = next(iter(openings(asked, officer, list(asked.items.all()))))
    assert (first.turn.act, first.answers) == ("tell_status", True)


def test_turns_stand_by_their_purpose_and_none_is_lost(asked: Case, officer: Any, hear: Any) -> None:
    before = by_purpose(list(openings(asked, officer, list(asked.items.all()))))
    assert before[0].name == "course"
    hear(asked, "status_asked")
    found = list(openings(asked, officer, list(asked.items.all())))
    rows = by_purpose(found)
    assert [each.turn.act for each in rows[0].openings] == ["tell_status"]
    assert rows[0].name == "waited_for"
    assert sorted(each.turn.act for row in rows for each in row.openings) == sorted(
        each.turn.act for each in found
    )


def test_a_purpose_names_only_turns_that_exist_and_each_once() -> None:
    named = [act for acts in PURPOSES.values() for act in acts]
    assert set(named) <= set(TURNS)
    assert len(named) == len(set(named))


def test_postponement_is_blocked_where_no_provision_lets_it_be(
    arrive: Any, from_xb: Any, officer: Any, clock: Any
) -> None:
    arrive(from_xb("request", request_body()))  # preservation cannot be postponed
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    found = {each.turn.act: each.blocked for each in openings(case, officer, list(case.items.all()))}
    assert found["postpone_execution"]
    assert not found["offer_conditions"]
