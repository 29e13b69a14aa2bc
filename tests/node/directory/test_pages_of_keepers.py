"""The pages of the directory: filters, warnings, a choice with reasons, a directory by ZIP file."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.node.conftest import peer_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import keeping
from comity.node.accounts.models import Role
from comity.node.directory import cards
from comity.node.directory.models import Authority, Keeper, Listing
from comity.node.ledger.models import Entry as Noted


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """What XB and the keeper publish now: pages read the clock of the machine."""
    now = timezone.now()
    register = Register(tmp_path_factory.mktemp("keeper"), now)
    register.publish("first", now)
    return register


def enter(person: Any) -> Client:
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def root(published: Register) -> bytes:
    return (published.folder / "first" / "1.root.json").read_bytes()


def zipped(folder: Path) -> SimpleUploadedFile:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        for file in sorted(folder.rglob("*.json")):
            out.write(file, file.relative_to(folder).as_posix())
    return SimpleUploadedFile("directory.zip", data.getvalue())


def follow(client: Client, published: Register, **changes: Any) -> Any:
    data = root(published)
    values = {
        "identifier": "depositary",
        "name": "Depositary",
        "url": "",
        "root": SimpleUploadedFile("1.root.json", data),
        "fingerprint": sha256(data).hexdigest(),
    }
    return client.post("/directory/keepers/", values | changes)


def test_an_administrator_follows_a_keeper_and_enters_its_disk(
    keys: Any, published: Register, official: Any
) -> None:
    client = enter(official(Role.ADMINISTRATOR))
    assert follow(client, published, fingerprint="0" * 64).status_code == 409
    assert follow(client, published, identifier="No Name").status_code == 422
    assert follow(client, published).status_code == 302
    assert client.post("/directory/keepers/depositary/", {"carried": zipped(published.folder / "first")})
    assert (Keeper.objects.get().problem, Keeper.objects.get().version) == ("", 1)
    page = client.get("/directory/?instrument=uncc&role=central_authority&state=XC").content.decode()
    assert "xc-mla" in page
    assert "xb-mla" not in page
    assert "xb-247" not in page
    page = client.get("/directory/xb-mla/").content.decode()
    assert "+00 000 0001" in page
    assert "Depositary" in page
    assert client.get("/directory/keepers/depositary/").status_code == 200
    assert client.post("/directory/keepers/depositary/update").status_code == 302
    assert client.post("/directory/keepers/depositary/leave").status_code == 302
    assert (
        client.post(
            "/directory/keepers/depositary/", {"carried": SimpleUploadedFile("x.zip", b"x")}
        ).status_code
        == 409
    )


def test_an_expired_directory_is_said_on_the_pages(keys: Any, published: Register, official: Any) -> None:
    client = enter(official(Role.ADMINISTRATOR))
    follow(client, published)
    client.post("/directory/keepers/depositary/", {"carried": zipped(published.folder / "first")})
    assert "cannot be relied on" not in client.get("/directory/").content.decode()
    Keeper.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert "cannot be relied on" in client.get("/directory/").content.decode()
    page = client.get("/directory/xb-mla/").content.decode()
    assert "Call back before anything urgent" in page


def test_who_disagrees_is_compared_and_an_official_chooses(
    keys: Any, published: Register, official: Any, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(published.folder, tmp_path / "keeper")
    mine = object.__new__(Register)
    mine.folder, mine.state_key = tmp_path / "keeper", published.state_key
    mine.register = keeping.Register(mine.folder / "register")
    now = timezone.now()
    card = canonical.read(peer_card(keys.peer, peer_url="https://other.example"))
    mine.state([entry(), entry("xb-247", card=card)], now)
    out = mine.publish("second", now)
    client = enter(official(Role.ADMINISTRATOR))
    follow(client, published)
    client.post("/directory/keepers/depositary/", {"carried": zipped(out)})
    address = f"/directory/conflicts/{Listing.objects.get(standing='conflict').pk}/"
    assert client.post(address, {"choice": "choose", "reasons": "-"}).status_code == 403
    signatory = official(Role.SIGNATORY)
    client = enter(signatory)
    assert "xb-247" in client.get("/directory/conflicts/").content.decode()
    page = client.get(address).content.decode()
    assert "https://other.example" in page
    assert "https://127.0.0.1:9" in page
    assert client.post(address, {"choice": "choose", "reasons": ""}).status_code == 422
    made = {"choice": "choose", "reasons": "Called both."}
    assert client.post(address, made).status_code == 302
    assert "Called both." in client.get("/directory/xb-247/").content.decode()
    assert client.get(address).status_code == 404


def test_ways_to_people_that_differ_in_one_word_are_shown_apart(
    keys: Any, published: Register, official: Any, tmp_path: Path
) -> None:
    """Hours, languages, address, purpose: an official who compares two columns must see which it is."""
    second = Register(tmp_path / "second", timezone.now())
    told = canonical.read(entry())["contacts"][0]
    changes = {"hours": "9-18", "languages": ["kk"], "address": "1 Other Street", "purpose": "duty"}
    client = enter(official(Role.ADMINISTRATOR))
    follow(client, published)
    client.post("/directory/keepers/depositary/", {"carried": zipped(published.folder / "first")})
    second.publish("first", timezone.now())
    follow(client, second, identifier="secretariat")
    for number, change in enumerate(changes.items()):
        second.state([entry(contacts=[told | dict([change])])], timezone.now())
        out = second.publish(f"out{number}", timezone.now())
        client.post("/directory/keepers/secretariat/", {"carried": zipped(out)})
        [waiting] = Listing.objects.filter(standing="conflict")
        page = client.get(f"/directory/conflicts/{waiting.pk}/")
        [(name, used, said)] = page.context["rows"]
        assert name == "contacts"
        assert used != said


def test_an_administrator_adds_an_authority_by_its_card(keys: Any, official: Any) -> None:
    """By hand, for a pilot of two nodes: what was heard decides, and who heard it stands in the ledger."""
    card = peer_card(keys.peer, peer_url="https://new.example")
    Authority.objects.filter(id="xb-247").delete()

    def given(fingerprint: str, data: bytes = card) -> dict[str, Any]:
        return {"card": SimpleUploadedFile("their.card", data), "fingerprint": fingerprint}

    signatory = enter(official(Role.SIGNATORY))
    assert signatory.post("/directory/cards/", given(cards.fingerprint(card))).status_code == 403
    administrator = official(Role.ADMINISTRATOR)
    client = enter(administrator)
    assert "/directory/cards/" in client.get("/directory/").content.decode()
    refused = client.post("/directory/cards/", given("0" * 64))
    assert refused.status_code == 409
    assert "fingerprint_differs" in refused.content.decode()
    assert client.post("/directory/cards/", given(sha256(b"{}").hexdigest(), b"{}")).status_code == 409
    assert client.post("/directory/cards/", given("0" * 64, b"x" * 70_000)).status_code == 422
    assert not Authority.objects.filter(id="xb-247").exists()
    made = client.post("/directory/cards/", given(cards.fingerprint(card)))
    assert made.headers["Location"] == "/directory/xb-247/"
    assert Authority.objects.get(id="xb-247").confirmed_by == administrator.full_name
    assert Noted.objects.filter(kind="card_imported").latest("pk").content["by"] == administrator.pk
