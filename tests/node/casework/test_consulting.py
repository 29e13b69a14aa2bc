"""Consulting about what is no matter of one request: proceedings on the same conduct, safe conduct."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import reply, said

from comity.node.accounts.authority import NothingThereError
from comity.node.casework import finding, opinions, running
from comity.node.casework.acts.consult import consult
from comity.node.casework.models import Case
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter

PARALLEL = "parallel_proceedings"


def ask(officer: Any, case: Case, clock: Any, **more: Any) -> Letter:
    return consult(officer, case, [1], text="Who tries it?", about=PARALLEL, now=clock.now, **more)


def test_parallel_proceedings_are_consulted_about_and_join_the_cases(
    ours: Case, open_case: Any, signatory: Any, clock: Any
) -> None:
    other = open_case()
    letter = said(ask(signatory, ours, clock, own_case=other.reference))
    assert letter.body.about == PARALLEL
    assert other.reference not in letter.as_bytes().decode()
    assert finding.linked(signatory, ours) == [other]
    assert finding.linked(signatory, other) == [ours]


def test_a_case_that_is_not_there_or_not_seen_joins_nothing(
    ours: Case, open_case: Any, official: Any, clock: Any
) -> None:
    from comity.node.casework.acts.change_access import assign

    hidden, person = open_case(), official("executing_officer")
    assign(person, ours, clock.now)
    for reference in (hidden.reference, "XA-2027-999999", ours.reference):
        with pytest.raises(NothingThereError):
            ask(person, ours, clock, own_case=reference)
    assert not Letter.objects.filter(kind="consultation").exists()


@pytest.mark.parametrize(
    ("instrument", "cite"),
    [("uncc", "uncc:art_22__para_5"), ("uncac", "uncac:art_42__para_5"), ("kz-tm", None), ("", None)],
)
def test_the_provision_is_the_instruments(instrument: str, cite: str | None) -> None:
    assert opinions.consulted_under({}, instrument, PARALLEL) == cite


def test_an_answer_that_is_asked_by_a_day_is_counted_under_the_provision(
    ours: Case, signatory: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    asked = ask(signatory, ours, clock, reply_by=clock.now + timedelta(days=10))
    found = Clock.objects.get(kind=running.CONSULTATION_REPLY)
    assert (found.cite, found.of) == ("uncc:art_22__para_5", "requested")
    ours.refresh_from_db()
    arrive(from_xb(**reply(ours, [str(asked.id)])))
    assert Clock.objects.get(kind=running.CONSULTATION_REPLY).state == ClockState.MET


def test_the_longest_time_of_an_order_runs_on_the_side_that_asked_too(
    preserved_there: Case, hear: Any, signatory: Any, clock: Any
) -> None:
    from comity import canonical
    from comity.node.casework.acts.ask_extension import ask_extension

    longest = Clock.objects.get(kind=running.ORDER_MAXIMUM)
    assert longest.cite == "uncc:art_25__para_2"
    assert longest.due_at == clock.now + timedelta(days=90)
    until = clock.now + timedelta(days=120)
    asked = ask_extension(signatory, preserved_there, [1], text="Longer.", until=until, now=clock.now)
    hear(
        preserved_there,
        "extension_granted",
        answering=[str(asked.id)],
        until=canonical.instant_text(until),
        clock={"id": "preservation_minimum", "cite": "uncc:art_42__para_9"},
    )
    longest.refresh_from_db()
    assert longest.state == ClockState.CEASED
