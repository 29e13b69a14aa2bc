"""The path of a preserved communication: disclosed or withheld on one side, followed on the other."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import by_two, facts, heads, request_body

from comity import canonical
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import duties, finding, opinions
from comity.node.casework.acts.disclose_path import disclose_path, withhold_path
from comity.node.casework.acts.follow_path import PathUnknownError, follow_path
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.dialogue import hearing, openings, path
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.directory import known
from comity.node.exchange.models import Letter

SOVEREIGNTY = "uncc:art_40__para_21__point_b"
WORDS = {"text": "Words for the other side."}
HOP = {
    "state": "XB",
    "provider": "Relay of mail",
    "identifier": "relay.example",
    "period": {"from": "2027-06-01T00:00:00Z", "to": "2027-06-02T00:00:00Z"},
}


@pytest.fixture
def officer(official: Any) -> Any:
    return official("duty_officer", "signatory")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, official: Any, clock: Any) -> Case:
    arrive(from_xb("request", request_body()))
    case = Case.objects.get()
    register_request(official("registrar"), case, now=clock.now)
    case.refresh_from_db()
    return case


def said(letter: Letter) -> Any:
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    return document


def providers(clock: Any) -> list[path.Provider]:
    period = (clock.now - timedelta(hours=2), clock.now)
    return [path.Provider("XC", "Relay of mail", "relay.example", period), path.Provider("UZ", "Mail")]


def test_the_path_is_disclosed_in_its_order_with_the_limits_of_the_treaty(
    asked: Case, officer: Any, clock: Any
) -> None:
    letter = by_two(disclose_path)(officer, asked, [1], providers=providers(clock), **WORDS, now=clock.now)
    document = said(letter)
    assert [(one.state, one.provider, one.identifier) for one in document.body.path] == [
        ("XC", "Relay of mail", "relay.example"),
        ("UZ", "Mail", ""),
    ]
    assert document.body.path[0].period.end == canonical.instant_text(clock.now)
    assert [limit.id for limit in document.limits] == ["stated_purpose_only"]
    assert [limit.limit for limit in asked.limits.all()] == ["stated_purpose_only"]
    assert asked.items.get().actual == "registered"


def test_only_traffic_data_have_a_path_and_only_where_a_provision_asks_for_it(
    asked: Case, officer: Any, clock: Any
) -> None:
    opinion = asked.opinion or {}
    duties_left = [one for one in opinion["duties"] if one["on"] != opinions.DISCLOSE_PATH]
    Case.objects.update(opinion=opinion | {"duties": duties_left})
    with pytest.raises(opinions.RuleMissingError):
        by_two(disclose_path)(officer, asked, [1], providers=providers(clock), **WORDS, now=clock.now)
    Case.objects.update(opinion=opinion)
    asked.items.update(data_kinds=["content"])
    with pytest.raises(NotNowError):
        by_two(disclose_path)(officer, asked, [1], providers=providers(clock), **WORDS, now=clock.now)


def test_the_grounds_offered_are_those_alone_that_the_provision_names(
    asked: Case, officer: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = [one["cite"] for one in path.grounds(asked, clock.now)]
    point = "uncc:art_40__para_21__point_"
    assert offered == [f"{point}b", f"{point}c", "uncc:art_40__para_22"]
    (item,) = asked.items.all()
    turn = TURNS["withhold_path"]
    assert openings.opening(asked, turn, [item], []).blocked == ""
    monkeypatch.setattr(path, "grounds", lambda *_: [])
    assert openings.opening(asked, turn, [item], []).blocked


def test_the_path_is_withheld_only_on_a_permitted_ground_after_consultation(
    asked: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    with pytest.raises(duties.DutiesUnmetError):
        by_two(withhold_path)(officer, asked, [1], ground=SOVEREIGNTY, **WORDS, now=clock.now)
    consulted(asked, "refusal")
    for ground in ("uncc:art_40__para_8__ground_1", "uncc:art_42__para_5", "uncc:art_40__para_27"):
        with pytest.raises(opinions.GroundNotPermittedError):
            by_two(withhold_path)(officer, asked, [1], ground=ground, **WORDS, now=clock.now)
    letter = by_two(withhold_path)(officer, asked, [1], ground=SOVEREIGNTY, **WORDS, now=clock.now)
    assert (said(letter).body.path, said(letter).body.withheld.cite) == ([], SOVEREIGNTY)
    assert asked.items.get().actual == "registered"  # the item itself is not refused


@pytest.fixture
def told(preserved_there: Case, arrive: Any, from_xb: Any) -> Letter:
    """State XB has disclosed a path to this side."""
    answering = [str(Letter.objects.get(kind="request").id)]
    body = {"items": [{"number": 1}], **WORDS, "path": [HOP], "withheld": None}
    limits = [{"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None}]
    document = from_xb("path_disclosure", body, answers=answering, limits=limits, **heads(preserved_there))
    return arrive(document)  # type: ignore[no-any-return]


def test_a_disclosed_path_is_heard_and_its_limits_bind(told: Letter, preserved_there: Case) -> None:
    assert [letter.id for letter, _ in path.received(preserved_there)] == [told.id]
    assert preserved_there.limits.get().letter == told.id
    assert preserved_there.items.get().actual == "preserved"


def test_a_path_is_followed_by_the_draft_of_a_related_request(
    told: Letter, preserved_there: Case, drafter: Any, official: Any, clock: Any
) -> None:
    opened = follow_path(
        drafter, preserved_there, letter=str(told.id), place=1, peer=known.find("xb-247"), now=clock.now
    )
    draft = opened.draft or {}
    assert (opened.preparation, opened.peer_id, draft["measure"]) == ("draft", "xb-247", "preserve_data")
    assert draft["items"][0]["period"] == HOP["period"]
    assert draft["contents"]["custodian_or_location"] == "Relay of mail\nrelay.example"
    assert draft["contents"]["facts"] == "What is to be said of facts."
    assert opened.facts["offences"][0]["criminal_in"] == {"XA": True}
    assert "assessment" not in opened.facts
    for case, other in ((preserved_there, opened), (opened, preserved_there)):
        assert case.events.get(kind="path_followed").params["reference"] == other.reference
    registrar = official("registrar")
    assert finding.linked(registrar, preserved_there) == [opened]
    assert finding.related(registrar, preserved_there) == []  # of the same item, and shown once
    assert finding.related_by_person(registrar, preserved_there) == []


def test_a_path_is_followed_only_where_it_leads(
    told: Letter, preserved_there: Case, drafter: Any, official: Any, clock: Any
) -> None:
    def follow(person: Any = drafter, letter: str = str(told.id), place: int = 1) -> Case:
        peer = known.find("xb-247")
        return follow_path(person, preserved_there, letter=letter, place=place, peer=peer, now=clock.now)

    for place in (0, 2):
        with pytest.raises(PathUnknownError):
            follow(place=place)
    with pytest.raises(PathUnknownError):
        follow(letter=str(uuid.uuid4()))
    with pytest.raises(NotAuthorisedError):
        follow(person=official("custodian"))
    elsewhere = canonical.read(bytes(told.canonical or b""))
    elsewhere["body"]["path"][0]["state"] = "XC"
    Letter.objects.filter(pk=told.pk).update(canonical=canonical.write(elsewhere))
    with pytest.raises(PeerOfAnotherStateError):
        follow()
    assert Case.objects.count() == 1


def test_a_path_about_an_item_that_is_not_there_is_refused_whole(
    preserved_there: Case, arrive: Any, from_xb: Any
) -> None:
    answering = [str(Letter.objects.get(kind="request").id)]
    body = {"items": [{"number": 7}], **WORDS, "path": [HOP], "withheld": None}
    with pytest.raises(hearing.ItemUnknownError):
        arrive(from_xb("path_disclosure", body, answers=answering, **heads(preserved_there)))
    assert path.received(preserved_there) == []


def test_facts_of_the_state_that_was_asked_before_stay_behind() -> None:
    from comity.node.casework.acts.follow_path import _facts

    case = Case(facts=facts() | {"assessment": {"XB": {"foreign_provider_involved": True}}, "status": {}})
    carried = _facts(case, {"state": "XC"})
    assert (carried["requested_state"], carried["measure"]) == ("XC", "preserve_data")
    assert not carried.keys() & {"assessment", "status", "agreements", "declaration"}
