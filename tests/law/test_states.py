"""What the data say of national law: with a source, in three languages, and about offences that exist."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from comity.treaties import Enactment, load

LIBRARY = load(Path(__file__).resolve().parents[2] / "law")
PROVISIONS = [one for state in LIBRARY.states.values() for one in state]


@pytest.mark.parametrize("found", PROVISIONS, ids=lambda found: f"{found.state}-{found.article}")
def test_a_provision_has_an_edition_penalties_and_offences_of_the_catalogue(found: Enactment) -> None:
    assert found.edition is not None
    assert found.parts
    assert all((one.max_years is None) != (one.arrest_days is None) for one in found.parts)
    for implements in found.implements:
        assert implements.offence.eid in LIBRARY.reach[implements.offence.instrument].offences
        if implements.covers == "part":
            assert set(implements.note) == {"en", "kk", "ru"}, "what is not covered is said"


def test_kazakhstan_as_it_was_read() -> None:
    articles = {one.article: one for one in LIBRARY.states["KZ"]}
    assert len(articles) == len(LIBRARY.states["KZ"])
    longest = {article: max(part.max_years or 0 for part in one.parts) for article, one in articles.items()}
    assert (longest["205"], longest["206"], longest["207"], longest["218"]) == (2, 7, 10, 10)
    assert [part.arrest_days for part in articles["205"].parts] == [40, 50, None]
    assert articles["205"].edition == date(2024, 9, 5)
    assert articles["366"].edition == date(2021, 9, 4)
    assert [str(one.offence) for one in articles["366"].implements] == ["uncac:art_15", "uncac:art_16"]


def test_every_kind_of_order_says_what_treaties_want_of_it() -> None:
    kinds = LIBRARY.words("order_kinds")
    assert set(LIBRARY.order_law) == set(kinds)
    for kind, law in LIBRARY.order_law.items():
        assert law.provisions, kind
        assert all(LIBRARY.cite_exists(str(cited)) for cited in law.citations()), kind


def test_kazakhstans_orders_as_they_were_read() -> None:
    intercept = LIBRARY.national_order("KZ", "intercept")
    assert intercept is not None
    assert (intercept.longest, intercept.renewable, intercept.serious_over_years) == ("P30D", True, 1)
    serious = {one.article for one in intercept.serious(LIBRARY.states["KZ"])}
    assert "206" in serious
    assert intercept.source.address
    assert LIBRARY.national_order("KZ", "preserve") is None, (
        "nothing was read: unknown, never allowed or forbidden"
    )
    assert LIBRARY.national_order("XA", "intercept") is None
