"""Write docs/spec/vectors from the code that reads the forms; a test compares them.

``python -m tools.make_vectors`` from the top of the source, which is on the path (PYTHONPATH=src:.).

What chance made (keys, salts, signatures of ECDSA) lies in ``vectors/kept`` and is made only where it is
missing; everything else follows from it and from the clauses.
"""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tools import directory_vectors, drill_vectors, handover_vectors, letter_vectors, sealed_vectors
from tools.vector_forms import LETTER, NOW, OTHER, OWN, SALT, Vectors, case, stranger, vectors

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.proofs import checkpoints, cosignatures, merkle, receipts
from comity.proofs.checkpoints import Checkpoint, sign_checkpoint
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.notes import Signer, sign_line
from comity.proofs.receipts import Statement
from comity.sealing import encryption, keys
from comity.sealing.age import recipients
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind, ManifestFile
from comity.sealing.sources import in_memory
from comity.shapes import encode_base64

TARGET = Path(__file__).resolve().parent.parent / "docs" / "spec" / "vectors"
NAME = "Published test keys: trust nothing that they sign"
PLAIN = b"what is encrypted\n"
CONTAINER, KEYS = "container.asice", "keys"
ENCRYPTED = ("x25519.age", "hybrid.age")


def keep(folder: Path) -> None:
    """Make what chance makes, where it is missing."""
    own = folder / KEYS
    if not own.exists():
        keys.create_authority(own, id=OWN, name=NAME, state="XA", now=NOW, valid_days=36500)
    if not (folder / "x25519.identity").exists():
        (folder / "x25519.identity").write_text(f"{recipients.X25519Identity.generate()}\n", "ascii")
    if not (folder / CONTAINER).exists():
        files = [in_memory("exhibit.txt", "text/plain", b"An exhibit.\n"), _kazakh()]
        with (folder / CONTAINER).open("wb") as out, PlainFlow(out) as flow:
            write_container(flow, files, kind=Kind.FILES, about={}, signer=keys.load(own), now=NOW)
    if not (folder / handover_vectors.SIGNATURE).exists():
        (folder / handover_vectors.SIGNATURE).write_bytes(handover_vectors.sign_order(keys.load(own)))
    sealed_vectors.keep(folder, keys.load(own))
    for name, identity in zip(ENCRYPTED, identities(folder), strict=True):
        if not (folder / name).exists():
            with (folder / name).open("wb") as out:
                encryption.encrypt(io.BytesIO(PLAIN), out, [encryption.recipient_of(identity)])


def identities(folder: Path) -> tuple[str, str]:
    """The identities that open the two encrypted files, in the order of ``ENCRYPTED``."""
    return keys.read_identity(folder / "x25519.identity"), keys.read_identity(
        folder / KEYS / "transport.identity"
    )


def derive(folder: Path) -> dict[str, bytes]:
    """Every file of vectors by its name, from what was kept."""
    own = folder / KEYS
    signer = keys.load(own).log
    made = {
        "canonical.json": _canonical(),
        "envelope.json": _envelope(),
        "arrival.json": _arrival(),
        "tree.json": _tree(),
        "checkpoint.json": _checkpoint(signer),
        "cosignature.json": _cosignature(signer),
        "receipt.json": _receipt(signer),
        "drill.json": drill_vectors.make(signer),
        "letter.json": letter_vectors.make(),
        "letters.json": letter_vectors.make_kinds(),
        "card.json": directory_vectors.make_card(own),
        "entry.json": directory_vectors.make_entry(own),
        "transport_key.json": directory_vectors.make_transport_key(own, signer),
        "consignment.json": handover_vectors.make_consignment(),
        "order.json": handover_vectors.make_order(folder, own),
        "manifest.json": _manifest(),
        "container.json": _container((folder / CONTAINER).read_bytes()),
        "sealed.json": sealed_vectors.make(folder),
        "encrypted.json": _encrypted(folder),
    }
    return {name: _text(each) for name, each in made.items()}


def _text(value: Vectors) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _canonical() -> Vectors:
    right = {
        "an empty object": b"{}",
        "keys by their UTF-16 units": '{"1":1,"\u20ac":2,"\U0001f600":3,"\ufb33":4}'.encode(),
        "numbers as ECMAScript writes them": b"[0,1,-1,0.5,1e-7,1e+21,9007199254740991]",
        "characters as they are": '"\u0496\\n\\u0001\\"\u2028"'.encode(),
    }
    wrong = {
        "a key twice": (b'{"a":1,"a":1}', "json_key_duplicated"),
        "keys in another order": (b'{"b":1,"a":1}', "json_not_canonical"),
        "white space": (b'{"a": 1}', "json_not_canonical"),
        "a number in another spelling": (b"[1.0]", "json_not_canonical"),
        "a character in another spelling": (b'"\\u0041"', "json_not_canonical"),
        "an integer beyond 2^53 - 1": (b"[9007199254740992]", "json_number_inexact"),
        "no number": (b"[NaN]", "json_number_inexact"),
        "half a character": (b'"\\ud800"', "json_text_broken"),
        "33 levels": (b"[" * 33 + b"]" * 33, "json_too_deep"),
        "a byte order mark": (b"\xef\xbb\xbf{}", "json_unreadable"),
        "bytes that are no UTF-8": (b'"\xff"', "json_unreadable"),
        "something behind it": (b"{}x", "json_unreadable"),
    }
    cases = [case(name, bytes=encode_base64(data)) for name, data in right.items()]
    cases += [case(name, code, bytes=encode_base64(data)) for name, (data, code) in wrong.items()]
    return vectors("COMMON-1", "Bytes (base64) that are canonical JSON, or are refused with a code.", cases)


def _said(**changes: Any) -> Vectors:
    values = {
        "schema": "comity-envelope/1",
        "letter": LETTER,
        "from": OTHER,
        "to": OWN,
        "generation": 1,
        "sha256": sha256(b"container").hexdigest(),
        "bytes": 9,
        "written_at": canonical.instant_text(NOW),
        "expires_at": "2026-12-20T03:12:00Z",
    }
    return {name: each for name, each in {**values, **changes}.items() if each is not None}


def _envelope() -> Vectors:
    code = "envelope_malformed"
    data = canonical.write(_said())
    wrong = {
        "another spelling": data.replace(b'":', b'": '),
        "an unknown key": canonical.write(_said(priority="high")),
        "a missing key": canonical.write(_said(generation=None)),
        "no form": canonical.write(_said(schema=None)),
        "another form": canonical.write(_said(schema="comity-letter/1")),
        "an id that is no UUID of version 4": canonical.write(_said(letter=LETTER.replace("-4c", "-1c"))),
        "an upper-case digest": canonical.write(_said(sha256="AB" * 32)),
        "a time with an offset": canonical.write(_said(written_at="2026-11-22T03:12:00+00:00")),
        "a generation of nothing": canonical.write(_said(generation=0)),
        "a number as a text": canonical.write(_said(bytes="9")),
        "more than 4096 bytes": canonical.write(_said(to="x" * 4096)),
    }
    header = encode_base64(data)
    cases = [case("a sound envelope", bytes=encode_base64(data), header=header)]
    cases += [case(name, code, bytes=encode_base64(each)) for name, each in wrong.items()]
    return vectors("WIRE-6 COMMON-2 COMMON-3", "The bytes (base64) of envelopes.", cases)


def _arrival() -> Vectors:
    known = {"peer": OTHER, "sha256": _said()["sha256"]}
    offered: list[tuple[str, str, Vectors, Vectors | None]] = [
        ("a letter that is wanted", "wanted", {}, None),
        ("a letter that is known", "repeat", {}, known),
        ("a letter that is known, after its end", "repeat", _ended(), known),
        ("another sender than the caller", "unknown_sender", {"from": "xc-vectors"}, None),
        ("another recipient", "wrong_recipient", {"to": "xc-vectors"}, None),
        ("another container under a known id", "replayed", {}, known | {"sha256": "00" * 32}),
        ("a known id of another sender", "replayed", {}, known | {"peer": "xc-vectors"}),
        ("an expired letter", "expired", _ended(), None),
        ("a letter from the future", "written_in_future", {"written_at": "2026-11-22T03:17:01Z"}, None),
        ("a letter of five minutes later", "wanted", {"written_at": "2026-11-22T03:17:00Z"}, None),
        ("a letter of 30 days", "wanted", {"expires_at": "2026-12-22T03:12:00Z"}, None),
        ("a letter of a second more", "life_too_long", {"expires_at": "2026-12-22T03:12:01Z"}, None),
        ("a container beyond the bound", "size_exceeded", {"bytes": 1001}, None),
        ("two reasons", "unknown_sender", {"from": "xc-vectors", "to": "xc-vectors"}, None),
    ]
    cases = [
        case(name, answer=answer, envelope=Envelope.model_validate(_said(**changes)).as_json(), known=kept)
        for name, answer, changes, kept in offered
    ]
    context = {"own": OWN, "peer": OTHER, "now": canonical.instant_text(NOW), "max_bytes": 1000}
    about = "What a receiver answers to an offer as `asked` says; `known` is what it remembers of the id."
    return vectors("WIRE-8 WIRE-10 WIRE-11", about, cases, asked=context)


def _ended() -> Vectors:
    return {"written_at": "2026-11-20T03:12:00Z", "expires_at": "2026-11-22T03:12:00Z"}


LEAVES = [leaf_hash(commit(SALT, {"number": number})) for number in range(7)]


def _tree() -> Vectors:
    subtree = merkle.subtrees(LEAVES)
    leaves = [
        {
            "salt": encode_base64(SALT),
            "content": {"number": number},
            "commitment": commit(SALT, {"number": number}).hex(),
            "leaf": leaf.hex(),
        }
        for number, leaf in enumerate(LEAVES)
    ]
    roots = [merkle.root(size, subtree).hex() for size in range(len(LEAVES) + 1)]
    cases = []
    for index, size in ((0, 1), (0, 7), (3, 7), (6, 7), (4, 5)):
        path = merkle.prove_inclusion(index, size, subtree)
        cases.append(_inclusion(f"entry {index} of {size}", index, size, path))
        broken = [*path, bytes(32)]
        cases.append(_inclusion(f"entry {index} of {size}, a hash more", index, size, broken, wrong=True))
    cases.append(_inclusion("another entry's path", 2, 7, merkle.prove_inclusion(3, 7, subtree), wrong=True))
    for old, new in ((0, 7), (1, 7), (3, 7), (4, 7), (6, 7), (7, 7)):
        path = merkle.prove_consistency(old, new, subtree)
        cases.append(_consistency(f"{new} entries continue {old}", old, new, path))
        cases.append(
            _consistency(f"{new} after {old}, a hash more", old, new, [*path, bytes(32)], wrong=True)
        )
    cases.append(_consistency("a path that is empty", 3, 7, [], wrong=True))
    about = (
        "Entries, the roots of the first n of them, and paths; `root` and `old_root` are those of the sizes."
    )
    return vectors("LEDGER-1 LEDGER-3", about, cases, entries=leaves, roots=roots)


def _inclusion(name: str, index: int, size: int, path: list[bytes], *, wrong: bool = False) -> Vectors:
    code = "inclusion_unproven" if wrong else None
    steps = [step.hex() for step in path]
    return case(name, code, proves="inclusion", index=index, size=size, path=steps)


def _consistency(name: str, old: int, new: int, path: list[bytes], *, wrong: bool = False) -> Vectors:
    code = "consistency_unproven" if wrong else None
    steps = [step.hex() for step in path]
    return case(name, code, proves="consistency", old=old, size=new, path=steps)


def _head(size: int = 7, after: int | None = None, of: str = OWN) -> Checkpoint:
    return Checkpoint(checkpoints.origin(of), size, merkle.root_of(LEAVES[:size]), after)


def _checkpoint(signer: Signer) -> Vectors:
    note = sign_checkpoint(_head(), signer)
    wrong = {
        "a changed size": (note.replace(b"\n7\n", b"\n8\n"), "note_signature_wrong"),
        "another key's signature": (sign_checkpoint(_head(), stranger()), "note_unsigned"),
        "another ledger's head": (sign_checkpoint(_head(of=OTHER), signer), "checkpoint_foreign"),
        "no empty line": (note.replace(b"\n\n", b"\n"), "note_malformed"),
        "a carriage return": (note.replace(b"\n7\n", b"\r\n7\n"), "note_malformed"),
        "a text that is no head": (sign_line("comity-note/1", {}, signer), "checkpoint_malformed"),
    }
    cases = [case("a head", note=note.decode()), case("one that names the one before", note=_after(signer))]
    cases += [case(name, code, note=each.decode()) for name, (each, code) in wrong.items()]
    about = "Notes, judged by `verifier` as heads of the ledger of `authority`."
    return vectors("LEDGER-2 COMMON-7", about, cases, verifier=signer.verifier.text, authority=OWN)


def _after(signer: Signer) -> str:
    return sign_checkpoint(_head(after=5), signer).decode()


def _cosignature(signer: Signer) -> Vectors:
    note, text = sign_checkpoint(_head(), signer).decode(), _head().text
    right = cosignatures.cosign(text, signer, NOW)
    other = cosignatures.cosign(_head(6).text, signer, NOW)
    cases = [
        case("a cosigned head", note=note + right, at=canonical.instant_text(NOW)),
        case("a cosignature of another head", "cosignature_wrong", note=note + other),
        case("a head that nobody cosigned", note=note, at=None),
    ]
    about = "Notes, in which the cosignature of `witness` is looked for; `at` is the time that it gives."
    return vectors("WITNESS-2", about, cases, witness=signer.verifier.text)


def _receipt(signer: Signer) -> Vectors:
    values = {
        "receipt": "RELAY_REMMD_ACCEPTANCE",
        "letter": LETTER,
        "container": {"sha256": _said()["sha256"], "bytes": 9},
        "from": OWN,
        "to": OTHER,
        "at": canonical.instant_text(NOW),
        "reason": None,
    }
    refused = {"receipt": "NON_DELIVERY", "reason": {"code": "not_understood", "text": "An unknown kind."}}

    def made(said: Vectors, committed: Vectors, by: Signer = signer, of: str = OWN, index: int = 7) -> str:
        statement, told = Statement.model_validate(said), Statement.model_validate(committed)
        leaves = [*LEAVES, leaf_hash(commit(SALT, told.content()))]
        head = Checkpoint(checkpoints.origin(of), 8, merkle.root_of(leaves))
        path = merkle.prove_inclusion(index, 8, merkle.subtrees(leaves))
        proof = EntryProof(7, SALT, told.content(), 8, path)
        return receipts.sign_receipt(statement, proof, sign_checkpoint(head, by), by).decode()

    note = made(values, values)
    lone = sign_line(receipts.HEADING, {"receipt": "DELIVERY"}, signer).decode()
    cases = [
        case("an acceptance", note=note),
        case("a refusal", note=made(values | refused, values | refused)),
        case("a changed letter", "note_signature_wrong", note=note.replace(LETTER[:8], "00000000", 1)),
        case("another key's signature", "note_unsigned", note=made(values, values, stranger())),
        case("not what was committed", "receipt_contradicted", note=made(values | refused, values)),
        case("another entry's path", "inclusion_unproven", note=made(values, values, index=3)),
        case("another ledger's head", "checkpoint_foreign", note=made(values, values, of=OTHER)),
        case("a note that is no receipt", "receipt_malformed", note=lone),
    ]
    about = "Notes, judged by `verifier` as receipts with their proofs."
    return vectors("RECEIPT-1 RECEIPT-2", about, cases, verifier=signer.verifier.text)


def _kazakh() -> Any:
    return in_memory("дәлел.txt", "text/plain", "сәлем\n".encode())


def _manifest() -> Vectors:
    cases = []
    for name, data in (("exhibit.txt", b"An exhibit.\n"), ("дәлел.txt", "сәлем\n".encode()), ("empty", b"")):
        line = {
            "name": name,
            "media_type": "text/plain",
            "bytes": len(data),
            "sha256": sha256(data).hexdigest(),
            "crc32": "00000000",
            "salt": encode_base64(SALT),
            "leaf": "0" * 64,
        }
        leaf = ManifestFile.model_validate(line).derived_leaf()
        cases.append(case(name, **{each: line[each] for each in ("bytes", "sha256", "salt")}, leaf=leaf))
    root = merkle.root_of([bytes.fromhex(each["leaf"]) for each in cases]).hex()
    about = "Lines of a manifest and their leaves (sealing, clause 3.2); `name` is the name of the file."
    return vectors("sealing:3.2", about, cases, root=root)


def _container(sealed: bytes) -> Vectors:
    exhibit, signature = sealed.index(b"An exhibit."), sealed.rindex(b"SignatureValue>") - 20
    name = sealed.index(b"exhibit.txt")
    edits: list[tuple[str, str, int, int, bytes]] = [
        ("a changed byte of a file", "content_damaged", exhibit, 1, b"a"),
        ("a changed name", "header_mismatch", name, 1, b"E"),
        ("a byte behind the end", "trailing_bytes", len(sealed), 0, b"\n"),
        ("a byte before the beginning", "leading_bytes", 0, 0, b"\n"),
        ("the last bytes missing", "cut_off", len(sealed) - 30, 30, b""),
        ("a changed byte of the signature", "content_damaged", signature, 1, b"*"),
    ]
    cases = [case("the container as it is", edit=None)]
    cases += [
        case(each, code, edit={"at": at, "remove": removed, "insert": encode_base64(put)})
        for each, code, at, removed, put in edits
    ]
    about = "kept/container.asice under the anchors in kept/keys, as of `as_of`, after one edit."
    digest = sha256(sealed).hexdigest()
    return vectors("sealing:9.1 sealing:11", about, cases, sha256=digest, as_of=canonical.instant_text(NOW))


def _encrypted(folder: Path) -> Vectors:
    cases = []
    for file, identity in zip(ENCRYPTED, identities(folder), strict=True):
        data = (folder / file).read_bytes()
        cases.append(case("as it is", file=file, identity=identity, plain=encode_base64(PLAIN), edit=None))
        for name, code, at, removed, put in _edits(data):
            change = {"at": at, "remove": removed, "insert": encode_base64(put)}
            cases.append(case(name, code, file=file, identity=identity, edit=change))
    about = "Files in kept/, opened with the identity after one edit."
    return vectors("sealing:10.1 sealing:10.3 sealing:10.6", about, cases)


def _edits(data: bytes) -> list[tuple[str, str, int, int, bytes]]:
    """Edits of an encrypted file, with the code of the refusal: where, bytes taken out, bytes put in."""
    stanza, mac = data.index(b"-> "), data.index(b"\n--- ") + 5
    share, payload, last = data.index(b"\n", stanza), data.index(b"\n", mac) + 1, len(data) - 1
    return [
        ("a changed MAC", "encryption_header_changed", mac, 1, _other(data[mac])),
        ("a stanza more", "encryption_header_changed", mac - 4, 0, b"-> x\n\n"),
        ("two spaces", "encryption_header_malformed", stanza, 3, b"->  "),
        ("a padded share", "encryption_base64_padded", share, 0, b"="),
        ("a carriage return", "encryption_line_ending", mac - 5, 1, b"\r\n"),
        ("a changed payload", "encryption_broken", last, 1, bytes([data[last] ^ 1])),
        ("the last byte missing", "encryption_broken", last, 1, b""),
        ("no payload", "cut_off", payload, len(data) - payload, b""),
    ]


def _other(byte: int) -> bytes:
    return b"A" if byte != ord("A") else b"B"


if __name__ == "__main__":
    (TARGET / "kept").mkdir(parents=True, exist_ok=True)
    keep(TARGET / "kept")
    for name, data in derive(TARGET / "kept").items():
        (TARGET / name).write_bytes(data)
