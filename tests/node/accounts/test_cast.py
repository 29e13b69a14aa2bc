"""The people of the demonstration: nobody who keeps a node sees its cases."""

from __future__ import annotations

import pytest

from comity.demonstration import cast
from comity.node.accounts.access import ACCESS
from comity.node.accounts.models import Role

ABOUT_CASES = ("view_case", "view_exhibit", "open_exhibit")


@pytest.mark.parametrize("side", cast.SIDES)
def test_administrators_see_no_case_and_auditing_is_another_person_s(side):
    people = [frozenset(map(Role, person["roles"])) for person in cast.people(side)]
    keepers = [roles for roles in people if Role.ADMINISTRATOR in roles]
    assert keepers
    for roles in keepers:
        assert not any(roles & ACCESS[act] for act in ABOUT_CASES)
    assert any(Role.AUDITOR in roles for roles in people)
