"""The form of an order by itself: read, verified, refused, shown to people, without any node."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from comity import canonical, cli
from comity.letters.labels import Language
from comity.orders import form
from comity.orders.readable import compose, render_order
from comity.orders.verification import (
    OrderOfAnotherError,
    OrderSealNotValidError,
    OrderSignatureWrongError,
    verify,
)
from comity.sealing import keys
from comity.shapes import NewerVersionError, encode_base64
from comity.terms import ComityError

NOW = datetime(2027, 6, 12, 3, 12, tzinfo=UTC)
ID = "5d1f7a52-9a3e-4f0b-8c57-0f6c1c3e7a01"
ORDER: dict[str, Any] = {
    "schema": "comity-order/2",
    "order": ID,
    "number": "XA-2027-000001-O1",
    "generation": 1,
    "desired": "executed",
    "kind": "preserve",
    "authority": "xa-247",
    "issuing_body": "Prosecutor of State XA",
    "review": {"body": "Court", "reference": "7", "decided_on": "2027-06-11"},
    "provider": "post-example",
    "holder": "",
    "identifiers": [{"number": 1, "type": "email", "value": "a@post.example"}],
    "data_kinds": ["traffic"],
    "period": {"from": "2027-01-01T00:00:00Z", "to": None},
    "offence": "",
    "legal_basis": "A provision",
    "effective_from": "2027-06-12T03:12:00Z",
    "effective_until": "2027-09-10T03:12:00Z",
    "renews": None,
    "secrecy": {"until": None, "event": ""},
    "answer_by": None,
    "issued_at": "2027-06-12T03:12:00Z",
}
FIRST = {
    "schema": "comity-order/1",
    "order": ID,
    "number": "XA-2027-000001-O1",
    "kind": "produce",
    "authority": "xa-247",
    "provider": "post-example",
    "identifier": {"type": "email", "value": "a@post.example"},
    "data_kinds": ["content"],
    "period": None,
    "legal_basis": "A provision",
    "secret": True,
    "issued_at": "2027-06-12T03:12:00Z",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> keys.Authority:
    folder: Path = tmp_path_factory.mktemp("authority")
    keys.create_authority(folder / "xa", id="xa-247", name="Authority of State XA", state="XA", now=NOW)
    return keys.load(folder / "xa")


def signed(by: keys.Authority, /, **changes: Any) -> tuple[bytes, str]:
    data = canonical.write(ORDER | changes)
    return data, encode_base64(by.seal.sign(data))


def test_an_order_is_read_when_the_named_authority_signed_it(authority: keys.Authority) -> None:
    order = verify(*signed(authority), authority.seal.certificate, "xa-247")
    assert (order.kind, order.desired, order.identifiers[0].value) == (
        "preserve",
        "executed",
        "a@post.example",
    )
    assert order.as_json() == ORDER


def test_what_was_changed_or_signed_by_another_key_is_refused(authority: keys.Authority) -> None:
    data, signature = signed(authority)
    seal = authority.seal.certificate
    with pytest.raises(OrderSignatureWrongError):
        verify(data.replace(b"a@post", b"b@post"), signature, seal, "xa-247")
    with pytest.raises(OrderSignatureWrongError):
        verify(data, signature, authority.time_service.certificate, "xa-247")
    for wrong in ("", "!", encode_base64(b"x" * 70)):
        with pytest.raises(OrderSignatureWrongError):
            verify(data, wrong, seal, "xa-247")


def test_an_order_of_another_authority_or_of_before_the_seal_is_refused(authority: keys.Authority) -> None:
    data, signature = signed(authority, authority="xb-247")
    with pytest.raises(OrderOfAnotherError):
        verify(data, signature, authority.seal.certificate, "xa-247")
    data, signature = signed(authority, issued_at="2020-01-01T00:00:00Z")
    with pytest.raises(OrderSealNotValidError):
        verify(data, signature, authority.seal.certificate, "xa-247")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "torture"},
        {"desired": "done"},
        {"generation": 0},
        {"identifiers": []},
        {"surprise": 1},
        {"order": "../../etc/passwd"},
        {"review": {"body": "Court"}},
        {"legal_basis": ""},
    ],
)
def test_another_form_is_refused_with_a_code(changes: dict[str, Any]) -> None:
    with pytest.raises(form.OrderUnreadableError):
        form.read(canonical.write(ORDER | changes))


@pytest.mark.parametrize("data", [b"", b"[]", b'{"schema": "comity-order/2"}', b"\xff", b"null"])
def test_what_is_no_order_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(ComityError):
        form.read(data)


def test_the_first_form_is_read_and_a_later_one_is_named() -> None:
    order = form.read(canonical.write(FIRST))
    assert (order.kind, order.generation, order.secrecy is not None) == ("produce", 1, True)
    with pytest.raises(NewerVersionError):
        form.read(canonical.write(ORDER | {"schema": "comity-order/3"}))


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (["done", "done"], "done"),
        (["done", "not_held"], "partly_done"),
        (["not_held", "not_held"], "not_held"),
        (["not_held", "conflict_with_law"], "failed"),
        (["needs_other_authority"], "failed"),
    ],
)
def test_the_state_follows_from_the_answers(outcomes: list[str], state: str) -> None:
    assert form.state_of(outcomes) == state


@pytest.mark.parametrize("kind", list(form.OrderKind))
@pytest.mark.parametrize("language", list(Language))
def test_every_kind_has_its_words_in_every_language(kind: str, language: Language) -> None:
    for changes in ({"desired": "lifted", "secrecy": None}, {"secrecy": {"until": None, "event": "x"}}):
        data = canonical.write(ORDER | changes | {"kind": kind})
        document = compose(data, {"xa-247": "Authority of State XA", "post-example": "Post"}, language)
        assert document.title != kind
        assert document.parties[1][1] == "Post"
        assert bool(document.marks) == ("desired" in changes)


def test_an_order_is_a_document_to_print() -> None:
    assert render_order(canonical.write(ORDER), {}, "kk").startswith(b"%PDF")


def exported(by: keys.Authority, /, **changes: Any) -> bytes:
    data, signature = signed(by, **changes)
    seal = by.seal.certificate.public_bytes(Encoding.PEM).decode()
    value = {"schema": "comity-signed-order/1", "order": encode_base64(data), "signature": signature}
    return canonical.write(value | {"certificates": seal})


def test_an_exported_order_is_imported_by_the_seal_of_the_directory(
    authority: keys.Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, seal = tmp_path / "order.json", tmp_path / "seal.pem"
    whose = ["--seal", str(seal), "--authority", "xa-247"]
    file.write_bytes(exported(authority))
    seal.write_bytes(authority.seal.certificate.public_bytes(Encoding.PEM))
    assert cli.main(["order", "import", str(file), *whose, "--json"]) == 0
    assert canonical.read(capsys.readouterr().out.encode()) == ORDER
    assert cli.main(["order", "import", str(file), *whose]) == 0
    assert "a@post.example" in capsys.readouterr().out
    file.write_bytes(exported(authority).replace(b'"order":"', b'"order":"AAAA', 1))
    assert cli.main(["order", "import", str(file), *whose]) != 0
    file.write_bytes(exported(authority, authority="xb-247"))
    assert cli.main(["order", "import", str(file), *whose]) != 0
    assert "order_of_another" in capsys.readouterr().err
    file.write_bytes(b"[]")
    assert cli.main(["order", "import", str(file), *whose]) != 0
    assert cli.main(["order", "import", str(tmp_path / "none"), *whose]) != 0
