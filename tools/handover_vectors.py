"""Vectors of what is handed over: the list of a courier's consignment, and an order at home."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tools.vector_forms import LETTER, NOW, OTHER, OWN, Vectors, case, vectors

from comity import canonical
from comity.sealing import keys
from comity.shapes import encode_base64

SIGNATURE = "order.signature"
"""The file of ``kept`` with the signature of the seal over the order, which chance made."""
_AT = canonical.instant_text(NOW)
_ANOTHER = "8d0c2f54-13c5-4d6b-9c9e-6a2f4f1f0b02"
_RECEIPT = sha256(b"a receipt's note").hexdigest()


def make_consignment() -> Vectors:
    """The list of consignments: the bytes of ``list.json``."""
    code = "consignment_malformed"
    whole = _consignment()
    two = [_letter(), _letter(letter=_ANOTHER)]
    right = {
        "a letter and a receipt": whole,
        "nothing": _consignment(letters=[], receipts=[]),
        "two letters": _consignment(letters=two),
    }
    wrong = {
        "an unknown key": whole | {"courier": "A name"},
        "a missing key": {name: each for name, each in whole.items() if name != "packed_at"},
        "no form": _without_form(whole),
        "another form": whole | {"schema": "comity-consignment/2"},
        "to its own sender": _consignment(to=OTHER, letters=[]),
        "a letter of another": _consignment(letters=[_letter(**{"from": "xc-vectors"})]),
        "a letter for another": _consignment(letters=[_letter(to="xc-vectors")]),
        "a letter twice": _consignment(letters=[_letter(), _letter()]),
        "a receipt twice": _consignment(receipts=[_RECEIPT, _RECEIPT]),
        "a receipt by no digest": _consignment(receipts=["../list"]),
        "an envelope with an unknown key": _consignment(letters=[_letter(priority="high")]),
        "an envelope of no form": _consignment(letters=[_without_form(_letter())]),
        "a time with an offset": _consignment(packed_at=_AT[:-1] + "+00:00"),
        "501 receipts": _consignment(receipts=[f"{number:064x}" for number in range(501)]),
    }
    cases = [case(name, bytes=_base64(each)) for name, each in right.items()]
    cases += [case(name, code, bytes=_base64(each)) for name, each in wrong.items()]
    spaced = canonical.write(whole).replace(b'":', b'": ')
    cases.append(case("another spelling", code, bytes=encode_base64(spaced)))
    about = "The bytes (base64) of `list.json`; `files` are those of the package with the first of them."
    names = sorted(["list.json", f"letters/{LETTER}.age", f"receipts/{_RECEIPT}.note"])
    return vectors("COURIER-1 COURIER-2", about, cases, files=names)


def sign_order(authority: keys.Authority) -> bytes:
    """The seal's signature over the order (base64): chance has part in it, so it is kept."""
    return encode_base64(authority.seal.sign(canonical.write(ORDER))).encode()


def make_order(folder: Path, own: Path) -> Vectors:
    """The list of orders, from the kept signature and the seal's certificate in the key folder."""
    signature = (folder / SIGNATURE).read_text("ascii")
    code, newer = "order_unreadable", "comity-order/3"
    forms = {
        "the first form": (None, _FIRST),
        "without secrecy": (None, ORDER | {"secrecy": None}),
        "a later generation that withdraws it": (None, ORDER | {"generation": 2, "desired": "withdrawn"}),
        "handed over by hand": (None, ORDER | {"provider": None, "holder": "A company"}),
        "a later form": ("newer_version", ORDER | {"schema": newer}),
        "an unknown key": (code, ORDER | {"urgent": True}),
        "a missing key": (code, {name: each for name, each in ORDER.items() if name != "review"}),
        "a kind that is none": (code, ORDER | {"kind": "listen"}),
        "a wish that is none": (code, ORDER | {"desired": "done"}),
        "a generation of nothing": (code, ORDER | {"generation": 0}),
        "no identifier": (code, ORDER | {"identifiers": []}),
        "an order by no UUID": (code, ORDER | {"order": "1"}),
        "a review of no day": (code, ORDER | {"review": ORDER["review"] | {"decided_on": "yesterday"}}),
        "no legal basis": (code, ORDER | {"legal_basis": ""}),
        "the first form of a search": (code, _FIRST | {"kind": "search_and_seize"}),
        "no object": (code, []),
    }
    early = ORDER | {"issued_at": "2020-01-01T00:00:00Z"}
    signed = {
        "a signed order": (None, ORDER),
        "a changed order": ("order_signature_wrong", ORDER | {"number": "XA-2026-000001-O2"}),
        "the order of another": ("order_of_another", ORDER | {"authority": OTHER}),
        "an order of before the seal": ("order_seal_not_valid", early),
    }
    cases = [case(name, code, bytes=_base64(each), signature=None) for name, (code, each) in forms.items()]
    cases += [
        case(name, code, bytes=_base64(each), signature=signature) for name, (code, each) in signed.items()
    ]
    sound = _base64(ORDER)
    wrong = "order_signature_wrong"
    cases.append(case("a signature in another spelling", wrong, bytes=sound, signature=f"{signature}\n"))
    cases.append(case("no signature", wrong, bytes=sound, signature=""))
    spaced = canonical.write(ORDER).replace(b'":', b'": ')
    cases.append(case("another spelling", "json_not_canonical", bytes=encode_base64(spaced), signature=None))
    exported = {
        "schema": "comity-signed-order/1",
        "order": sound,
        "signature": signature,
        "certificates": keys.read_text(own / "seal.crt") + keys.read_text(own / "ca.crt"),
    }
    about = (
        "The bytes (base64) of orders: read, and where there is a `signature`, verified as of `authority` "
        "by the seal in kept/keys; `exported` is the file (base64) in which the signed order is carried."
    )
    return vectors("ORDER-1 ORDER-2 ORDER-8", about, cases, authority=OWN, exported=_base64(exported))


def _without_form(document: Vectors) -> Vectors:
    return {name: each for name, each in document.items() if name != "schema"}


def _letter(**changes: str) -> Vectors:
    digest = sha256(b"container").hexdigest()
    said = {"schema": "comity-envelope/1", "letter": LETTER, "from": OTHER, "to": OWN, "generation": 1}
    times = {"written_at": _AT, "expires_at": "2026-12-20T03:12:00Z"}
    return said | {"sha256": digest, "bytes": 9} | times | changes


def _consignment(**changes: object) -> Vectors:
    said = {"schema": "comity-consignment/1", "id": _ANOTHER, "from": OTHER, "to": OWN, "packed_at": _AT}
    return said | {"letters": [_letter()], "receipts": [_RECEIPT]} | changes


ORDER: Vectors = {
    "schema": "comity-order/2",
    "order": LETTER,
    "number": "XA-2026-000001-O1",
    "generation": 1,
    "desired": "executed",
    "kind": "preserve",
    "authority": OWN,
    "issuing_body": "A prosecutor of State XA",
    "review": {"body": "A court", "reference": "7", "decided_on": "2026-11-21"},
    "provider": "post-example",
    "holder": "",
    "identifiers": [{"number": 1, "type": "email", "value": "a@post.example"}],
    "data_kinds": ["traffic"],
    "period": {"from": "2026-10-01T00:00:00Z", "to": None},
    "offence": "",
    "legal_basis": "A provision",
    "effective_from": _AT,
    "effective_until": "2027-02-20T03:12:00Z",
    "renews": None,
    "secrecy": {"until": None, "event": ""},
    "answer_by": None,
    "issued_at": _AT,
}
_FIRST: Vectors = {
    "schema": "comity-order/1",
    "identifier": {"type": "email", "value": "a@post.example"},
    "secret": True,
    **{
        name: ORDER[name]
        for name in (
            *("order", "number", "kind", "authority", "provider"),
            *("data_kinds", "period", "legal_basis", "issued_at"),
        )
    },
}


def _base64(value: object) -> str:
    return encode_base64(canonical.write(value))
