"""Vectors of letters: results in words or of whereabouts; a letter of every kind, and every contradiction."""

from __future__ import annotations

from collections import Counter

from tests import contradictions, samples
from tools.vector_forms import LETTER, NOW, OTHER, OWN, Vectors, case, vectors

from comity import canonical
from comity.shapes import encode_base64

_AT = canonical.instant_text(NOW)
_REFERENCE = "XA-2026-000001"
_FOUND = {"found": True, "place": "A street in Aktau", "as_of": _AT, "source": "The register of residents"}
_NOT_FOUND = {"found": False, "place": None, "as_of": _AT, "source": "The register of residents"}


def make() -> Vectors:
    """The list: the bytes of ``letter.json``."""
    code = "not_understood"
    right = {
        "no more than that it was executed": result(),
        "an answer in words": result(answer="Article 205 of the Criminal Code is in force since 2015."),
        "a person who was found": result(whereabouts=_FOUND),
        "a person who was not found": result(whereabouts=_NOT_FOUND),
    }
    wrong = {
        "an answer of no words": (result(answer=""), code),
        "a person who was found nowhere": (result(whereabouts=_FOUND | {"place": None}), code),
        "a place of a person who was not found": (result(whereabouts=_NOT_FOUND | {"place": "Here"}), code),
        "whereabouts as of no time": (result(whereabouts=_without(_FOUND, "as_of")), code),
        "whereabouts of no source": (result(whereabouts=_without(_FOUND, "source")), code),
        "whereabouts with an unknown part": (result(whereabouts=_FOUND | {"since": _AT}), code),
        "an item with an unknown part": (result(reply="Yes."), code),
        "a note that is missing": (result(note=None), code),
        "a kind that is none": (result() | {"kind": "song"}, code),
        "a later version": (result() | {"schema": "comity-letter/2"}, "newer_version"),
    }
    cases = [case(name, bytes=_base64(each)) for name, each in right.items()]
    cases += [case(name, code, bytes=_base64(each)) for name, (each, code) in wrong.items()]
    spaced = canonical.write(result()).replace(b'":', b'": ')
    cases.append(case("another spelling", "json_not_canonical", bytes=encode_base64(spaced)))
    about = "The bytes (base64) of `letter.json`: results; what is absent is not written."
    return vectors("LETTER-1 LETTER-11 COMMON-2 COMMON-6", about, cases)


def make_kinds() -> Vectors:
    """The list: a sound letter of each kind, and letters that contradict themselves (LETTER-5)."""
    kinds = sorted(samples.EVERY_KIND)
    cases = [case(kind, bytes=_base64(samples.EVERY_KIND[kind]())) for kind in kinds]
    times: Counter[str] = Counter()
    for problem, letter, change in contradictions.PLANTED:
        times[problem] += 1
        name = f"{problem} {times[problem]}"
        value = contradictions.planted(letter, change)
        cases.append(case(name, "letter_unsound", problem=problem, bytes=_base64(value)))
    about = "The bytes (base64) of `letter.json`: one of each kind, then each `problem` alone (LETTER-5)."
    return vectors("LETTER-1 LETTER-4 LETTER-5 CUSTODY-2", about, cases)


def result(**of_the_item: object) -> Vectors:
    """A sound letter of ``OWN``: what came of a request, with more of its one item."""
    item = {"number": 1, "actual": "executed", "note": "Done.", "exhibits": []} | of_the_item
    person = {"name": "Nobody", "post": "Test vector", "at": _AT}
    return {
        "schema": "comity-letter/1",
        "kind": "result",
        "id": "9a1de7f2-64a5-4c8f-b6d3-0e5c3b7a2d10",
        "case": {"requesting": "XB-2026-000001", "requested": _REFERENCE},
        "generation": 1,
        "from": OWN,
        "to": OTHER,
        "written_at": _AT,
        "expires_at": "2026-12-20T03:12:00Z",
        "answers": [LETTER],
        "people": [{"part": "drafter", **person}, {"part": "signatory", **person}],
        "limits": [],
        "attachments": [],
        "body": {
            "reference": _REFERENCE,
            "whole": True,
            "items": [item],
            "custody": [],
            "authenticity": "There are no exhibits.",
        },
    }


def _without(values: Vectors, name: str) -> Vectors:
    return {key: value for key, value in values.items() if key != name}


def _base64(value: Vectors) -> str:
    return encode_base64(canonical.write(value))
