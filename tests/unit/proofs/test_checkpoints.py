from __future__ import annotations

import pytest

from comity.proofs import merkle
from comity.proofs.checkpoints import (
    Checkpoint,
    CheckpointForeignError,
    CheckpointMalformedError,
    key_name,
    open_checkpoint,
    origin,
    sign_checkpoint,
)
from comity.proofs.notes import NoteUnsignedError, Signer, sign

SIGNER = Signer.generate(key_name("kz-247"))
CHECKPOINT = Checkpoint(origin("kz-247"), 7, merkle.leaf_hash(b"x"))


def test_a_checkpoint_is_signed_and_opened() -> None:
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    assert note.startswith(b"kz-247.comity/log\n7\n")
    assert open_checkpoint(note, SIGNER.verifier, origin("kz-247")) == CHECKPOINT


def test_a_checkpoint_of_another_ledger_is_refused() -> None:
    with pytest.raises(CheckpointForeignError):
        open_checkpoint(sign_checkpoint(CHECKPOINT, SIGNER), SIGNER.verifier, origin("tm-247"))


def test_a_checkpoint_that_only_a_stranger_signed_is_refused() -> None:
    note = sign_checkpoint(CHECKPOINT, Signer.generate(key_name("kz-247")))
    with pytest.raises(NoteUnsignedError):
        open_checkpoint(note, SIGNER.verifier, origin("kz-247"))


def test_extension_lines_are_passed_over() -> None:
    note = sign(CHECKPOINT.text + "extension\n", SIGNER)
    assert open_checkpoint(note, SIGNER.verifier, origin("kz-247")) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "kz-247.comity/log\n7\n",
        CHECKPOINT.text.replace("\n7\n", "\n07\n"),
        CHECKPOINT.text.replace("\n7\n", "\n-7\n"),
        CHECKPOINT.text.replace("\n7\n", "\n٧\n"),
        CHECKPOINT.text.replace("\n7\n", "\n" + "9" * 30 + "\n"),
        "\n7\n" + CHECKPOINT.text.split("\n")[2] + "\n",
        "kz-247.comity/log\n7\nAAAA\n",
        "kz-247.comity/log\n7\nnot base64\n",
        CHECKPOINT.text + "\nbehind an empty line\n",
    ],
)
def test_a_signed_text_of_another_form_is_no_checkpoint(text: str) -> None:
    with pytest.raises(CheckpointMalformedError):
        open_checkpoint(sign(text, SIGNER), SIGNER.verifier, origin("kz-247"))
