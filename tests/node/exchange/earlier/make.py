"""Write what the release beside this file says and seals; run it with that release's code (README.md).

``PYTHONPATH=<release>/src:<release> python make.py OUT``
"""

from __future__ import annotations

import io
import json
import lzma
import shutil
import sys
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from tests import samples

from comity import canonical
from comity.delivery.envelope import Envelope, write_envelope
from comity.letters.schema import json_schema, read_value
from comity.letters.validation import require_sound
from comity.proofs import checkpoints, merkle, receipts
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.receipts import ReceiptName, Statement
from comity.proofs.transport_keys import KeyNotice, sign_notice
from comity.sealing import encryption, keys
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory

NOW = datetime(2026, 11, 22, 3, 12, 0, tzinfo=UTC)
SENDER, RECIPIENT = "xb-247", "xa-247"
EXPIRES = canonical.instant_text(NOW + timedelta(days=30))
SEALED = ("request", "registration", "refusal", "information", "consultation", "hearing_proposed")
"""The kinds of which the whole container is stored; of the others the letter alone."""
OURS = {"id": "0f0e2b0c-7a5e-4d5c-9f7a-3b9b1f0f6a01", "sha256": "ab" * 32, "bytes": 1000}
"""The letter of the recipient's that this release's receipts are about."""


def main(out: Path) -> None:
    folder = out / "keys"
    keys.create_authority(folder, id=SENDER, name="Point of contact of State XB", state="XB", now=NOW)
    identity, recipient = encryption.new_identity()
    (out / "recipient.identity").write_text(identity + "\n")
    (out / "recipient.txt").write_text(recipient + "\n")
    (out / "letters").mkdir()
    signer = keys.load(folder)
    letters = {}
    for number, kind in enumerate(sorted(samples.EVERY_KIND)):
        document = read_value(_addressed(kind, number))
        require_sound(document)
        letters[kind] = document.as_json()
        if kind in SEALED:
            _seal(out / "letters" / kind, document, signer, recipient)
    _pack(out / "letters.json.xz", letters)
    (out / "receipts.json").write_text(json.dumps(_receipts(signer), indent=1) + "\n")
    (out / "key.note").write_bytes(_notice(signer))
    (out / "card.json").write_bytes(_card(folder))
    _pack(out / "letter.schema.json.xz", json_schema())
    shutil.rmtree(folder)  # nothing more is to be sealed with the sender's private keys


def _pack(path: Path, value: object) -> None:
    path.write_bytes(lzma.compress(json.dumps(value, sort_keys=True).encode(), preset=9))


def _addressed(kind: str, number: int) -> dict:
    now = canonical.instant_text(NOW)
    head = {"from": SENDER, "to": RECIPIENT, "written_at": now, "expires_at": EXPIRES}
    return samples.EVERY_KIND[kind]() | head | {"id": str(uuid.UUID(int=number + 1, version=4))}


def _seal(path: Path, document, signer, recipient: str) -> None:
    files = [in_memory("letter.json", "application/json", document.as_bytes())]
    for language in ("en", "kk", "ru"):  # a few bytes in place of each readable form: no node reads it
        files.append(in_memory(f"letter.{language}.pdf", "application/pdf", b"%PDF-1.7"))
    sealed, out = io.BytesIO(), io.BytesIO()
    with PlainFlow(sealed) as flow:
        write_container(flow, files, kind=Kind.LETTER, about={}, signer=signer, now=NOW)
    sealed.seek(0)
    encryption.encrypt(sealed, out, [recipient])
    container = out.getvalue()
    said = document.as_json()
    envelope = {name: said[name] for name in ("from", "to", "generation", "written_at", "expires_at")}
    digest = {"letter": said["id"], "sha256": sha256(container).hexdigest(), "bytes": len(container)}
    path.with_suffix(".age").write_bytes(container)
    path.with_suffix(".envelope.json").write_bytes(write_envelope(Envelope.model_validate(envelope | digest)))


def _receipts(signer) -> dict[str, str]:
    leaves: list[bytes] = []
    made = {}
    for name in ("RELAY_REMMD_ACCEPTANCE", "DELIVERY", "RETRIEVAL"):
        statement = Statement.model_validate(
            {
                "receipt": ReceiptName(name),
                "letter": OURS["id"],
                "container": {"sha256": OURS["sha256"], "bytes": OURS["bytes"]},
                "from": SENDER,
                "to": RECIPIENT,
                "at": canonical.instant_text(NOW),
                "reason": None,
            }
        )
        salt, content = bytes(32), statement.content()
        leaves.append(leaf_hash(commit(salt, content)))
        size = len(leaves)
        path = merkle.prove_inclusion(size - 1, size, merkle.subtrees(leaves))
        head = checkpoints.Checkpoint(checkpoints.origin(SENDER), size, merkle.root_of(leaves))
        note = checkpoints.sign_checkpoint(head, signer.log)
        proof = EntryProof(size - 1, salt, content, size, path)
        made[name] = receipts.sign_receipt(statement, proof, note, signer.log).decode()
    return made


def _notice(signer) -> bytes:
    notice = KeyNotice(
        authority=SENDER,
        number=2,
        recipient=encryption.new_identity()[1],
        valid_from=canonical.instant_text(NOW),
        valid_until=canonical.instant_text(NOW + timedelta(days=90)),
    )
    return sign_notice(notice, signer.log)


def _card(folder: Path) -> bytes:
    text = lambda name: (folder / name).read_text().strip()  # noqa: E731
    described = canonical.read((folder / "authority.json").read_bytes())
    return canonical.write(
        {
            "schema": "comity-card/1",
            "id": SENDER,
            "state": "XB",
            "names": {"en": described["name"]},
            "roles": ["point_of_contact_24_7"],
            "created_at": described["created_at"],
            "peer_url": "https://127.0.0.1:9",
            "hours": "24/7",
            "time_zone": "UTC",
            "languages": ["en"],
            "contact": "",
            "certificates": {name: text(f"{name}.crt") for name in ("ca", "seal", "tsa", "ocsp", "tls")},
            "log_key": text("log.vkey"),
            "recipient": text("transport.recipient"),
            "recipient_number": 1,
            "recipient_until": None,
        }
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
