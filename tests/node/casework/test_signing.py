"""Signing with a security key: what is shown is signed, its proof travels; hostile answers sign nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.authenticator import UP, SoftwareKey

from comity.letters.bodies import KINDS
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node import config
from comity.node.casework import preparing, signing
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.models import Case, Composition, Event, Preparation
from comity.node.exchange import sealing
from comity.node.exchange.models import Letter
from comity.node.exchange.reading import container
from comity.node.ledger.models import Entry
from comity.sealing.verification import verify

pytestmark = pytest.mark.usefixtures("pages_clock")


@pytest.fixture
def case(to_sign: Case) -> Case:
    return to_sign


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch, assumed: None) -> None:
    strict = dataclasses.replace(config.current(), step_up="required")
    monkeypatch.setattr(config, "current", lambda: strict)


@pytest.fixture
def key(signatory: Any) -> SoftwareKey:
    made = SoftwareKey()
    made.set_up_for(signatory)
    return made


@pytest.fixture
def client(signatory: Any, settings: Any) -> Client:
    entered = Client(SERVER_NAME="localhost")
    entered.force_login(signatory)
    return entered


def shown(client: Client, case: Case) -> Composition:
    answer = client.post(f"/requests/{case.reference}/sign", {"step": "sign", "sealing": "show"})
    assert answer.status_code == 200, answer.content.decode()
    return Composition.objects.latest("at")


def sign(client: Client, case: Case, composition: Composition, credential: Any) -> Any:
    told = {"step": "sign", "composition": str(composition.pk), "credential": json.dumps(credential)}
    return client.post(f"/requests/{case.reference}/sign", told)


def code(answer: Any) -> str:
    found = re.search(r"<code[^>]*>([a-z_]+)</code>", answer.content.decode())
    return found.group(1) if found else ""


def digest(composition: Composition) -> bytes:
    return bytes.fromhex(composition.sha256)


def test_a_letter_is_shown_signed_with_the_key_and_proves_it_on_the_other_side(
    client: Client, case: Case, key: SoftwareKey, keys: Any, clock: Any, required: None
) -> None:
    before = (Entry.objects.count(), Event.objects.count())
    composition = shown(client, case)
    assert (Entry.objects.count(), Event.objects.count()) == before  # showing changes nothing
    assert not Letter.objects.exists()
    answer = sign(client, case, composition, key.answer(digest(composition)))
    assert answer.status_code == 302, answer.content.decode()
    letter = Letter.objects.get()
    assert letter.pk == composition.pk
    assert hashlib.sha256(bytes(letter.canonical or b"")).hexdigest() == composition.sha256
    assert find_problems(parse(bytes(letter.canonical or b""))) == []
    clock.advance(seconds=5)
    sealing.seal({"letter": str(letter.pk)}, clock.now)
    letter.refresh_from_db()
    from comity.node.directory import anchors

    with container(letter) as sealed:
        report = verify(sealed, trust=anchors.trust(), identities=None, as_of=clock.now)
    step = report.steps[-1]
    assert (step.id, step.n, step.verdict) == ("signatory", 10, "passed"), step
    assert "stepup.json" in [file.name for file in report.files]


def test_a_container_whose_statement_is_of_another_letter_is_refused(
    client: Client, case: Case, key: SoftwareKey, keys: Any, clock: Any
) -> None:
    from comity.node.directory import anchors

    composition = shown(client, case)
    sign(client, case, composition, key.answer(digest(composition)))
    letter = Letter.objects.get()
    letter.stepup["assertion"] |= key.assertion(hashlib.sha256(b"another letter").digest())
    letter.save()
    sealing.seal({"letter": str(letter.pk)}, clock.advance(seconds=5))
    letter.refresh_from_db()
    with container(letter) as sealed:
        report = verify(sealed, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.verdict, report.codes) == ("failed", ["stepup_forged"])


@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        ({"challenge": "AAAA"}, "challenge"),
        ({"origin": "https://elsewhere.example"}, "origin"),
        ({"origin": "http://localhost:99"}, "origin"),
        ({"type": "webauthn.create"}, "type"),
        ({"crossOrigin": True}, "type"),
    ],
)
def test_an_answer_to_something_else_signs_nothing(
    client: Client, case: Case, key: SoftwareKey, bent: dict[str, Any], reason: str
) -> None:
    composition = shown(client, case)
    answer = sign(client, case, composition, key.answer(digest(composition), **bent))
    assert (answer.status_code, code(answer)) == (409, "key_answer_wrong")
    assert f"({reason})" in answer.content.decode()
    assert not Letter.objects.exists()


def test_only_a_key_of_the_account_that_verifies_its_holder_and_counts_on_signs(
    client: Client, case: Case, key: SoftwareKey, signatory: Any
) -> None:
    composition = shown(client, case)
    stranger = SoftwareKey()
    impostor = SoftwareKey(id=key.id)  # another key under the same name
    for answer in (stranger.answer(digest(composition)), impostor.answer(digest(composition)), {}, "x"):
        assert code(sign(client, case, composition, answer)) == "key_answer_wrong"
    key.flags = UP
    answer = sign(client, case, composition, key.answer(digest(composition)))
    assert "(stepup_unverified)" in answer.content.decode()
    key.flags, key.counter = UP | 0x04, 0  # as a copy of the key would count
    answer = sign(client, case, composition, key.answer(digest(composition)))
    assert "(counter)" in answer.content.decode()
    assert not Letter.objects.exists()
    key.counter = 9
    assert sign(client, case, composition, key.answer(digest(composition))).status_code == 302


def test_what_changed_since_it_was_shown_is_not_signed(
    client: Client, case: Case, key: SoftwareKey, drafter: Any, clock: Any
) -> None:
    composition = shown(client, case)
    Case.objects.filter(pk=case.pk).update(sent_generation=1)
    answer = sign(client, case, composition, key.answer(digest(composition)))
    assert code(answer) == "letter_changed"
    case.refresh_from_db()
    assert (case.preparation, Letter.objects.count()) == (Preparation.IN_REVIEW, 0)


def test_what_was_shown_to_another_or_long_ago_or_for_another_act_is_not_signed(
    client: Client, case: Case, key: SoftwareKey, official: Any
) -> None:
    composition = shown(client, case)
    good = key.answer(digest(composition))
    for change in (
        {"official": official("signatory")},
        {"act": "release_result"},
        {"at": composition.at - signing.SHOWN_FOR - timedelta(seconds=9)},
    ):
        kept = {name: getattr(composition, name) for name in change}
        Composition.objects.filter(pk=composition.pk).update(**change)
        assert code(sign(client, case, composition, good)) == "shown_too_long_ago", change
        Composition.objects.filter(pk=composition.pk).update(**kept)
    assert not Letter.objects.exists()


def test_what_is_signed_once_is_not_signed_again(client: Client, case: Case, key: SoftwareKey) -> None:
    composition = shown(client, case)
    assert sign(client, case, composition, key.answer(digest(composition))).status_code == 302
    assert code(sign(client, case, composition, key.answer(digest(composition)))) == "shown_too_long_ago"
    assert Letter.objects.count() == 1


def test_where_a_key_is_required_nothing_else_signs(
    client: Client, case: Case, signatory: Any, clock: Any, required: None
) -> None:
    page = client.get(f"/requests/{case.reference}/sign").content.decode()
    assert 'value="at_once"' not in page
    assert "/account/2fa/" in page
    answer = client.post(f"/requests/{case.reference}/sign", {"step": "sign"})
    assert (answer.status_code, code(answer)) == (409, "stepup_missing")
    with pytest.raises(signing.StepUpMissingError):
        sign_request(signatory, case, now=clock.now)
    assert not Letter.objects.exists()


def test_four_eyes_are_asked_before_the_letter_is_shown(case: Case, drafter: Any) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(drafter)
    answer = client.post(f"/requests/{case.reference}/sign", {"step": "sign", "sealing": "show"})
    assert code(answer) == "four_eyes"
    assert not Composition.objects.exists()


def test_a_letter_signed_after_a_password_says_so(client: Client, case: Case, signatory: Any) -> None:
    from tests.node.conftest import PASSWORD

    client.logout()
    client.post("/account/login/", {"login": signatory.username, "password": PASSWORD})
    assert client.post(f"/requests/{case.reference}/sign", {"step": "sign"}).status_code == 302
    stepup = Letter.objects.get().stepup
    assert (stepup["method"], stepup["assertion"]) == ("password", None)


def test_who_has_an_authenticator_app_signs_after_a_fresh_code(
    client: Client, case: Case, signatory: Any, clock: Any
) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=signatory, type=Authenticator.Type.TOTP, data={"secret": "x"})
    page = client.get(f"/requests/{case.reference}/sign").content.decode()
    assert "/2fa/reauthenticate/?next=" in page
    assert code(client.post(f"/requests/{case.reference}/sign", {"step": "sign"})) == "code_needed"
    _typed_a_code(client, signatory, clock.now.timestamp() - 301)
    assert code(client.post(f"/requests/{case.reference}/sign", {"step": "sign"})) == "code_needed"
    _typed_a_code(client, signatory, clock.now.timestamp() - 20)
    assert client.post(f"/requests/{case.reference}/sign", {"step": "sign"}).status_code == 302
    assert Letter.objects.get().stepup["method"] == "totp"


def _typed_a_code(client: Client, official: Any, at: float) -> None:
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": at}]
    session["account_authentication_methods_user"] = str(official.pk)
    session.save()


@pytest.mark.parametrize(
    ("said", "demonstration", "strict"),
    [("", False, True), ("", True, False), ("offered", False, False), ("required", True, True)],
)
def test_a_key_is_required_unless_the_node_says_otherwise_or_is_a_demonstration(
    said: str, demonstration: bool, strict: bool
) -> None:
    node = dataclasses.replace(config.current(), step_up=said, demonstration=demonstration)
    assert node.step_up_required is strict


TOLD = {
    "registration": "it says that the request is here, whatever becomes of it",
    "supplement_asked": "it asks",
    "status_asked": "it asks",
    "extension_asked": "it asks",
    "use_permission_asked": "it asks",
    "onward_permission_asked": "it asks",
    "presence_asked": "it asks",
    "hearing_proposed": "it proposes; the agreement binds",
    "consultation": "it talks; what the talk leads to is a letter of its own",
    "consultation_reply": "it talks; what the talk leads to is a letter of its own",
    "status": "it tells how things stand",
    "preservation_done": "it tells what was done on an order",
    "preservation_expiring": "it tells of a time that ends",
    "preservation_unhelpful": "it tells what is feared, and leaves the decision to the other side",
    "obstacle": "it tells what stands in the way",
    "forwarded": "it tells where the request is",
    "confidentiality_impossible": "it tells, and leaves the decision to the other side",
    "costs": "it tells what is expected, and consults on it",
    "exculpatory_notice": "it gives notice, and waits for no consent",
    "custody_update": "it tells what the records of custody say",
    "directory_update": "it tells what changes; each authority’s administrator decides whether to take it",
    "emergency_validated": "it tells what another authority of this State decided",
    "emergency_revoked": "it takes back what this State asked, and bars nobody but this State",
    "safe_conduct": "it tells what is on record; the provision binds, not the letter",
}
"""The kinds of letter that one official signs alone, and why none of them binds the State."""


def test_every_letter_either_binds_and_takes_two_or_it_is_said_why_not() -> None:
    assert set(KINDS) - signing.BINDING == TOLD.keys()
    written = {act for act, turn in TURNS.items() if turn.letter in signing.BINDING}
    assert written - preparing.DECIDING.keys() == {"give_advice"}, "what law or technology is, and of nobody"
    page = (Path(__file__).parents[3] / "docs/decisions/0011-signing.md").read_text(encoding="utf-8")
    assert not [kind for kind in TOLD if f"`{kind}`" not in page]


def test_no_letter_that_binds_is_signed_unprepared(to_sign: Any, signatory: Any) -> None:
    for act in preparing.DECIDING:
        with pytest.raises(preparing.NotPreparedError):
            signing.demand_two(signatory, act, to_sign)
