"""The node's letters are opened as whoever they are for opens them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from comity.conformance import sending, tester
from comity.conformance.arriving import Came
from comity.conformance.material import Material
from comity.conformance.peer import RuleBrokenError
from comity.conformance.reading import opened


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """A node and a tester, made a day ago."""
    folder, made = tmp_path_factory.mktemp("reading"), []
    for id in ("xb-247", "xa-tester"):
        about = {"id": id, "state": id[:2].upper(), "name": id, "url": "https://127.0.0.1:1"}
        tester.create(folder / id, **about, now=datetime.now(UTC) - timedelta(days=1))
        made.append(tester.load(folder / id))
    return made


@pytest.fixture
def material(sides):
    """What the node writes to the tester."""
    node, own = sides
    return Material(node, own.card, datetime.now(UTC))


def test_a_letter_is_opened_that_was_written_long_after_the_run_began(sides, material):
    node, own = sides
    document = material.request()
    container = material.container(document)
    came = Came(material.envelope(document, container), container=bytearray(container))
    arriving = SimpleNamespace(small=lambda: [came] * 3, large=lambda: [came], urgent=list)
    began = datetime.now(UTC) - timedelta(days=1)
    trial = SimpleNamespace(
        now=began, tester=own, node=node.card, demand_asked=lambda: None, arriving=arriving
    )
    sending.letter_opens(trial)
    came.envelope["generation"] = 2
    with pytest.raises(RuleBrokenError):
        sending.letter_opens(trial)


def test_a_letter_that_another_sealed_is_not_the_node_s(sides, material):
    node, own = sides
    with pytest.raises(RuleBrokenError):
        opened(material.container(material.request(), signer=own.keys), own, node.card)
