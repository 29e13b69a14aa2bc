"""What is not repeated on another database cannot reach one."""

from __future__ import annotations

from typing import Any

import pytest
from tests.node.conftest import asks_a_database

from comity.node.jobs.models import Job


def test_a_test_that_asks_for_no_database_reaches_none(request: pytest.FixtureRequest) -> None:
    assert not asks_a_database(request.node)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Job.objects.count()


def test_whoever_asks_through_another_fixture_is_seen(keys: Any, request: pytest.FixtureRequest) -> None:
    assert asks_a_database(request.node)
    assert Job.objects.count() == 0


@pytest.mark.django_db
def test_whoever_asks_by_a_mark_is_seen(request: pytest.FixtureRequest) -> None:
    assert asks_a_database(request.node)
    assert Job.objects.count() == 0
