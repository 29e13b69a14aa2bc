"""The use of what was received: limits bar it until a permission covers it; a disclosure that exculpates."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import WORDS, by_two, facts, facts_of, heads, nothing_changed, reply, said

from comity import canonical
from comity.letters.validation import LetterUnsoundError, find_problems
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.casework import duties, limits, opinions, permissions, uses
from comity.node.casework.acts.ask_onward_permission import ask_onward_permission
from comity.node.casework.acts.ask_use_permission import ask_use_permission
from comity.node.casework.acts.consult_on_disclosure import consult_on_disclosure
from comity.node.casework.acts.decline_permission import decline_use_permission
from comity.node.casework.acts.grant_permission import grant_onward_permission, grant_use_permission
from comity.node.casework.acts.notify_exculpatory_disclosure import notify_exculpatory_disclosure
from comity.node.casework.acts.record_disclosure import record_disclosure
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.acts.reply_to_consultation import reply_to_consultation
from comity.node.casework.acts.save_draft import draft_follow_up
from comity.node.casework.dialogue import answers, hearing
from comity.node.casework.dialogue.saying import NothingToAnswerError
from comity.node.casework.models import Case, Event, Limit, Purpose, Use
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.exchange.models import Letter, Stage
from comity.node.exhibits.models import CustodyRecord, Exhibit
from comity.node.exhibits.reading import ExhibitDestroyedError
from comity.node.ledger.models import Entry
from comity.node.pages.law import short_label

OTHER_USE = "uncc:art_40__para_19"
ONWARD = "uncc:art_36__para_3"
NAMED = ["Case 77 of the City Court", "Case 78 of the City Court"]
HERE = {
    "purpose": "other_proceedings",
    "use": "The investigation into a second bank.",
    "proceedings": NAMED,
}
ABROAD = {"purpose": "third_state", "recipient": "State XC", "use": "Its investigation."}


@pytest.fixture
def holder(official: Any) -> Any:
    return official("drafter", "signatory", "custodian")


@pytest.fixture
def held(ours: Case, clock: Any) -> Case:
    """Item 1 was executed: something was received."""
    ours.items.update(actual="executed")
    ours.actual, ours.opinion = "executed", opinions.form(facts(measure="access_stored_data"), clock.now)
    ours.save()
    return ours


@pytest.fixture
def given(asked: Case) -> Case:
    """The other side of the same: this side executed item 1."""
    asked.items.update(actual="executed")
    asked.actual = "executed"
    asked.save()
    return asked


@pytest.fixture
def exhibit(held: Case, clock: Any) -> Exhibit:
    return _exhibit(held, clock.now)


def _exhibit(case: Case, now: Any, number: str = "E1", **changes: Any) -> Exhibit:
    columns: dict[str, Any] = {
        "id": uuid.uuid4(),
        "number": f"{case.reference}-{number}",
        "case_reference": case.reference,
        "item_number": 1,
        "raw_name": "log.txt",
        "source": "XB",
        "media_type": "text/plain",
        "bytes": 1,
        "sha256": "0" * 64,
        "wrapped_key": b"-",
        "origin": case.peer_id,
        "letter": uuid.uuid4(),
        "taken_in_at": now,
    }
    return Exhibit.objects.create(**columns | changes)


def use(official: Any, case: Case, now: Any, **changes: Any) -> Use:
    told: dict[str, Any] = {"purpose": "own_proceedings", "description": "Read out at the hearing."}
    told["proceedings"] = NAMED[0]
    return record_use(official, case, [1], **told | changes, now=now)


def granted(hear: Any, case: Case, letter: Letter, **changes: Any) -> Letter:
    """State XB permits what a letter of ours asks for."""
    kind = letter.kind.replace("asked", "granted")
    wanted = permissions.asked_in(canonical.read(bytes(letter.canonical or b""))["body"])
    body = wanted | {"conditions": [], "until": None} | changes
    return hear(case, kind, answering=[str(letter.id)], **body)  # type: ignore[no-any-return]


# --- what the limits bar


def test_the_proceedings_of_the_request_need_no_permission(held: Case, holder: Any, clock: Any) -> None:
    made = use(holder, held, clock.now)
    assert (made.permission, made.items) == (None, [1])
    assert Event.objects.get(kind="use_recorded").params == {"purpose": "own_proceedings"}
    assert Entry.objects.filter(kind="use_recorded", subject=held.reference).exists()


@pytest.mark.parametrize(
    ("purpose", "cite"),
    [
        ("other_proceedings", OTHER_USE),
        ("organisation_inside", OTHER_USE),
        ("third_state", ONWARD),
        ("international_organisation", ONWARD),
    ],
)
def test_a_use_beyond_the_limits_is_barred_with_its_provision(
    held: Case, holder: Any, clock: Any, purpose: str, cite: str
) -> None:
    with pytest.raises(uses.PermissionNeededError, match=re.escape(short_label(cite))):
        use(holder, held, clock.now, purpose=purpose, recipient="State XC")
    assert not Use.objects.exists()


def test_a_further_request_frees_nothing_that_came_before(
    held: Case, holder: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    formed = opinions.form

    def without_limits(*told: Any) -> Any:
        return {**formed(*told), "limits": []}

    monkeypatch.setattr(opinions, "form", without_limits)
    case = draft_follow_up(holder, held, "access_stored_data", now=clock.now)
    with pytest.raises(uses.PermissionNeededError, match=re.escape(short_label(OTHER_USE))):
        use(holder, case, clock.now, purpose="other_proceedings")
    assert {each.letter for each in case.limits.all()} == {Letter.objects.get(kind="request").pk}


def test_without_a_limit_nothing_bars_the_same_use(held: Case, holder: Any, clock: Any) -> None:
    held.opinion["limits"] = []  # type: ignore[index]
    held.save()
    assert use(holder, held, clock.now, purpose="other_proceedings")


def test_a_limit_that_came_with_a_letter_bars_where_the_treaty_has_none(
    held: Case, holder: Any, clock: Any
) -> None:
    held.opinion["limits"] = []  # type: ignore[index]
    held.save()
    limit = {"id": "stated_purpose_only", "cite": "uncc:art_40__para_28", "text": "Only here."}
    limits.lay_down(held, [limit], uuid.uuid4(), clock.now)
    with pytest.raises(uses.PermissionNeededError):
        use(holder, held, clock.now, purpose="other_proceedings")


def test_a_limit_that_does_not_apply_bars_nothing(held: Case, holder: Any, clock: Any) -> None:
    for each in held.opinion["limits"]:  # type: ignore[index]
        each["outcome"] = "does_not_apply"
    held.save()
    assert use(holder, held, clock.now, purpose="third_state", recipient="State XC")


def test_only_the_side_that_received_records_a_use_and_only_its_roles(
    held: Case, official: Any, holder: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        use(official("registrar"), held, clock.now)
    with pytest.raises(NothingThereError):
        use(official("drafter"), held, clock.now)
    Case.objects.update(side="requested")
    with pytest.raises(WrongSideError):
        use(holder, held, clock.now)


def test_nothing_is_used_of_an_item_that_brought_nothing(held: Case, holder: Any, clock: Any) -> None:
    held.items.update(actual="")
    with pytest.raises(NotNowError):
        use(holder, held, clock.now)


# --- exhibits


def test_the_use_of_an_exhibit_stands_in_its_custody(
    held: Case, holder: Any, exhibit: Exhibit, clock: Any
) -> None:
    made = use(holder, held, clock.now, exhibits=[str(exhibit.pk)])
    record = CustodyRecord.objects.get(exhibit=exhibit)
    assert (record.act, record.record["note"]) == ("used", "own_proceedings: Read out at the hearing.")
    assert made.exhibits == [exhibit.number]


def test_a_barred_use_leaves_no_custody(held: Case, holder: Any, exhibit: Exhibit, clock: Any) -> None:
    with pytest.raises(uses.PermissionNeededError):
        use(holder, held, clock.now, purpose="other_proceedings", exhibits=[str(exhibit.pk)])
    assert not CustodyRecord.objects.exists()


def test_only_what_was_received_and_is_still_there_is_used(
    held: Case, holder: Any, exhibit: Exhibit, clock: Any
) -> None:
    own = _exhibit(held, clock.now, "E2", origin="xa-247", letter=None)
    other = _exhibit(held, clock.now, "E3", case_reference="XA-2027-000099")
    for each in (own, other):
        with pytest.raises(uses.ExhibitNotReceivedError):
            use(holder, held, clock.now, exhibits=[str(each.pk)])
    Exhibit.objects.filter(pk=exhibit.pk).update(wrapped_key=None)
    with pytest.raises(ExhibitDestroyedError):
        use(holder, held, clock.now, exhibits=[str(exhibit.pk)])
    assert not Use.objects.exists()


# --- permission, on the side that asks


def test_a_permission_unblocks_exactly_what_was_asked(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    assert said(letter).body.provisions == [OTHER_USE]
    with pytest.raises(uses.PermissionNotCoveringError):  # asking is not having
        use(holder, held, clock.now, purpose="other_proceedings", permission=str(letter.id))
    row = granted(hear, held, letter)
    made = use(holder, held, clock.now, purpose="other_proceedings", permission=str(row.id))
    assert made.permission == row.id
    for purpose in ("organisation_inside", "third_state"):
        with pytest.raises(uses.PermissionNotCoveringError):
            use(holder, held, clock.now, purpose=purpose, recipient="State XC", permission=str(row.id))
    with pytest.raises(uses.PermissionNeededError):  # it must be named, too
        use(holder, held, clock.now, purpose="other_proceedings")


def test_a_permission_ends_with_its_day(held: Case, holder: Any, hear: Any, clock: Any) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    until = clock.now + timedelta(days=2)
    row = granted(hear, held, letter, until=canonical.instant_text(until))
    told = {"purpose": "other_proceedings", "permission": str(row.id)}
    assert use(holder, held, until, **told)
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, until + timedelta(seconds=1), **told)


def test_a_permission_of_one_exhibit_is_not_of_another(
    held: Case,
    holder: Any,
    hear: Any,
    exhibit: Exhibit,
    clock: Any,
) -> None:
    second = _exhibit(held, clock.now, "E2")
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, exhibits=[str(exhibit.pk)], now=clock.now)
    row = granted(hear, held, letter)
    told = {"purpose": "other_proceedings", "permission": str(row.id)}
    assert use(holder, held, clock.now, exhibits=[str(exhibit.pk)], **told)
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, clock.now, exhibits=[str(second.pk)], **told)


def test_a_declined_use_stays_barred(held: Case, holder: Any, hear: Any, clock: Any) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    row = hear(held, "use_permission_declined", answering=[str(letter.id)])
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, clock.now, purpose="other_proceedings", permission=str(row.id))


def test_conditions_of_a_permission_bind_as_limits(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    bound = {"id": "retention", "cite": OTHER_USE, "text": "Until the judgment."}
    row = granted(hear, held, letter, conditions=[bound])
    limit = Limit.objects.get(letter=row.id)
    assert (limit.limit, limit.cite, limit.text) == tuple(bound.values())


def test_there_is_nothing_to_ask_where_nothing_bars(held: Case, holder: Any, clock: Any) -> None:
    held.opinion["limits"] = []  # type: ignore[index]
    held.save()
    with pytest.raises(uses.PermissionNotNeededError):
        ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)


def test_data_go_to_a_third_state_only_as_the_first_sender_authorised(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    letter = ask_onward_permission(holder, held, [1], **WORDS, **ABROAD, now=clock.now)
    assert ONWARD in said(letter).body.provisions
    row = granted(hear, held, letter)
    told = {"purpose": "third_state", "permission": str(row.id)}
    assert use(holder, held, clock.now, recipient="State XC", **told).recipient == "State XC"
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, clock.now, recipient="State XD", **told)


# --- hostile answers


def test_a_grant_of_what_was_never_asked_is_refused_whole(
    held: Case,
    hear: Any,
) -> None:
    before = facts_of(held)
    body = {**HERE, "exhibits": [], "provisions": [OTHER_USE], "conditions": [], "until": None}
    with pytest.raises(hearing.AnswerUnknownError):
        hear(held, "use_permission_granted", answering=[str(uuid.uuid4())], **body)
    assert nothing_changed(held, before)


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "organisation_inside"},
        {"use": "Anything."},
        {"provisions": ["uncc:art_42"]},
        {"exhibits": [str(uuid.UUID(int=4 << 76 | 2 << 62))]},
    ],
)
def test_a_grant_of_another_use_is_refused_whole(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
    change: dict[str, Any],
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    held.refresh_from_db()
    before = facts_of(held)
    with pytest.raises(hearing.PermissionDiffersError):
        granted(hear, held, letter, **change)
    assert nothing_changed(held, before)
    granted(hear, held, letter)
    with pytest.raises(hearing.AnswerUnknownError):  # one answer, once
        hear(held, "use_permission_declined", answering=[str(letter.id)])


def test_a_grant_is_of_one_letter_and_covers_no_other(held: Case, holder: Any, hear: Any, clock: Any) -> None:
    inside = {"purpose": "organisation_inside", "use": "The tax office."}
    asked = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    other = ask_use_permission(holder, held, [1], **WORDS, **inside, now=clock.now)
    wanted = permissions.asked_in(canonical.read(bytes(asked.canonical or b""))["body"])
    body = wanted | {"conditions": [], "until": None}
    with pytest.raises((hearing.AnswerUnknownError, hearing.PermissionDiffersError)):
        hear(held, "use_permission_granted", answering=[str(asked.id), str(other.id)], **body)
    hear(held, "use_permission_declined", answering=[str(other.id)])
    with pytest.raises(hearing.AnswerUnknownError):  # what was declined is not granted along with another
        hear(held, "use_permission_granted", answering=[str(asked.id), str(other.id)], **body)
    row = granted(hear, held, asked)
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, clock.now, purpose="organisation_inside", permission=str(row.id))


def test_a_permission_whose_letter_was_refused_permits_nothing(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    row = granted(hear, held, letter)
    Letter.objects.filter(pk=row.pk).update(stage=Stage.REFUSED)
    with pytest.raises(uses.PermissionNotCoveringError):
        use(holder, held, clock.now, purpose="other_proceedings", permission=str(row.id))


def test_a_grant_of_ours_in_the_case_is_no_permission_for_us(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    row = granted(hear, held, letter)
    Letter.objects.filter(pk=row.pk).update(direction="out")
    assert permissions.granted_by(held, str(row.id)) is None


# --- permission, on the side that gives it


def asks(hear: Any, case: Case, **changes: Any) -> Any:
    body = {**HERE, "exhibits": [], "provisions": [OTHER_USE]} | changes
    return hear(case, "use_permission_asked", answering=[], **body)


def test_a_use_is_permitted_as_it_was_asked_and_the_conditions_bind_here_too(
    given: Case,
    officer: Any,
    hear: Any,
    clock: Any,
) -> None:
    row = asks(hear, given)
    until = clock.now + timedelta(days=30)
    letter = by_two(grant_use_permission)(
        officer, given, **WORDS, conditions=[("retention", "One year.")], until=until, now=clock.now
    )
    document = said(letter)
    assert (document.answers, document.body.use) == ([str(row.id)], HERE["use"])
    assert document.body.until == canonical.instant_text(until)
    assert Limit.objects.get(letter=letter.id).cite == OTHER_USE
    with pytest.raises(NothingToAnswerError):
        by_two(decline_use_permission)(officer, given, **WORDS, now=clock.now)


def test_nothing_is_permitted_that_nobody_asked(given: Case, officer: Any, clock: Any) -> None:
    for act in (grant_use_permission, grant_onward_permission, decline_use_permission):
        with pytest.raises(NothingToAnswerError):
            act(officer, given, **WORDS, now=clock.now)


def test_only_a_signatory_permits(given: Case, official: Any, hear: Any, clock: Any) -> None:
    asks(hear, given)
    with pytest.raises(NotAuthorisedError):
        by_two(grant_use_permission)(official("executing_officer"), given, **WORDS, now=clock.now)


def test_an_exhibit_that_was_never_given_cannot_be_asked_for(
    given: Case,
    hear: Any,
    clock: Any,
) -> None:
    before = facts_of(given)
    foreign = _exhibit(given, clock.now, case_reference="XA-2027-000099")
    with pytest.raises(hearing.ExhibitUnknownError):
        asks(hear, given, exhibits=[str(foreign.pk)])
    assert nothing_changed(given, before)


def test_a_permission_that_has_ended_before_it_is_given_is_not_given(
    given: Case, hear: Any, officer: Any, clock: Any
) -> None:
    asks(hear, given)
    with pytest.raises(LetterUnsoundError, match="permission_past"):
        by_two(grant_use_permission)(
            officer, given, **WORDS, until=clock.now - timedelta(days=1), now=clock.now
        )
    assert not Letter.objects.filter(kind="use_permission_granted").exists()


# --- what exculpates an accused person


def disclose(official: Any, case: Case, now: Any, **changes: Any) -> Use:
    return record_disclosure(
        official, case, [1], **{"description": "To the accused and counsel."} | changes, now=now
    )


def test_a_disclosure_asks_for_notice_and_is_barred_by_no_limit(
    held: Case, holder: Any, exhibit: Exhibit, clock: Any
) -> None:
    assert limits.barring(held, Purpose.EXCULPATORY_DISCLOSURE) == []
    with pytest.raises(duties.DutiesUnmetError, match=re.escape(short_label(OTHER_USE))):
        disclose(holder, held, clock.now)
    notice = notify_exculpatory_disclosure(
        holder, held, [1], **WORDS, exhibits=[str(exhibit.pk)], now=clock.now
    )
    body = said(notice).body
    assert (body.disclosed_at, body.provisions) == (None, [OTHER_USE])
    made = disclose(holder, held, clock.now, notice=str(notice.id), exhibits=[str(exhibit.pk)])
    assert str(made.notice) == notice.id
    assert uses.unannounced(held) == []
    assert CustodyRecord.objects.get(exhibit=exhibit).act == "used"


def test_a_notice_of_something_else_does_not_cover_a_disclosure(
    held: Case, holder: Any, exhibit: Exhibit, clock: Any
) -> None:
    second = _exhibit(held, clock.now, "E2")
    notice = notify_exculpatory_disclosure(
        holder, held, [1], **WORDS, exhibits=[str(exhibit.pk)], now=clock.now
    )
    with pytest.raises(uses.NoticeUnknownError):
        disclose(holder, held, clock.now, notice=str(notice.id), exhibits=[str(second.pk)])
    with pytest.raises(uses.NoticeUnknownError):
        disclose(holder, held, clock.now, notice=str(uuid.uuid4()))


def test_a_disclosure_waits_for_the_consultation_that_the_other_side_asks_for(
    held: Case,
    holder: Any,
    hear: Any,
    clock: Any,
) -> None:
    notice = notify_exculpatory_disclosure(holder, held, [1], **WORDS, now=clock.now)
    hear(held, "consultation", answering=[str(notice.id)], by="requested", about="exculpatory_disclosure")
    with pytest.raises(uses.ConsultationOpenError):
        disclose(holder, held, clock.now, notice=str(notice.id))
    reply_to_consultation(holder, held, **WORDS, now=clock.now)
    assert disclose(holder, held, clock.now, notice=str(notice.id))


def test_without_prior_notice_it_is_due_at_once_after_and_stands_until_it_is_sent(
    held: Case, holder: Any, clock: Any
) -> None:
    made = disclose(holder, held, clock.now, unannounced="The hearing was the same morning.")
    assert uses.unannounced(held) == [made]
    later = clock.now + timedelta(hours=1)
    notice = notify_exculpatory_disclosure(holder, held, [], **WORDS, disclosure=made.pk, now=later)
    body = said(notice).body
    assert (body.disclosed_at, body.reason) == (canonical.instant_text(clock.now), made.unannounced)
    assert uses.unannounced(held) == []
    with pytest.raises(uses.NoticeUnknownError):  # told once
        notify_exculpatory_disclosure(holder, held, [], **WORDS, disclosure=made.pk, now=later)
    with pytest.raises(uses.NoticeUnknownError):  # and it covers no second disclosure
        disclose(holder, held, later, notice=str(notice.id))
    Letter.objects.filter(pk=notice.id).update(stage=Stage.FAILED)
    assert uses.unannounced(held) == [made]  # a notice that failed told nobody


def test_where_no_provision_asks_for_notice_none_is_due(held: Case, holder: Any, clock: Any) -> None:
    held.opinion["duties"] = []  # type: ignore[index]
    held.save()
    assert disclose(holder, held, clock.now)
    assert uses.unannounced(held) == []


def test_the_side_that_gave_it_hears_the_notice_and_may_ask_to_be_consulted(
    given: Case,
    officer: Any,
    hear: Any,
    arrive: Any,
    from_xb: Any,
    clock: Any,
) -> None:
    told = {"exhibits": [], "provisions": [OTHER_USE], "disclosed_at": None, "reason": ""}
    row = hear(given, "exculpatory_notice", answering=[], **told)
    letter = consult_on_disclosure(officer, given, **WORDS, now=clock.now)
    document = said(letter)
    assert (document.answers, document.body.about) == ([str(row.id)], "exculpatory_disclosure")
    given.refresh_from_db()
    arrive(from_xb(**reply(given, [str(letter.id)])))
    assert answers.consulted(given, "exculpatory_disclosure", [1])


def test_a_notice_after_a_disclosure_says_when_and_why(
    given: Case,
    from_xb: Any,
    clock: Any,
) -> None:
    def problems(**changes: Any) -> list[str]:
        told = {"exhibits": [], "provisions": [OTHER_USE], "disclosed_at": None, "reason": ""}
        body = {"items": [{"number": 1}], **WORDS} | told | changes
        return [each.code for each in find_problems(from_xb("exculpatory_notice", body, **heads(given)))]

    at = canonical.instant_text(clock.now)
    ahead = canonical.instant_text(clock.now + timedelta(days=1))
    assert problems() == problems(disclosed_at=at, reason="That morning.") == []
    assert problems(disclosed_at=at) == problems(reason="-") == ["disclosure_unexplained"]
    assert problems(disclosed_at=ahead, reason="-") == ["disclosure_ahead"]


# --- the proceedings that a permission names


def test_a_use_in_proceedings_that_the_permission_does_not_name_stays_barred(
    held: Case, holder: Any, hear: Any, clock: Any
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    assert said(letter).body.proceedings == NAMED
    row = granted(hear, held, letter, proceedings=NAMED[:1])  # for fewer than was asked
    told = {"purpose": "other_proceedings", "permission": str(row.id)}
    for named in (NAMED[1], "Case 79 of the City Court", ""):
        with pytest.raises(uses.PermissionNotCoveringError):
            use(holder, held, clock.now, **told, proceedings=named)
    assert use(holder, held, clock.now, **told, proceedings="case 77  of the City Court")
    assert Use.objects.get().proceedings == "case 77  of the City Court"


def test_without_the_comparison_of_names_it_would_pass(
    held: Case, holder: Any, hear: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test before."""
    monkeypatch.setattr(permissions, "same_proceedings", lambda one, other: True)
    row = granted(hear, held, ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now))
    told = {"purpose": "other_proceedings", "permission": str(row.id), "proceedings": "Case 79"}
    assert use(holder, held, clock.now, **told)


def test_other_proceedings_are_asked_for_by_name(held: Case, holder: Any, clock: Any) -> None:
    with pytest.raises(uses.ProceedingsUnnamedError):
        ask_use_permission(holder, held, [1], **WORDS, **HERE | {"proceedings": []}, now=clock.now)
    assert not Letter.objects.filter(kind="use_permission_asked").exists()


@pytest.mark.parametrize("named", [[], [*NAMED, "Case 79"], ["Case 79"]])
def test_a_grant_for_none_or_other_proceedings_is_refused_whole(
    held: Case, holder: Any, hear: Any, clock: Any, named: list[str]
) -> None:
    letter = ask_use_permission(holder, held, [1], **WORDS, **HERE, now=clock.now)
    held.refresh_from_db()
    before = facts_of(held)
    with pytest.raises(hearing.PermissionDiffersError):
        granted(hear, held, letter, proceedings=named)
    assert nothing_changed(held, before)


def test_we_permit_for_fewer_proceedings_but_for_no_others(
    given: Case, officer: Any, hear: Any, clock: Any
) -> None:
    asks(hear, given)
    for wrong in ([], ["Case 79"]):
        with pytest.raises(uses.ProceedingsUnnamedError):
            by_two(grant_use_permission)(officer, given, **WORDS, proceedings=wrong, now=clock.now)
    letter = by_two(grant_use_permission)(officer, given, **WORDS, proceedings=NAMED[1:], now=clock.now)
    assert said(letter).body.proceedings == NAMED[1:]
