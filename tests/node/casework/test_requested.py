"""The requested side: registration, orders, report, result, refusal."""

from __future__ import annotations

import re
import uuid
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import by_two, facts, request_body
from tests.node.terms import TERMS

from comity import canonical
from comity.letters.bodies import digest
from comity.node.accounts.authority import FourEyesError
from comity.node.casework import domestic, duties, incoming, ordering, preparing, signing
from comity.node.casework.acts.consult import consult
from comity.node.casework.acts.order_preservation import order_preservation
from comity.node.casework.acts.order_production import order_production
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.refuse_execution import refuse_execution
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.report_preservation import report_preservation
from comity.node.casework.models import Case, Prepared
from comity.node.casework.opinions import GroundNotPermittedError
from comity.node.casework.receiving import GenerationStaleError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits import custody
from comity.node.exhibits.models import Exhibit
from comity.node.jobs import outbox
from comity.node.orders import answers, sending
from comity.node.orders.models import Order
from comity.node.pages.law import short_label

SECURITY = "uncc:art_40__para_21__point_b"


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are carried; letters stay frozen."""
    work = {**sending.HANDLERS, "exchange.seal": lambda payload, now: None}
    monkeypatch.setattr(outbox, "_handlers", work)
    monkeypatch.setattr(answers, "_listeners", [ordering.on_answer])


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "executing_officer", "duty_officer", "signatory", "custodian")


@pytest.fixture
def case(arrive: Any, from_xb: Any) -> Case:
    """A request for preservation that arrived."""
    arrive(from_xb("request", request_body()))
    return Case.objects.get()


@pytest.fixture
def registered(case: Case, officer: Any, clock: Any) -> Case:
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


def order(officer: Any, case: Case, provider: Any, clock: Any, act: Any = order_preservation) -> Any:
    return act(officer, case, case.items.get(), provider=provider, terms=TERMS, now=clock.now)


def said(kind: str) -> dict[str, Any]:
    row = Letter.objects.get(direction=Direction.OUT, kind=kind)
    document: dict[str, Any] = canonical.read(bytes(row.canonical))
    return document


def test_a_request_that_arrives_is_a_case_of_this_side(case: Case) -> None:
    assert (case.reference, case.peer_reference) == ("XA-2027-000001", "XB-2027-000007")
    assert (case.desired, case.actual, case.heading) == (
        "preserved",
        "",
        "What is to be said of subject_and_nature.",
    )
    assert (case.opinion or {})["recommended"] == "uncc"


def test_the_senders_view_of_treaty_status_is_not_taken_over(arrive: Any, from_xb: Any) -> None:
    body = request_body()
    body["facts"]["status"] = {"uncc": {"in_force_since": None}}
    arrive(from_xb("request", body))
    assert Case.objects.get().opinion["recommended"] == "uncc"


def test_a_request_about_other_states_is_refused(arrive: Any, from_xb: Any) -> None:
    body = request_body() | {"facts": facts("XB", "XC")}
    with pytest.raises(incoming.StatesDifferError):
        arrive(from_xb("request", body))
    assert not Case.objects.exists()


def test_an_older_generation_of_a_request_is_refused(case: Case, arrive: Any, from_xb: Any) -> None:
    with pytest.raises(GenerationStaleError):
        arrive(from_xb("request", request_body("access_stored_data")))
    case.refresh_from_db()
    assert case.desired == "preserved"


def test_registration_tells_the_reference_and_every_items_status(registered: Case) -> None:
    body = said("registration")["body"]
    assert (body["reference"], body["items"]) == (
        registered.reference,
        [{"number": 1, "actual": "registered"}],
    )
    assert said("registration")["case"] == {"requesting": "XB-2027-000007", "requested": registered.reference}


def test_registering_a_further_request_leaves_items_alone_that_it_does_not_name(
    arrive: Any, from_xb: Any, officer: Any, clock: Any, consulted: Any
) -> None:
    body = request_body()
    body["items"] = [body["items"][0], {**body["items"][0], "number": 2}]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    consulted(case, "refusal", [2])
    by_two(refuse_execution)(
        officer, case, case.items.get(number=2), ground=SECURITY, reasons="x", now=clock.now
    )
    arrive(from_xb("request", request_body("access_stored_data"), generation=3))
    register_request(officer, case, now=clock.now)
    assert list(case.items.values_list("actual", flat=True)) == ["registered", "refused"]


def test_a_request_is_registered_once(registered: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        register_request(officer, registered, now=clock.now)


def test_nothing_is_ordered_before_registration(
    case: Case,
    officer: Any,
    post_example: Any,
    clock: Any,
) -> None:
    with pytest.raises(NotNowError):
        order(officer, case, post_example, clock)


def test_an_order_never_goes_beyond_the_request(
    registered: Case,
    officer: Any,
    post_example: Any,
    clock: Any,
) -> None:
    with pytest.raises(domestic.NotAskedError):
        order(officer, registered, post_example, clock, order_production)


def test_a_provider_gets_one_order_of_a_kind_for_an_item(
    registered: Case,
    officer: Any,
    post_example: Any,
    clock: Any,
) -> None:
    order(officer, registered, post_example, clock)
    with pytest.raises(ordering.OrderRepeatedError):
        order(officer, registered, post_example, clock)


def test_preservation_is_reported_only_after_the_provider_did_it(
    registered: Case,
    officer: Any,
    post_example: Any,
    clock: Any,
    run_jobs: Any,
) -> None:
    order(officer, registered, post_example, clock)
    with pytest.raises(NotNowError):
        report_preservation(officer, registered, now=clock.now)
    run_jobs()
    report_preservation(officer, registered, now=clock.now)
    body, running = said("preservation_done")["body"], Clock.objects.get(kind="preservation_minimum")
    assert running.due_at - running.starts_at == timedelta(days=60)
    assert body["until"] == canonical.instant_text(running.due_at)
    assert body["clock"] == {"id": "preservation_minimum", "cite": "uncc:art_42__para_8"}
    registered.refresh_from_db()
    assert registered.actual == "preserved"


@pytest.fixture
def producing(
    registered: Case,
    officer: Any,
    post_example: Any,
    clock: Any,
    run_jobs: Any,
    arrive: Any,
    from_xb: Any,
) -> Case:
    """Preserved, reported, access asked and registered, produced by the provider."""
    order(officer, registered, post_example, clock)
    run_jobs()
    report_preservation(officer, registered, now=clock.now)
    arrive(from_xb("request", request_body("access_stored_data"), generation=2))
    register_request(officer, registered, now=clock.now)
    order(officer, registered, post_example, clock, order_production)
    run_jobs()
    registered.refresh_from_db()
    return registered


def test_the_request_for_access_makes_preservation_last_until_the_decision(producing: Case) -> None:
    assert Clock.objects.filter(kind="preservation_order_maximum", of="requested").exists()
    of_orders = ("preservation_order_maximum", "order_end")
    old, new = Clock.objects.exclude(kind__in=of_orders).order_by("id")
    assert (old.state, new.kind, new.state) == (ClockState.REPLACED, "preservation_until_decision", "running")


def test_the_result_carries_exhibits_custody_and_limits(
    producing: Case, officer: Any, official: Any, clock: Any
) -> None:
    prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now)
    release_result(official("signatory"), producing, now=clock.now)
    letter = said("result")
    exhibits = {str(each.id): each for each in Exhibit.objects.all()}
    assert {each["exhibit"] for each in letter["attachments"]} == set(exhibits)
    assert {each["sha256"] for each in letter["attachments"]} == {each.sha256 for each in exhibits.values()}
    limits = {each["id"] for each in letter["limits"]}
    assert "stated_purpose_only" in limits
    assert "personal_data_conditions" not in limits  # this State's law is not known to ask for them
    for exhibit in exhibits.values():
        assert [record["act"] for record in custody.chain(exhibit)] == ["received", "hashed", "sent"]
    producing.refresh_from_db()
    assert (producing.actual, producing.draft) == ("executed", None)
    assert Clock.objects.order_by("id").last().state == ClockState.MET


def test_the_result_is_prepared_and_released_with_its_translation(
    producing: Case, officer: Any, official: Any, clock: Any
) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    form = {"authenticity": "Exact copies.", "outcome_1": "executed", "note_1": "", "spoken-language": "en"}
    page = client.post(f"/requests/{producing.reference}/result", form | {"sealing": "translate"})
    assert (page.status_code, page.context["rows"] == []) == (200, not page.context["into"])
    producing.refresh_from_db()
    assert producing.draft is None  # it was put together only to be translated
    made = {
        "spoken-into": "ru",
        "spoken-text_authenticity": "Точные копии.",
        "spoken-seen_authenticity": digest("Exact copies."),
    }
    answer = client.post(f"/requests/{producing.reference}/result", form | made)
    assert (answer.status_code, "translation_unready" in answer.content.decode()) == (409, True)
    who = {"spoken-kind": "official", "spoken-name": "T. Translator", "spoken-post": "Translator"}
    assert client.post(f"/requests/{producing.reference}/result", form | made | who).status_code == 302
    producing.refresh_from_db()
    release_result(official("signatory"), producing, now=clock.now)
    (translation,) = said("result")["body"]["translations"]
    assert translation["texts"]["authenticity"]["text"] == "Точные копии."


def test_an_official_may_lay_down_a_limit_that_hangs_on_an_unknown_fact(
    producing: Case, officer: Any, clock: Any
) -> None:
    prepare_result(officer, producing, authenticity="x", limits={"personal_data_conditions"}, now=clock.now)
    producing.refresh_from_db()
    assert [each["id"] for each in producing.draft["limits"]] == ["personal_data_conditions"]


def test_no_result_while_a_provider_still_has_to_answer(producing: Case, officer: Any, clock: Any) -> None:
    produce = Order.objects.filter(kind="produce")
    produce.update(state="received")  # some of its files are here, others may be on their way
    with pytest.raises(NotNowError):
        prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now)
    produce.update(state="done")
    assert prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now).draft


def test_who_prepared_the_result_cannot_release_it(producing: Case, officer: Any, clock: Any) -> None:
    prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now)
    with pytest.raises(FourEyesError):
        release_result(officer, producing, now=clock.now)
    assert not Letter.objects.filter(kind="result").exists()


def test_a_result_is_released_once(producing: Case, officer: Any, official: Any, clock: Any) -> None:
    second = official("signatory")
    prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now)
    release_result(second, producing, now=clock.now)
    with pytest.raises(NotNowError):
        release_result(second, producing, now=clock.now)


@pytest.mark.parametrize("change", [{"actual": "postponed"}, {"desired": "withdrawn"}])
def test_what_was_postponed_or_withdrawn_since_is_not_released(
    producing: Case, officer: Any, official: Any, clock: Any, change: dict[str, str]
) -> None:
    prepare_result(officer, producing, authenticity="Exact copies.", now=clock.now)
    producing.items.update(**change)
    with pytest.raises(NotNowError):
        release_result(official("signatory"), producing, now=clock.now)
    assert not Letter.objects.filter(kind="result").exists()


@pytest.mark.parametrize("actual", ["deficient", "postponed", "forwarded"])
def test_nothing_is_ordered_for_an_item_that_waits(
    registered: Case, officer: Any, post_example: Any, clock: Any, actual: str
) -> None:
    registered.items.update(actual=actual)
    with pytest.raises(NotNowError):
        order(officer, registered, post_example, clock)


def test_no_result_without_evidence(registered: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        prepare_result(officer, registered, authenticity="x", now=clock.now)


def refuse(officer: Any, case: Case, clock: Any, **changes: Any) -> Any:
    values = {"ground": SECURITY, "reasons": "It would harm security.", "now": clock.now}
    return by_two(refuse_execution)(officer, case, case.items.get(), **(values | changes))


def test_a_permitted_ground_with_reasons_after_consultation_refuses_the_item(
    registered: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    consulted(registered, "refusal")
    refuse(officer, registered, clock)
    body = said("refusal")["body"]
    assert body["consulted"]
    assert body["items"] == [
        {"number": 1, "ground": {"cite": SECURITY}, "reasons": "It would harm security."}
    ]
    registered.refresh_from_db()
    assert registered.actual == "refused"


@pytest.mark.parametrize(
    "ground",
    [
        "uncc:art_42__para_4",
        "uncc:art_40__para_8__ground_1",
        "uncc:art_40__para_24",
        "uncc:art_40__para_27",
        "x",
    ],
)
def test_a_ground_the_treaty_does_not_permit_cannot_be_chosen(
    registered: Case, officer: Any, clock: Any, ground: str
) -> None:
    with pytest.raises(GroundNotPermittedError):
        refuse(officer, registered, clock, ground=ground)


def test_a_refusal_without_reasons_is_held_up_with_the_provision(
    registered: Case, officer: Any, clock: Any, consulted: Any
) -> None:
    consulted(registered, "refusal")
    with pytest.raises(duties.DutiesUnmetError, match=re.escape(short_label("uncc:art_40__para_25"))):
        refuse(officer, registered, clock, reasons="  ")
    assert not Letter.objects.filter(kind="refusal").exists()


@pytest.mark.parametrize("about", [None, "postponement", "unanswered"])
def test_a_refusal_waits_for_a_consultation_on_it_and_its_reply(
    registered: Case, officer: Any, clock: Any, consulted: Any, about: str | None
) -> None:
    if about == "unanswered":
        consult(officer, registered, [1], text="Could it be done otherwise?", about="refusal", now=clock.now)
    elif about:
        consulted(registered, about)
    with pytest.raises(duties.DutiesUnmetError, match=re.escape(short_label("uncc:art_40__para_28"))):
        refuse(officer, registered, clock)
    assert not Letter.objects.filter(kind="refusal").exists()
    assert registered.items.get().actual == "registered"


@pytest.mark.parametrize(("before", "held_up"), [(True, True), (False, False)])
def test_what_is_owed_only_after_a_refusal_does_not_hold_it_up(
    registered: Case, officer: Any, clock: Any, consulted: Any, before: bool, held_up: bool
) -> None:
    consulted(registered, "refusal")
    registered.refresh_from_db()
    owed = {"id": "submit_for_prosecution", "on": "refuse", "before": before, "of": "requested"}
    registered.opinion["duties"].append(owed | {"cite": "uncc:art_37__para_11"})  # type: ignore[index]
    registered.save()
    if held_up:
        with pytest.raises(duties.DutiesUnmetError):
            refuse(officer, registered, clock)
    else:
        assert refuse(officer, registered, clock).kind == "refusal"


def test_the_requested_side_cannot_change_what_is_asked(registered: Case, official: Any, clock: Any) -> None:
    from comity.node.casework.acts.save_draft import save_draft

    with pytest.raises(WrongSideError):
        save_draft(official("drafter", "registrar"), registered, {}, now=clock.now)


# --- two for a letter that decides: the act itself asks


@pytest.mark.parametrize("watched", [True, False])
def test_the_act_itself_refuses_one_persons_refusal(
    registered: Case, officer: Any, clock: Any, consulted: Any, monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    """No page and no program is in between. Unwatched, the negative control, the same goes through."""
    consulted(registered, "refusal")
    registered.refresh_from_db()
    said = {"ground": SECURITY, "reasons": "It would harm security.", "now": clock.now}
    made = Prepared.objects.create(
        case=registered,
        act="refuse_execution",
        entered=[],
        by=officer,
        at=clock.now,
        sent=registered.sent_generation,
        received=registered.received_generation,
    )
    if watched:
        with pytest.raises(preparing.NotPreparedError):
            refuse_execution(officer, registered, registered.items.get(), **said)
    else:
        monkeypatch.setattr(signing, "demand_two", lambda official, act, case: None)
    own = signing.held(signing.Ceremony(uuid.uuid4(), prepared=made))
    with own, pytest.raises(FourEyesError) if watched else nullcontext():
        refuse_execution(officer, registered, registered.items.get(), **said)
    assert Letter.objects.filter(kind="refusal").exists() != watched
