"""The directory's pages as officials meet them: keepers, entries that disagree, notices, a card by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.browser.conftest import set_language, violations
from tests.node.conftest import peer_card
from tests.node.directory.following import take, with_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def followed(node: dict[str, Any], keys: Any, tmp_path: Path) -> str:
    """Two keepers that disagree, a State's list that holds no more; the address of the first disagreement."""
    from hashlib import sha256

    from comity.node.directory import updating
    from comity.node.directory.models import Listing

    now = timezone.now()
    region = {"code": "XB-R1", "names": {"en": "A region of State XB", "kk": "XB мемлекетінің өңірі"}}
    contacts = canonical.read(entry())["contacts"]
    told = [
        {
            **contacts[0],
            "purpose": "duty",
            "post": "Шұғыл байланыс орталығының кезекшісі",
            "languages": ["kk", "ru"],
        },
        {
            **contacts[0],
            "email": "confirm@central-authority.example",
            "address": "1 Long Street of Confirmations",
        },
    ]
    other_keys = peer_card(keys.peer, peer_url="https://a-rather-long-name-of-a-host.example:8443")
    first, second = Register(tmp_path / "first", now), Register(tmp_path / "second", now)
    first.state([entry(region=region, contacts=told), with_card(other_keys)], now)
    elsewhere = [{**told[0], "telephone": "+00 000 0009"}]
    second.state([entry(region=region, contacts=elsewhere)], now)
    for register, identifier, name in (
        (first, "depositary", "Depositary of the Convention"),
        (second, "secretariat", "Secretariat of the Organisation"),
    ):
        out = register.publish("out", now)
        root = (out / "1.root.json").read_bytes()
        keeper = updating.follow(
            None, identifier, name=name, url="", root=root, fingerprint=sha256(root).hexdigest(), now=now
        )
        take(keeper, out, now)
    keeper.state_problems, keeper.expires_at = {"XC": "directory_expired"}, now - timedelta(days=1)
    keeper.save()
    return f"/directory/conflicts/{Listing.objects.filter(standing='conflict').earliest('id').pk}/"


@pytest.mark.parametrize(("language", "width"), [("kk", 390), ("en", 1280)])
def test_the_pages_of_keepers_have_no_barrier_and_fit(
    visit: Any, node: Any, followed: str, language: str, width: int
) -> None:
    places = {
        "nurlan": [
            "/directory/cards/",
            "/directory/",
            "/directory/keepers/",
            "/directory/keepers/secretariat/",
            "/directory/keepers/depositary/",
        ],
        "marat": [
            "/directory/conflicts/",
            followed,
            "/directory/xb-mla/",
            "/directory/xb-247/",
            "/directory/notices/",
        ],
    }
    for username, addresses in places.items():
        page = visit(username, viewport={"width": width, "height": 844})
        set_language(page, language)
        for address in addresses:
            page.goto(address)
            assert violations(page) == [], address
            assert page.evaluate(WIDER) <= 0, address
            assert page.complaints == []
