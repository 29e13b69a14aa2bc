"""Signing with a national token as well: what it signed travels; what is not believed signs nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.national import NationalAuthority
from tests.node.casework.test_signing import code, shown

from comity.node import config
from comity.node.casework.models import Case, Composition, Event
from comity.node.exchange import national, sealing
from comity.node.exchange.models import Letter, SignedPdf
from comity.node.exchange.reading import container
from comity.sealing.national import LIMIT
from comity.sealing.reading import Package
from comity.sealing.verification import verify

pytestmark = pytest.mark.usefixtures("pages_clock")


@pytest.fixture
def case(to_sign: Case) -> Case:
    return to_sign


@pytest.fixture
def client(signatory: Any, settings: Any) -> Client:
    """The signatory, whose certificate names them in capitals."""
    signatory.full_name = "Daniyar Omarov"
    signatory.save()
    entered = Client(SERVER_NAME="localhost")
    entered.force_login(signatory)
    return entered


@pytest.fixture
def national_authority(clock: Any) -> Iterator[NationalAuthority]:
    """An issuer that this node believes."""
    made = NationalAuthority()
    folder = config.current().folder / national.FOLDER
    folder.mkdir()
    (folder / "issuer.pem").write_bytes(made.pem)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def with_token(
    client: Client, case: Case, composition: Composition, signed: bytes, name: str = "national", **told: str
) -> Any:
    told |= {"step": "sign", "composition": str(composition.pk), "credential": ""}
    file = SimpleUploadedFile("signed", signed)
    return client.post(f"/requests/{case.reference}/sign", told | {name: file})


def to_sign(client: Client, case: Case, composition: Composition) -> bytes:
    answer = client.get(f"/requests/{case.reference}/shown/{composition.pk}.json")
    assert hashlib.sha256(answer.content).hexdigest() == composition.sha256
    return answer.content


def test_a_national_signature_travels_beside_the_seal_and_is_shown(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    from comity.node.directory import anchors

    composition = shown(client, case)
    signature = national_authority.sign(to_sign(client, case, composition))
    answer = with_token(client, case, composition, signature)
    assert answer.status_code == 302, answer.content.decode()
    letter = Letter.objects.get()
    assert letter.national_report["verdict"] == "passed"
    assert "DANIYAR OMAROV" in client.get(f"/letters/{letter.pk}/").content.decode()
    sealing.seal({"letter": str(letter.pk)}, clock.advance(seconds=5))
    letter.refresh_from_db()
    with container(letter) as sealed:
        report = verify(sealed, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.steps[-1].id, report.verdict) == ("national", "passed")
    assert report.national == signature


def test_a_national_signature_that_this_node_does_not_believe_signs_nothing(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    data = to_sign(client, case, composition)
    refused = {
        "national_of_other_bytes": national_authority.sign(b"another letter"),
        "national_untrusted": NationalAuthority().sign(data),
        "national_expired": national_authority.sign(data, valid_until=clock.now - timedelta(days=1)),
        "national_usage": national_authority.sign(data, signs=False),
        "national_unreadable": b"no signature",
        "national_too_large": b"0" * (LIMIT + 1),
    }
    for expected, signature in refused.items():
        assert code(with_token(client, case, composition, signature)) == expected
    assert not Letter.objects.exists()
    shutil.rmtree(config.current().folder / national.FOLDER)
    (config.current().folder / national.FOLDER).mkdir()
    answer = with_token(client, case, composition, national_authority.sign(data))
    assert code(answer) == "national_anchors_missing"
    assert not Letter.objects.exists()


def test_a_container_with_a_national_signature_over_something_else_is_refused(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    from comity.node.directory import anchors

    client.post(f"/requests/{case.reference}/sign", {"step": "sign"})
    letter = Letter.objects.get()
    letter.national = national_authority.sign(b"another letter")
    letter.save()
    sealing.seal({"letter": str(letter.pk)}, clock.advance(seconds=5))
    letter.refresh_from_db()
    with container(letter) as sealed:
        report = verify(sealed, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.verdict, report.codes) == ("failed", ["national_of_other_bytes"])


def test_who_receives_it_judges_by_its_own_anchors(
    clock: Any, assumed: None, national_authority: NationalAuthority
) -> None:
    data = b"the bytes of letter.json"
    name = "Daniyar Omarov"
    unknown = national.judge(NationalAuthority().sign(data), data, clock.now, name=name)
    past = national_authority.sign(data, valid_until=clock.now - timedelta(days=1))
    ended = national.judge(past, data, clock.now, name=name)
    known = national.judge(national_authority.sign(data), data, clock.now, name=name)
    assert [each["verdict"] for each in (unknown, ended, known)] == ["indeterminate", "failed", "passed"]
    assert [each["code"] for each in (unknown, ended)] == ["national_untrusted", "national_expired"]


def test_the_letter_that_was_shown_is_given_to_whom_it_was_shown_alone(
    client: Client, case: Case, official: Any
) -> None:
    composition = shown(client, case)
    other = Client(SERVER_NAME="localhost")
    other.force_login(official("signatory"))
    for form in ("json", "kk.pdf"):
        assert other.get(f"/requests/{case.reference}/shown/{composition.pk}.{form}").status_code == 404
    assert client.get(f"/requests/{case.reference}/shown/{composition.pk}.xx.pdf").status_code == 404


# --- the readable form, signed by the token (PAdES)


def pdf_to_sign(client: Client, case: Case, composition: Composition, language: str = "kk") -> bytes:
    answer = client.get(f"/requests/{case.reference}/shown/{composition.pk}.{language}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    return bytes(answer.content)


def verified(letter: Letter, clock: Any) -> Any:
    """Seal the letter and verify its container."""
    from comity.node.directory import anchors

    sealing.seal({"letter": str(letter.pk)}, clock.advance(seconds=5))
    letter.refresh_from_db()
    with container(letter) as sealed:
        return verify(sealed, trust=anchors.trust(), identities=None, as_of=clock.now)


def test_a_signed_pdf_travels_beside_the_form_that_was_shown_and_is_shown(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    pdf = pdf_to_sign(client, case, composition)
    signed = national_authority.sign_pdf(pdf)
    answer = with_token(client, case, composition, signed, "signed_pdf")
    assert answer.status_code == 302, answer.content.decode()
    letter = Letter.objects.get()
    found = letter.signed_pdf_report
    assert (found["verdict"], found["name_agrees"], found["form"]) == ("passed", True, "letter.kk.pdf")
    assert SignedPdf.objects.filter(letter=letter).exists()
    report = verified(letter, clock)
    assert (report.steps[-1].id, report.verdict) == ("signed_pdf", "passed"), report.steps[-1]
    with container(letter) as sealed:
        package = Package(sealed)
        assert package.read("letter.kk.pdf", LIMIT) == pdf
        assert package.read("signatory.pdf", LIMIT) == signed
    assert not SignedPdf.objects.exists()  # from now on it lies in the container alone
    page = client.get(f"/letters/{letter.pk}/").content.decode()
    assert "DANIYAR OMAROV" in page
    assert client.get(f"/letters/{letter.pk}/signatory.pdf").content == signed


def test_the_form_that_was_signed_is_sealed_even_where_it_would_be_typeset_otherwise_now(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    pdf = pdf_to_sign(client, case, composition)
    with_token(client, case, composition, national_authority.sign_pdf(pdf), "signed_pdf")
    letter = Letter.objects.get()
    letter.peer.names = dict.fromkeys(("en", "kk", "ru"), "Another name")
    letter.peer.save()
    assert verified(letter, clock).verdict == "passed"
    with container(letter) as sealed:
        package = Package(sealed)
        assert package.read("letter.kk.pdf", LIMIT) == pdf


def test_a_signed_pdf_that_is_not_this_letter_or_not_believed_signs_nothing(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    pdf = pdf_to_sign(client, case, composition)
    clock.advance(seconds=1)
    other = pdf_to_sign(client, case, shown(client, case))
    refused = {
        "signed_pdf_of_another": national_authority.sign_pdf(other),
        "signed_pdf_visible": national_authority.sign_pdf(pdf, box=(0, 0, 600, 800)),
        "signed_pdf_signatures": pdf,
        "national_untrusted": NationalAuthority().sign_pdf(pdf),
        "national_expired": national_authority.sign_pdf(pdf, valid_until=clock.now - timedelta(days=1)),
    }
    for expected, signed in refused.items():
        answer = with_token(client, case, composition, signed, "signed_pdf")
        assert (answer.status_code, code(answer)) == (409, expected)
    assert not Letter.objects.exists()
    signed = national_authority.sign_pdf(pdf)  # what was shown can still be signed
    assert with_token(client, case, composition, signed, "signed_pdf").status_code == 302


def test_a_container_whose_signed_pdf_is_of_another_letter_is_refused(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    pdf = pdf_to_sign(client, case, composition)
    clock.advance(seconds=1)
    other = pdf_to_sign(client, case, shown(client, case))
    with_token(client, case, composition, national_authority.sign_pdf(pdf), "signed_pdf")
    SignedPdf.objects.update(data=pdf + national_authority.sign_pdf(other)[len(other) :])
    report = verified(Letter.objects.get(), clock)
    assert (report.verdict, report.codes) in [
        ("failed", ["signed_pdf_unreadable"]),
        ("failed", ["signed_pdf_revisions"]),
        ("failed", ["national_of_other_bytes"]),
    ]


# --- whose name the certificate writes


def test_a_name_that_is_written_otherwise_is_answered_before_anything_is_signed(
    client: Client, case: Case, keys: Any, clock: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    pdf = pdf_to_sign(client, case, composition)
    signed = national_authority.sign_pdf(pdf, name="ОМАРОВ ДАНИЯР")
    answer = with_token(client, case, composition, signed, "signed_pdf", name_answer="  ")
    assert (answer.status_code, code(answer)) == (409, "national_name_differs")
    assert "ОМАРОВ ДАНИЯР" in answer.content.decode()
    assert not Letter.objects.exists()
    why = "My certificate is in Cyrillic"
    assert with_token(client, case, composition, signed, "signed_pdf", name_answer=why).status_code == 302
    event = Event.objects.get(kind="national_name_answered")
    told = {"certificate": "ОМАРОВ ДАНИЯР", "name": "Daniyar Omarov", "answer": why}
    assert event.params == told
    letter = Letter.objects.get()
    assert letter.signed_pdf_report["name_agrees"] is False
    assert "mark soon" in client.get(f"/letters/{letter.pk}/").content.decode()
    assert why in client.get(f"/requests/{case.reference}/").content.decode()


def test_the_same_is_asked_for_a_detached_signature_and_nothing_where_names_agree(
    client: Client, case: Case, keys: Any, national_authority: NationalAuthority
) -> None:
    composition = shown(client, case)
    data = to_sign(client, case, composition)
    other = national_authority.sign(data, name="Another Person")
    assert code(with_token(client, case, composition, other)) == "national_name_differs"
    assert not Letter.objects.exists()
    assert with_token(client, case, composition, national_authority.sign(data)).status_code == 302
    assert not Event.objects.filter(kind="national_name_answered").exists()
