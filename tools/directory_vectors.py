"""Vectors of who is who: an authority's card, its entry in the directory, the notice of its transport key."""

from __future__ import annotations

from pathlib import Path

from tools.vector_forms import NOW, OTHER, OWN, Vectors, case, changed, stranger, vectors

from comity import canonical
from comity.directory.cards import CERTIFICATES, fingerprint
from comity.proofs import transport_keys
from comity.proofs.notes import Signer, sign_line
from comity.sealing import keys
from comity.shapes import encode_base64

_AT, _UNTIL = canonical.instant_text(NOW), "2027-11-22T03:12:00Z"


def make_card(folder: Path) -> Vectors:
    """The list of cards, made of the certificates and keys in a key folder."""
    code = "card_unreadable"
    data = canonical.write(_card(folder))
    seal = _quoted(folder, "seal.crt")
    edits = {
        "another spelling": ("json_not_canonical", b'":', b'": '),
        "an unknown key": (code, b'"hours":', b'"creator":"x","hours":'),
        "a missing key": (code, b'"contact":"",', b""),
        "another form": (code, b"comity-card/1", b"comity-card/2"),
        "an id of capital letters": (code, b'"id":"xa-', b'"id":"XA-'),
        "a State of three letters": (code, b'"state":"XA"', b'"state":"XAA"'),
        "an address without TLS": (code, b"https://", b"http://"),
        "an address with a user": (code, b"https://", b"https://user@"),
        "an address with a query": (code, b":8443", b":8443/?a=b"),
        "a certificate that is none": (code, _quoted(folder, "tls.crt"), b'"none"'),
        "a changed certificate": (code, *_signature_changed(folder)),
        "certificates of another CA": (code, _quoted(folder, "ca.crt"), seal),
        "the ledger key of another": (code, _quoted(folder, "log.vkey"), _KEY_OF_ANOTHER),
        "a ledger key that is none": ("note_key_unreadable", b'"log_key":"', b'"log_key":"!'),
        "a recipient that is none of age": (code, b'"recipient":"age1', b'"recipient":"key1'),
        "a key without a number": (code, b'"recipient_number":1', b'"recipient_number":0'),
    }
    right = {
        "a sound card": None,
        "whose key ends at a time": (b'"recipient_until":null', f'"recipient_until":"{_UNTIL}"'.encode()),
        "that tells nothing of its key": (b',"recipient_number":1,"recipient_until":null', b""),
    }
    cases = [case(name, edit=changed(data, *edit) if edit else None) for name, edit in right.items()]
    cases += [case(name, code, edit=changed(data, *edit)) for name, (code, *edit) in edits.items()]
    about = "Cards: `whole` (base64) after one edit; `fingerprint` is that of the unchanged one."
    told = {"whole": encode_base64(data), "fingerprint": fingerprint(data)}
    return vectors("DIRECTORY-23 DIRECTORY-24 COMMON-1 COMMON-2", about, cases, **told)


def make_entry(folder: Path) -> Vectors:
    """The list of entries, of which the whole one has the card above."""
    code = "entry_unreadable"
    card = canonical.write(_card(folder))
    data = canonical.write(_entry(folder))
    region = b'{"code":"XA-12","names":{"en":"A region"}}'
    edits = {
        "another spelling": ("json_not_canonical", b'":', b'": '),
        "an unknown key": (code, b'"confirmed_at":', b'"cited":null,"confirmed_at":'),
        "a missing key": (code, f'"confirmed_at":"{_AT}",'.encode(), b""),
        "another form": (code, b"comity-entry/1", b"comity-entry/2"),
        "a card of another authority": (code, b'"id":"xa-vectors","names":{"en":"An', _OF_ANOTHER),
        "a card of another State": (code, b'"state":"XA","time_zone"', b'"state":"XB","time_zone"'),
        "a card that does not fit itself": (code, _quoted(folder, "ca.crt"), _quoted(folder, "seal.crt")),
        "a region of another State": (code, b"XA-12", b"XB-12"),
        "no designation": (code, canonical.write(_DESIGNATIONS), b"[]"),
        "a designation of no role": (code, b'["point_of_contact_24_7"],"valid_from"', b'[],"valid_from"'),
        "a day that no calendar has": (code, b'"valid_from":"2026-06-01"', b'"valid_from":"2026-02-30"'),
        "a contact of no purpose": (code, b'"purpose":"duty"', b'"purpose":"any"'),
        "a telephone of letters": (code, b'"telephone":"+', b'"telephone":"CALL'),
        "no name": (code, canonical.write({"en": NAME, "kk": "Орган"}), b"{}"),
        "a beginning that is no instant": (code, f'"valid_from":"{_AT}"'.encode(), b'"valid_from":"2026"'),
    }
    right = {
        "a sound entry": None,
        "without a node": (card, b"null"),
        "without a region": (region, b"null"),
        "of whose region nothing is said": (b'"region":' + region + b",", b""),
        "of a designation without end, of which nothing is said": (b',"valid_until":null}', b"}"),
        "that ends": (f'"{_AT}","valid_until":null'.encode(), f'"{_AT}","valid_until":"{_UNTIL}"'.encode()),
    }
    cases = [case(name, edit=changed(data, *edit) if edit else None) for name, edit in right.items()]
    cases += [case(name, code, edit=changed(data, *edit)) for name, (code, *edit) in edits.items()]
    about = "Entries of the directory: `whole` (base64) after one edit; they lie at `path`."
    told = {"whole": encode_base64(data), "path": f"XA/{OWN}.json"}
    return vectors("DIRECTORY-1 DIRECTORY-2 DIRECTORY-3 DIRECTORY-4 DIRECTORY-6", about, cases, **told)


def make_transport_key(folder: Path, signer: Signer) -> Vectors:
    """The list of notices of a transport key, of which ``OWN`` signs every one."""
    code, schema = "key_notice_malformed", transport_keys.SCHEMA
    said = {
        "schema": schema,
        "authority": OWN,
        "number": 2,
        "recipient": keys.read_text(folder / "transport.recipient").strip(),
        "valid_from": _AT,
        "valid_until": _UNTIL,
    }
    note = _signed(said, signer)
    without = {name: each for name, each in said.items() if name != "valid_until"}
    formless = {name: each for name, each in said.items() if name != "schema"}
    wrong = {
        "another key's signature": ("note_unsigned", _signed(said, stranger())),
        "a changed number": ("note_signature_wrong", note.replace('"number":2', '"number":3')),
        "another heading": (code, sign_line("comity-drill/1", said, signer).decode()),
        "a later version": ("newer_version", sign_line("comity-transport-key/2", said, signer).decode()),
        "a form that is not the heading's": (
            code,
            sign_line(schema, said | {"schema": "x/1"}, signer).decode(),
        ),
        "an unknown key": (code, _signed(said | {"urgent": True}, signer)),
        "a missing end": (code, _signed(without, signer)),
        "no form": (code, sign_line(schema, formless, signer).decode()),
        "a number of nothing": (code, _signed(said | {"number": 0}, signer)),
        "a number as a text": (code, _signed(said | {"number": "2"}, signer)),
        "a recipient that is none of age": (code, _signed(said | {"recipient": "ssh-ed25519 x"}, signer)),
        "a time with an offset": (code, _signed(said | {"valid_from": _AT[:-1] + "+00:00"}, signer)),
    }
    cases = [case("a notice", note=note)]
    cases += [case(name, code, note=each) for name, (code, each) in wrong.items()]
    about = "Notes, judged by `verifier` as notices of a transport key."
    return vectors("WIRE-19 COMMON-2 COMMON-6 COMMON-7", about, cases, verifier=signer.verifier.text)


NAME = "An authority of test vectors"
_OF_ANOTHER = f'"id":"{OTHER}","names":{{"en":"An'.encode()
_KEY_OF_ANOTHER = canonical.write(stranger(OTHER).verifier.text)
_DESIGNATIONS = [
    {
        "instrument": "uncc",
        "roles": ["point_of_contact_24_7"],
        "valid_from": "2026-06-01",
        "valid_until": None,
    }
]


def _card(folder: Path) -> Vectors:
    return {
        "schema": "comity-card/1",
        "id": OWN,
        "state": "XA",
        "names": {"en": NAME},
        "roles": ["point_of_contact_24_7"],
        "created_at": _AT,
        "peer_url": "https://node.example:8443",
        "hours": "",
        "time_zone": "UTC",
        "languages": ["en"],
        "contact": "",
        "certificates": {name: keys.read_text(folder / f"{name}.crt") for name in CERTIFICATES},
        "log_key": keys.read_text(folder / "log.vkey").strip(),
        "recipient": keys.read_text(folder / "transport.recipient").strip(),
        "recipient_number": 1,
        "recipient_until": None,
    }


def _entry(folder: Path) -> Vectors:
    contact = {
        "purpose": "duty",
        "post": "Duty officer",
        "hours": "24/7",
        "time_zone": "UTC",
        "languages": ["en"],
        "telephone": "+99 (0) 1",
        "email": "duty@node.example",
        "address": "",
    }
    return {
        "schema": "comity-entry/1",
        "id": OWN,
        "state": "XA",
        "region": {"code": "XA-12", "names": {"en": "A region"}},
        "names": {"en": NAME, "kk": "Орган"},
        "designations": _DESIGNATIONS,
        "contacts": [contact],
        "card": _card(folder),
        "valid_from": _AT,
        "valid_until": None,
        "confirmed_at": _AT,
    }


def _quoted(folder: Path, name: str) -> bytes:
    text = keys.read_text(folder / name)
    return canonical.write(text if name.endswith(".crt") else text.strip())


def _signature_changed(folder: Path) -> tuple[bytes, bytes]:
    """A certificate's PEM as it stands in the card, and with another character in its signature."""
    text = _quoted(folder, "tls.crt")
    at = text.rindex(b"\\n-----END") - 12
    return text, text[:at] + (b"A" if text[at : at + 1] != b"A" else b"B") + text[at + 1 :]


def _signed(said: Vectors, signer: Signer) -> str:
    return sign_line(transport_keys.SCHEMA, said, signer).decode()
