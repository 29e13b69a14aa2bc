"""A node with believable cases and its pages' client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node import believable

from comity.node.ledger import sequencer


@pytest.fixture
def cases(keys: Any) -> dict[str, Any]:
    """The rows of ``believable.build``, numbered in the ledger."""
    rows = believable.build()
    sequencer.sequence(timezone.now())
    return rows


@pytest.fixture
def enter(cases: dict[str, Any]) -> Callable[[str], Client]:
    """A client signed in as one of the people: drafter, signatory or duty."""

    def sign_in(person: str) -> Client:
        client = Client()
        client.force_login(cases["people"][person])
        return client

    return sign_in
