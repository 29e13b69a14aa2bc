"""Signed notes against the known key and note of Go's sumdb/note, and what must be refused."""

from __future__ import annotations

import pytest

from comity.proofs import notes
from comity.proofs.notes import Signer, Verifier, open_note, sign

SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
    "tpRZb6KE6RyyBwJnAM=\n"
).encode()


def test_the_known_note_is_signed_to_the_same_bytes_and_opens() -> None:
    signer = Signer.parse(SECRET)
    assert signer.verifier.text == PUBLIC
    assert signer.secret_text == SECRET
    assert sign(TEXT, signer) == NOTE
    assert open_note(NOTE, [Verifier.parse(PUBLIC)]) == notes.OpenedNote(TEXT, ("PeterNeumann",))


def test_a_new_key_survives_its_text_form() -> None:
    signer = Signer.generate("kz-247.comity")
    again = Signer.parse(signer.secret_text + "\n")
    assert again.verifier == signer.verifier == Verifier.parse(signer.verifier.text + "\n")


def test_every_flipped_bit_of_a_note_is_found() -> None:
    verifier = Verifier.parse(PUBLIC)
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1
        with pytest.raises(
            (notes.NoteMalformedError, notes.NoteSignatureWrongError, notes.NoteUnsignedError)
        ):
            open_note(bytes(changed), [verifier])


def test_signatures_of_strangers_are_passed_over_but_never_enough() -> None:
    known, stranger = Signer.generate("kz-247.comity"), Signer.generate("tm-247.comity")
    note = sign(TEXT, stranger, known)
    assert open_note(note, [known.verifier]).signed_by == ("kz-247.comity",)
    with pytest.raises(notes.NoteUnsignedError):
        open_note(note, [Signer.generate("kz-247.comity").verifier])


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    first, second = Signer.generate("kz-247.comity"), Signer.generate("tm-247.comity")
    good = sign(TEXT, first).decode()
    wrong = sign("another text\n", second).decode().rsplit("\n\n", 1)[1]
    with pytest.raises(notes.NoteSignatureWrongError):
        open_note((good + wrong).encode(), [first.verifier, second.verifier])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        TEXT.encode(),
        NOTE[:-1],
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace(b"answer", b"ans\rer"),
        NOTE.replace(b"answer", b"ans\xffer"),
        NOTE + NOTE.split(b"\n\n")[1],
        NOTE.replace(b"AM=\n", b"AN=\n"),
        NOTE + b"\n",
        NOTE + "— a b\n".encode() * 100,
        b"x" * notes.MAX_BYTES + NOTE,
    ],
    ids=["empty", "unsigned", "no line feed", "hyphen", "control", "not utf-8", "signed twice",
         "loose base64", "empty line behind", "many signatures", "too long"],
)  # fmt: skip
def test_a_note_of_another_form_is_refused(note: bytes) -> None:
    with pytest.raises(notes.NoteMalformedError):
        open_note(note, [Verifier.parse(PUBLIC)])


@pytest.mark.parametrize("text", ["no line feed at the end", "tab\there\n", "null\x00\n"])
def test_text_that_a_note_cannot_hold_is_not_signed(text: str) -> None:
    with pytest.raises(notes.NoteMalformedError):
        sign(text, Signer.parse(SECRET))


@pytest.mark.parametrize(
    "text",
    ["", "name", PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC[:-4], PUBLIC.replace("+AR", "+BR"),
     "a b" + PUBLIC, PUBLIC + "\n\n", SECRET],
)  # fmt: skip
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(notes.NoteKeyUnreadableError):
        Verifier.parse(text)


@pytest.mark.parametrize("text", [PUBLIC, SECRET.replace("c74f20a3", "c74f20a4"), SECRET[:-4]])
def test_a_damaged_private_key_is_refused(text: str) -> None:
    with pytest.raises(notes.NoteKeyUnreadableError):
        Signer.parse(text)
