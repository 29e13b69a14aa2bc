"""The words for codes of delivery: why a letter, a receipt or a head was not taken, or has not arrived."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.node.pages.labels.law import Label
from comity.terms import ComityError

CODES: dict[str, Label] = {
    "timed_out": _("no receipt came in time"),
    "peer_away": _("the other node cannot be reached"),
    "peer_unreachable": _("the other node does not answer as it should"),
    "peer_busy": _("the other node takes no more for now"),
    "peer_too_slow": _("the other node takes the letter too slowly"),
    "peer_outdated": _("the other node runs an earlier release, which does not know this form"),
    "nothing_taken": _("the other node kept nothing of what it took"),
    "recipient_expired": _("the key of the other side has ended, and no later one is known"),
    "recipient_withdrawn": _("the key of the other side was withdrawn here, and no later one is known"),
    "unknown_sender": _("it names another sender than the node that brought it"),
    "wrong_recipient": _("it is addressed to another authority"),
    "replayed": _("its number belongs to another letter"),
    "expired": _("it had expired"),
    "written_in_future": _("it claims to be written later than now"),
    "life_too_long": _("it lives longer than 30 days"),
    "size_exceeded": _("it is larger than the receiving node takes"),
    "container_differs": _("its bytes are not those that were announced"),
    "not_understood": _("the receiving node’s release does not know this form of letter, or a part of it"),
    "newer_version": _("it is written in a newer form than the receiving node’s release knows"),
    "not_for_this_identity": _("it is encrypted to a key that the receiver does not have"),
    "sealed_to_expired_key": _("it was encrypted to a key that had ended"),
    "sealed_to_revoked_key": _("it was encrypted to a key that had been revoked"),
    "sealed_by_another": _("the authority that sent it did not seal it"),
    "envelope_false": _("what the seal covers is not what the envelope said"),
    "generation_stale": _("a later letter of the case had arrived before it"),
    "case_unknown": _("the receiver knows no such case"),
    "item_unknown": _("it names an item that the case does not have"),
    "receipt_foreign": _("it is about no letter that was sent to its signer"),
    "receipt_conflict": _("another receipt of the same step is kept already"),
    "ahead": _("the witness holds a head that this node signed and has lost"),
    "witness_forgot": _("the witness knew heads of this node and now shows none: ask it for its file"),
    "witness_disagrees": _("the witness names another size, and shows no head that proves it"),
    "witness_undecided": _("the witness named one size and then another"),
    "cosignature_missing": _("the answer holds no cosignature of the witness"),
}
"""Those that a letter, a receipt or a head most often meets."""


def words(code: str) -> str:
    """What a code says; where it has no words here, the sentence of the error that has it. Else empty.

    A sentence that needs something filled in is not complete without it, and is left out.
    """
    if code in CODES:
        return str(CODES[code])
    found = next((each.message for each in _errors(ComityError) if each.__dict__.get("code") == code), "")
    return gettext(found).rstrip(".") if found and "{" not in found else ""


def _errors(of: type[ComityError]) -> Iterator[type[ComityError]]:
    for each in of.__subclasses__():
        yield each
        yield from _errors(each)
