"""How often the page of a case asks the database: once for the letters that its parts read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.node.believable import ASKED, WAS_ASKED, questions

from comity.node.casework.dialogue import answers
from comity.node.casework.models import Case

LETTERS = 'SELECT "exchange_letter"'
MOST = 34
"""Queries of the page, whatever the case holds; more are a new reading that another part could share."""


def asked(client: Any, reference: str) -> list[str]:
    """What the page of a case asks the database, its session and caches warm."""
    client.get(f"/requests/{reference}/")
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"/requests/{reference}/").status_code == 200
    return [each["sql"] for each in found.captured_queries]


@pytest.mark.parametrize(("who", "reference"), [("signatory", ASKED), ("duty", WAS_ASKED)])
def test_the_parts_of_the_page_share_one_reading_of_the_letters(
    enter: Any, cases: Any, who: str, reference: str
) -> None:
    client = enter(who)
    before = asked(client, reference)
    assert (
        sum(each.startswith(LETTERS) for each in before) == 2
    )  # those listed with their receipts, those that are read
    assert len(before) <= MOST
    if reference == ASKED:
        questions(Case.objects.get(reference=ASKED))
        assert len(asked(client, reference)) == len(before)


def test_a_reading_ends_with_its_page(cases: Any) -> None:
    case = cases["asked"]
    with answers.read_once():
        first = answers.of_case(case)
        questions(case)
        assert answers.of_case(case) == first
    assert len(answers.of_case(case)) > len(first)
