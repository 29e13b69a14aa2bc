"""Two adjacent releases: what the one before says is read and answered, what a later one says is kept."""

from __future__ import annotations

import io
import json
import lzma
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests import samples
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.cli import node_letters
from comity.delivery.envelope import read_envelope
from comity.letters import schema
from comity.node import config
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.alerts.models import Alert, Kind
from comity.node.casework.acts.read_letter_again import read_letter_again
from comity.node.desk import queries
from comity.node.directory import cards, known
from comity.node.exchange import announcing, arrivals, incoming, keeping, rereading, transport
from comity.node.exchange.models import Direction, Letter, Receipt, Stage, TransportKey
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.proofs.receipts import verify_receipt
from comity.shapes import NewerVersionError, is_newer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]
EARLIER = Path(__file__).parent / "earlier" / "release"
MADE = datetime(2026, 11, 22, 3, 12, 0, tzinfo=UTC)
SEALED = sorted(path.stem for path in (EARLIER / "letters").glob("*.age"))
LETTERS = json.loads(lzma.decompress((EARLIER / "letters.json.xz").read_bytes()))


def packed(name: str) -> Any:
    return json.loads(lzma.decompress((EARLIER / name).read_bytes()))


# The release before this one.


@pytest.fixture
def earlier(folder_restored: None, keys: Any, clock: Any) -> Any:
    """The authority whose node runs the release before; this node has the key that it encrypts to."""
    clock.now = MADE
    card = (EARLIER / "card.json").read_bytes()
    peer = cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=MADE)
    identity = config.current().keys / "transport-1.identity"
    identity.write_bytes((EARLIER / "recipient.identity").read_bytes())
    recipient = (EARLIER / "recipient.txt").read_text().strip()
    until = MADE + timedelta(days=90)
    TransportKey.objects.create(number=1, recipient=recipient, valid_from=MADE, valid_until=until)
    return peer


@pytest.mark.parametrize("kind", SEALED)
def test_a_letter_of_the_release_before_is_accepted_read_and_answered(
    kind, earlier, clock, wire, run_jobs, monkeypatch
):
    acted = []
    act = lambda row, document, now: acted.append(document.kind)  # noqa: E731
    monkeypatch.setattr(arrivals, "_handlers", {kind: act})
    envelope = read_envelope((EARLIER / "letters" / f"{kind}.envelope.json").read_bytes())
    container = (EARLIER / "letters" / f"{kind}.age").read_bytes()
    assert incoming.answer_offer(envelope, earlier, clock.now) == 0
    note = incoming.accept(io.BytesIO(container), envelope, earlier, clock.now)
    run_jobs()
    row = Letter.objects.get(id=envelope.letter)
    assert (row.stage, row.kind, acted) == (Stage.DELIVERED, kind, [kind])
    said = [verify_receipt(each, ledger_keys.signer().verifier)[0].receipt for each in (note, *_told(wire))]
    assert said == ["RELAY_REMMD_ACCEPTANCE", "DELIVERY"]
    assert incoming.answer_offer(envelope, earlier, clock.now) == note, "a duplicate gets the same bytes"


def _told(wire: Any) -> list[bytes]:
    return [each.encode() for each in wire.receipts]


def test_the_receipts_of_the_release_before_prove_its_hops(earlier, clock):
    ours = {"sha256": "ab" * 32, "bytes": 1000, "stage_at": MADE, "expires_at": MADE + timedelta(days=30)}
    row = Letter.objects.create(
        id="0f0e2b0c-7a5e-4d5c-9f7a-3b9b1f0f6a01",
        kind="request",
        direction=Direction.OUT,
        peer=earlier,
        generation=1,
        stage=Stage.SEALED,
        **ours,
    )
    for note in json.loads((EARLIER / "receipts.json").read_text()).values():
        keeping.keep(note.encode(), earlier, clock.now)
    row.refresh_from_db()
    assert (row.stage, row.receipts.count()) == (Stage.RETRIEVED, 3)


def test_the_key_of_the_release_before_is_learned(earlier, clock):
    assert announcing.learn((EARLIER / "key.note").read_bytes(), earlier, clock.now).recipient_number == 2


def test_every_kind_of_letter_of_the_release_before_is_read_to_the_same_bytes():
    for kind, value in LETTERS.items():
        assert schema.parse(canonical.write(value)).as_bytes() == canonical.write(value), kind


def test_what_this_release_writes_the_one_before_reads_where_nothing_new_is_used():
    published = packed("letter.schema.json.xz")
    for kind in LETTERS:
        of_kind = {"$defs": published["$defs"], "$ref": published["discriminator"]["mapping"][kind]}
        validator = jsonschema.Draft202012Validator(of_kind)
        written = schema.read_value(samples.EVERY_KIND[kind]()).as_json()
        assert list(validator.iter_errors(written)) == [], kind
    assert list(validator.iter_errors(written | {"new": 1})), "an unknown part would have been found"


# A later release.


@pytest.mark.parametrize(
    ("said", "newer"),
    [
        ("comity-letter/2", True),
        ("comity-letter/10", True),
        ("comity-letter/1", False),
        ("comity-letter/0", False),
        ("comity-letter/²", False),
        ("comity-letter/99999", False),
        ("comity-note/2", False),
        ("comity-letter/1.1", False),
        (2, False),
    ],
)
def test_a_later_version_is_told_from_another_form(said, newer):
    assert is_newer(said, "comity-letter/1") is newer


def test_an_envelope_of_a_later_version_is_refused_as_such():
    envelope = json.loads((EARLIER / "letters" / "request.envelope.json").read_bytes())
    with pytest.raises(NewerVersionError):
        read_envelope(canonical.write(envelope | {"schema": "comity-envelope/2", "more": 1}))


LATER = {"a later version": {"schema": "comity-letter/2"}, "a part that is new": {"new_part": "said"}}
CODES = {"a later version": "newer_version", "a part that is new": "not_understood"}


@pytest.fixture(params=LATER)
def kept(request, peer, clock, run_jobs, wire, acted) -> Letter:
    """A letter that this release does not understand, refused and kept."""
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document | LATER[request.param], clock.now)
    envelope = peer.envelope(document, container)
    incoming.accept(io.BytesIO(container), envelope, known.find("xb-247"), clock.now)
    run_jobs()
    row = Letter.objects.get(id=document["id"])
    assert (row.stage, row.refusal_code) == (Stage.REFUSED, CODES[request.param])
    assert (config.current().arriving / row.travelling).read_bytes() == container
    assert acted == []
    return row


@pytest.fixture
def upgraded(monkeypatch):
    """The software after an upgrade that brought what the letter used."""

    def read(value: dict[str, Any]) -> schema.Letter:
        value = {**value, "schema": "comity-letter/1"}
        value.pop("new_part", None)
        return schema.read_value(value)

    def do():
        from comity.node.exchange import opening
        from comity.sealing.steps import letter as step

        monkeypatch.setattr(opening, "read_value", read)
        monkeypatch.setattr(step, "is_newer", lambda *_: False)
        monkeypatch.setattr(step, "SCHEMA", _Any("comity-letter/1"))

    return do


class _Any(str):
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def test_after_an_upgrade_it_is_read_again_and_delivered(
    kept, upgraded, official, clock, run_jobs, wire, acted
):
    upgraded()
    clock.advance(days=3)
    read_letter_again(official("registrar"), kept, now=clock.now)
    run_jobs()
    kept.refresh_from_db()
    assert (kept.stage, kept.refusal_code, acted) == (Stage.DELIVERED, "", [str(kept.id)])
    told = [verify_receipt(note, ledger_keys.signer().verifier)[0].receipt for note in _told(wire)]
    assert told == ["NON_DELIVERY", "DELIVERY"]
    assert not (config.current().arriving / kept.travelling).exists()
    assert Entry.objects.filter(kind="letter_read_again", subject=str(kept.id)).count() == 1


def test_without_an_upgrade_it_stays_as_it_was(kept, official, clock, run_jobs, wire, acted):
    code = kept.refusal_code
    read_letter_again(official("duty_officer"), kept, now=clock.now)
    run_jobs()
    kept.refresh_from_db()
    assert (kept.stage, kept.refusal_code, acted) == (Stage.REFUSED, code, [])
    assert (config.current().arriving / kept.travelling).is_file()
    assert (len(wire.receipts), Receipt.objects.filter(letter=kept, kind="NON_DELIVERY").count()) == (1, 1)
    assert Entry.objects.filter(content__receipt="NON_DELIVERY").count() == 1, "and attested once"


def test_only_what_was_not_understood_is_read_again_and_only_until_it_expires(
    kept, official, clock, run_jobs
):
    Letter.objects.filter(id=kept.id).update(refusal_code="seal_unproved")
    with pytest.raises(rereading.NotReadAgainError):
        read_letter_again(official("registrar"), kept, now=clock.now)
    Letter.objects.filter(id=kept.id).update(refusal_code="newer_version")
    clock.now = kept.expires_at
    with pytest.raises(rereading.NotReadAgainError):
        read_letter_again(official("registrar"), kept, now=clock.now)
    assert not Entry.objects.filter(kind="letter_read_again").exists()


def test_its_key_opens_it_as_long_as_it_may_be_read_again(keys, clock):
    """A letter lives no longer than the key it was encrypted to may be kept: nothing else has to be kept."""
    transport.begin(clock.now)
    key = transport.current()
    last = key.valid_until + timedelta(days=30)
    assert not transport.is_idle(key, last - timedelta(seconds=1))


def test_who_may_not_decide_on_letters_reads_none_again(kept, official, clock):
    with pytest.raises(NotAuthorisedError):
        read_letter_again(official("drafter"), kept, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        read_letter_again(official("administrator"), kept, now=clock.now)


def test_the_page_says_so_and_offers_it(kept, official, client, clock, monkeypatch):
    from comity.node.casework.views import letters as views

    monkeypatch.setattr(views.timezone, "now", lambda: clock.now)
    client.force_login(official("registrar"))
    page = client.get(f"/letters/{kept.id}/").content.decode()
    assert f"/letters/{kept.id}/again" in page
    assert "Letter, generation 1</h1>" in page, "of which kind it is nobody knows"
    assert "the sender was told so" in page
    assert client.post(f"/letters/{kept.id}/again").status_code == 302
    kept.refresh_from_db()
    assert kept.stage == Stage.ACCEPTED
    page = client.get(f"/letters/{kept.id}/").content.decode()
    assert f"/letters/{kept.id}/again" not in page


def test_whoever_is_on_duty_is_alerted_of_it_and_the_desk_shows_it_as_long_as_it_may_be_read(
    wired, kept, official, clock
):
    alert = Alert.objects.get(kind=Kind.LETTER_REFUSED)
    assert (alert.case_reference, alert.count) == ("", 1)
    desk, body = official("registrar"), official("executing_officer")
    clock.advance(days=2)
    assert [each.pk for each in queries.refused(desk, clock.now)] == [kept.pk]
    assert queries.refused(body, clock.now) == []
    Letter.objects.filter(id=kept.id).update(refusal_code="seal_unproved")  # for a day after it came
    assert queries.refused(desk, clock.now) == []
    assert [each.pk for each in queries.refused(desk, kept.stage_at)] == [kept.pk]
    Letter.objects.filter(id=kept.id).update(refusal_code="newer_version")
    assert queries.refused(desk, clock.advance(days=30)) == []


def test_the_command_reads_all_of_them_again(kept, official, clock, monkeypatch, capsys):
    from comity.node import start

    monkeypatch.setattr(start, "prepare", lambda folder: None)
    monkeypatch.setattr(node_letters, "datetime", type("At", (), {"now": staticmethod(lambda _: clock.now)}))
    who = official("registrar")
    arguments = type("Said", (), {"folder": None, "letters": [], "username": who.username})
    assert node_letters.read_again(arguments) == 0
    assert capsys.readouterr().out == f"{kept.id}  xb-247\n"
    kept.refresh_from_db()
    assert kept.stage == Stage.ACCEPTED
