"""Vectors of drills: the five notes, right and wrong, of which ``OWN`` signs every one."""

from __future__ import annotations

from tools.vector_forms import LETTER, NOW, OTHER, OWN, Vectors, case, stranger, vectors

from comity import canonical
from comity.proofs import drills
from comity.proofs.notes import Signer, sign_line

_SENT, _UNTIL = canonical.instant_text(NOW), "2026-11-22T04:12:00Z"
_ANSWERED, _SINCE = "2026-11-22T03:14:30Z", "2026-08-24T03:12:00Z"
_DRILL, _ANSWER, _RECORD = "comity-drill/1", "comity-drill-answer/1", "comity-drill-record/1"
_STANDING = "comity-drill-standing/1"


def make(signer: Signer) -> Vectors:
    """The list; ``form`` is the schema of the note that is expected."""
    asked = _drill()
    note = _signed(asked, signer)
    answer = _answer(note)
    answered = _signed(answer | {"what": "answered", "at": _ANSWERED}, signer)
    right = {
        "a drill": (_DRILL, note),
        "the word that it arrived": (_ANSWER, _signed(answer, signer)),
        "a person's answer": (_ANSWER, answered),
        "the record of when it came": (_RECORD, _signed(_record(answered), signer)),
        "what a desk tells": (_STANDING, _signed(_standing(), signer)),
        "a desk that takes none": (_STANDING, _signed(_standing(accepts=None), signer)),
    }
    malformed = "drill_malformed"
    formless = {name: each for name, each in asked.items() if name != "schema"}
    wrong = {
        "another key's signature": (_DRILL, "note_unsigned", _signed(asked, stranger())),
        "a changed number": (_DRILL, "note_signature_wrong", note.replace(LETTER[:8], "00000000")),
        "a later version": (_DRILL, "newer_version", _signed(asked | {"schema": "comity-drill/2"}, signer)),
        "another note": (_DRILL, malformed, answered),
        "another heading": (_DRILL, malformed, sign_line(_DRILL, answer, signer).decode()),
        "no form": (_DRILL, malformed, sign_line(_DRILL, formless, signer).decode()),
        "an unknown key": (_DRILL, malformed, _signed(asked | {"urgent": True}, signer)),
        "4 minutes to answer": (_DRILL, malformed, _signed(_drill(answer_by="2026-11-22T03:16:00Z"), signer)),
        "25 hours to answer": (_DRILL, malformed, _signed(_drill(answer_by="2026-11-23T04:12:00Z"), signer)),
        "another word": (_ANSWER, malformed, _signed(answer | {"what": "seen"}, signer)),
        "a time before the drill": (_RECORD, malformed, _signed(_record(answered, seconds=-1), signer)),
        "drills every nought days": (
            _STANDING,
            malformed,
            _signed(_standing(accepts={"every_days": 0}), signer),
        ),
    }
    cases = [case(name, form=form, note=each) for name, (form, each) in right.items()]
    cases += [case(name, code, form=form, note=each) for name, (form, code, each) in wrong.items()]
    about = (
        "Notes, judged by `verifier` as of the schema `form`; answers name the first note by its SHA-256, "
        "the record names the person's answer, and `seconds` lie between them."
    )
    return vectors("DRILL-1 DRILL-2 DRILL-4 DRILL-6 COMMON-6", about, cases, verifier=signer.verifier.text)


def _signed(said: Vectors, signer: Signer) -> str:
    return sign_line(said["schema"], said, signer).decode()


def _drill(**changes: str) -> Vectors:
    said = {"schema": _DRILL, "drill": LETTER, "from": OWN, "to": OTHER, "sent_at": _SENT}
    return said | {"answer_by": _UNTIL} | changes


def _answer(drill: str) -> Vectors:
    said = {"schema": _ANSWER, "drill": LETTER, "drill_sha256": drills.digest(drill.encode())}
    return said | {"authority": OWN, "what": "reached", "at": _SENT}


def _record(answer: str, seconds: int = 150) -> Vectors:
    said = {"schema": _RECORD, "drill": LETTER, "answer_sha256": drills.digest(answer.encode())}
    return said | {"authority": OWN, "received_at": _ANSWERED, "seconds": seconds}


def _standing(**changes: Vectors | None) -> Vectors:
    own = drills.figure([(True, 40, True), (True, 150, True), (True, None, False)]).as_json()
    of_you = drills.figure([(False, None, False)]).as_json()
    said = {"schema": _STANDING, "authority": OWN, "to": OTHER, "at": _SENT, "since": _SINCE}
    return said | {"accepts": {"every_days": 7}, "own": own, "of_you": of_you} | changes
