"""Status as of a date: the treaty's own rule as data, and what no source proves stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms import Citation
from comity.treaties import Act, EntryIntoForce, InForce, Leaving, Membership, Organisation, StatusTable
from comity.treaties.calendar import later, reached
from comity.treaties.participation import Participation

ENTRY = EntryIntoForce(Citation("xx", "art_9__para_1"), Citation("xx", "art_9__para_2"), 40, "P90D", "P30D")
LEAVING = Leaving(Citation("xx", "art_10"), "P1Y")
CONSENT = Citation("xx", "art_8")
RULES = Participation(
    entry=ENTRY,
    consents={"ratification": CONSENT, "accession": CONSENT},
    leaving=LEAVING,
    not_counted=ENTRY.citation,
)
UNSTATED = InForce(None, None, None, None)
KNOWN_UNTIL = date(2030, 1, 1)


def act(what: str, on: date | None, state: str = "XA") -> Act:
    return Act(state, what, on, "D", "S1", None)


def table(*acts: Act, in_force: InForce | None = None) -> StatusTable:
    force = in_force or InForce(date(2027, 1, 1), None, "S1", "D")
    return StatusTable("xx", RULES, force, KNOWN_UNTIL, {}, acts)


def test_ninety_days_after_the_fortieth_consent_the_treaty_enters_into_force() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(40)]
    assert ENTRY.general(days[:39]) is None
    assert ENTRY.general(days) == date(2026, 2, 9) + timedelta(days=90)
    assert ENTRY.general(reversed(days)) == ENTRY.general(days)


def test_a_later_state_is_bound_thirty_days_after_its_own_consent() -> None:
    assert ENTRY.for_state(date(2027, 6, 1), date(2027, 1, 1)) == date(2027, 7, 1)


def test_an_early_state_is_bound_when_the_treaty_itself_enters_into_force() -> None:
    assert ENTRY.for_state(date(2026, 3, 1), date(2027, 1, 1)) == date(2027, 1, 1)
    assert ENTRY.for_state(date(2026, 12, 31), date(2027, 1, 1)) == date(2027, 1, 30)


def test_a_treaty_without_later_states_binds_all_at_once() -> None:
    entry = EntryIntoForce(Citation("xx", "art_1"), None, 2, "P0D", None)
    assert entry.general([date(2026, 5, 1), date(2026, 4, 1)]) == date(2026, 5, 1)
    assert entry.for_state(date(2026, 4, 1), date(2026, 5, 1)) == date(2026, 5, 1)


def test_a_state_goes_from_none_to_signatory_to_notified_to_party_to_denounced() -> None:
    life = table(
        act("signature", date(2025, 10, 25)),
        act("ratification", date(2026, 6, 1)),
        act("denunciation", date(2028, 2, 29)),
    )
    expected = [
        (date(2025, 10, 24), "none", None),
        (date(2025, 10, 25), "signatory", date(2025, 10, 25)),
        (date(2026, 6, 1), "notified", date(2026, 6, 1)),
        (date(2026, 12, 31), "notified", date(2026, 6, 1)),
        (date(2027, 1, 1), "party", date(2027, 1, 1)),
        (date(2029, 2, 27), "party", date(2027, 1, 1)),
        (date(2029, 2, 28), "denounced", date(2029, 2, 28)),
    ]
    for day, status, since in expected:
        found = life.of("XA", day)
        assert (found.status, found.since, found.settled) == (status, since, True), day


def test_a_state_of_which_nothing_is_known_is_unknown() -> None:
    assert table(act("signature", date(2025, 1, 1))).of("XB", date(2026, 1, 1)).status == "unknown"


def test_a_signatory_after_the_last_source_is_not_settled() -> None:
    signed = table(act("signature", date(2025, 10, 25)))
    assert signed.of("XA", KNOWN_UNTIL).settled
    after = signed.of("XA", KNOWN_UNTIL + timedelta(days=1))
    assert (after.status, after.settled) == ("signatory", False)


def test_a_consent_without_a_day_leaves_the_status_unknown() -> None:
    assert table(act("ratification", None)).of("XA", date(2029, 1, 1)).status == "unknown"


def test_an_approval_at_home_decides_no_status() -> None:
    assert table(act("domestic_approval", date(2026, 1, 1))).of("XA", date(2029, 1, 1)).status == "unknown"


def test_an_absence_from_a_table_proves_none_until_that_day_and_nothing_after() -> None:
    absent = table(act("absence", date(2026, 1, 1)))
    assert absent.of("XA", date(2026, 1, 1)).status == "none"
    assert absent.of("XA", date(2026, 1, 2)).status == "unknown"


def test_before_a_ratification_of_unknown_signature_nothing_is_proved() -> None:
    assert table(act("ratification", date(2026, 6, 1))).of("XA", date(2026, 1, 1)).status == "unknown"
    assert table(act("accession", date(2026, 6, 1))).of("XA", date(2026, 1, 1)).status == "none"


def test_a_consent_binds_nobody_while_it_is_unknown_whether_the_treaty_is_in_force() -> None:
    unknown = table(act("accession", date(2026, 1, 1)), in_force=InForce(None, date(2026, 5, 21), "S1", "O"))
    before, after = unknown.of("XA", date(2026, 5, 21)), unknown.of("XA", date(2026, 5, 22))
    assert (before.status, before.settled) == ("notified", True)
    assert (after.status, after.settled) == ("notified", False)


def test_a_notice_before_the_last_consent_does_not_end_it() -> None:
    returned = table(
        act("accession", date(2026, 1, 1)),
        act("denunciation", date(2027, 6, 1)),
        act("accession", date(2027, 9, 1)),
    )
    assert returned.of("XA", date(2029, 1, 1)).status == "party"


def test_consents_are_counted_where_no_source_states_the_entry_into_force() -> None:
    consents = [act("ratification", date(2026, 1, 1), f"{n}") for n in range(39)]
    last = act("accession", date(2026, 3, 1))
    few = replace(table(*consents), stated=UNSTATED, complete_until=date(2026, 12, 31))
    enough = replace(few, acts=(*consents, last))
    assert few.in_force == InForce(None, date(2026, 12, 31) + timedelta(days=90), None, None)
    assert enough.in_force == InForce(date(2026, 5, 30), None, None, "C")
    assert enough.of("XA", date(2026, 5, 29)).status == "notified"
    assert enough.of("XA", date(2026, 5, 30)).status == "party"


def test_a_stated_day_goes_before_the_count() -> None:
    consents = [act("ratification", date(2026, 1, 1), f"{n}") for n in range(40)]
    assert replace(table(*consents), complete_until=KNOWN_UNTIL).in_force.since == date(2027, 1, 1)


def test_a_count_of_a_list_with_gaps_or_undated_rows_says_at_the_latest() -> None:
    consents = [act("ratification", date(2026, 1, 1), f"{n}") for n in range(40)]
    gaps = replace(table(*consents), stated=UNSTATED)
    undated = replace(gaps, acts=(*consents, act("accession", None)), complete_until=KNOWN_UNTIL)
    for found in (gaps, undated):
        assert (found.in_force.since, found.in_force.at_latest) == (None, date(2026, 4, 1))
        assert found.in_force.as_of(date(2026, 3, 31)) is None
        assert found.in_force.as_of(date(2026, 4, 1)) is True


def test_an_organisation_is_not_counted_and_would_be_without_the_clause() -> None:
    consents = [act("ratification", date(2026, 1, 1), f"{n}") for n in range(39)]
    organisation = Organisation("XO", (Membership("0", date.min, None, "S1"),), {})
    found = replace(
        table(*consents, act("ratification", date(2026, 1, 1), "XO")),
        stated=UNSTATED,
        complete_until=KNOWN_UNTIL,
        organisations={"XO": organisation},
    )
    assert found.in_force.since is None
    assert replace(found, rules=replace(RULES, not_counted=None)).in_force.since == date(2026, 4, 1)


def test_a_state_counts_once_whatever_it_deposits() -> None:
    again = [act("ratification", date(2026, 1, 1)), act("accession", date(2028, 1, 1))]
    assert table(*again).counted == (date(2026, 1, 1),)


def test_members_count_by_day() -> None:
    organisation = Organisation("XO", (Membership("XA", date(2020, 1, 1), date(2021, 1, 31), "S1"),), {})
    assert organisation.members(date(2019, 12, 31)) == frozenset()
    assert organisation.members(date(2021, 1, 31)) == {"XA"}
    assert organisation.members(date(2021, 2, 1)) == frozenset()


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        (date(2027, 1, 31), "P1M", date(2027, 2, 28)),
        (date(2028, 2, 29), "P1Y", date(2029, 2, 28)),
        (date(2026, 11, 30), "P6M", date(2027, 5, 30)),
        (date(2026, 12, 31), "P1Y2M10D", date(2028, 3, 10)),
        (date(2026, 1, 1), "P0D", date(2026, 1, 1)),
        (date(2026, 1, 1), "PT72H", date(2026, 1, 4)),
        (date(2026, 1, 1), "PT73H", date(2026, 1, 5)),
    ],
)
def test_months_and_years_are_counted_by_the_calendar(day: date, duration: str, expected: date) -> None:
    assert later(day, duration) == expected


@pytest.mark.parametrize("duration", ["P", "PT", "", "60D", "PT3M", "P-1D", "P1D1Y"])
def test_what_is_no_duration_of_days_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        later(date(2026, 1, 1), duration)


@pytest.mark.parametrize("duration", ["P9000Y", "P4000000D", "P3652059D"])
def test_a_day_beyond_the_calendar_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        later(date(2026, 1, 1), duration)


def test_what_follows_a_day_at_the_calendars_end_is_its_last_day() -> None:
    assert reached(date(9999, 12, 30), "P30D") == date.max
    assert reached(date(2026, 1, 1), "P2W") == date(2026, 1, 15)


@given(st.dates(date(2025, 1, 1), date(2035, 1, 1)), st.dates(date(2025, 1, 1), date(2035, 1, 1)))
def test_no_state_is_bound_before_the_treaty_or_its_own_consent(consented: date, general: date) -> None:
    bound = ENTRY.for_state(consented, general)
    assert bound >= general
    assert bound >= consented
