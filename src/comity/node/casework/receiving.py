"""The case that an arriving letter belongs to; a letter of another case or an older generation is refused."""

from __future__ import annotations

from comity.letters import schema
from comity.node.casework import waiting
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop


class GenerationStaleError(ComityError):
    """The letter is older than what this side has already acted on (LETTER-3)."""

    code = "generation_stale"
    message = gettext_noop("The letter has generation {generation}; generation {known} was already received.")
    next_step = gettext_noop("Look at the newer letter; write a new one if something is to change.")


class CaseUnknownError(ComityError):
    """The letter answers a case that this node does not have with this authority."""

    code = "case_unknown"
    message = gettext_noop("No case {reference} with {peer} is known here.")
    next_step = gettext_noop("Compare the reference with the other side.")


class ItemUnknownError(ComityError):
    """The letter names an item that the case does not have."""

    code = "item_unknown"
    message = gettext_noop("Case {case} has no item {item}.")
    next_step = gettext_noop("Name the items as the request numbers them.")


def case_of(row: Letter, letter: schema.Letter, side: Side) -> Case:
    """The case, locked, that the letter is about where this node is on that side of it."""
    own, peer = letter.case.requesting, letter.case.requested
    if side == Side.REQUESTED:
        own, peer = peer, own
    cases = Case.objects.select_for_update().filter(side=side, peer=row.peer)
    if own is not None:
        found = cases.filter(reference=own).first()
    else:  # the sender did not know our number yet
        found = cases.filter(peer_reference=peer or "?").first()
    if found is None or (found.peer_reference and found.peer_reference != peer):
        raise CaseUnknownError(reference=own or peer or "?", peer=row.peer_id)
    found.peer_reference = peer or ""
    return found


def advance(case: Case, row: Letter, letter: schema.Letter) -> None:
    """Take the case to the letter's generation and the letter into the case; GenerationStaleError."""
    if letter.generation <= case.received_generation:
        raise GenerationStaleError(generation=letter.generation, known=case.received_generation)
    case.received_generation = letter.generation
    row.case_reference = case.reference
    row.save(update_fields=["case_reference"])
    waiting.keep(case)
