"""What a courier carries from one authority to another, listed: sealed letters and receipts, nothing else.

The list lies as ``list.json`` in a package that the sender seals and encrypts to the recipient; letters lie
beside it as ``letters/<id>.age``, receipts as ``receipts/<sha256>.note`` (COURIER-1).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.shapes import AuthorityId, Instant, Sha256Hex, Shape, Uuid, read_shape
from comity.terms import ComityError, gettext_noop

LIST, MEDIA_TYPE = "list.json", "application/json"
MOST_LETTERS, MOST_RECEIPTS = 400, 500
MAX_BYTES = 1024 * 1024


class ConsignmentMalformedError(ComityError):
    """The list of a consignment has another form, or the package holds other files than it says."""

    code = "consignment_malformed"
    message = gettext_noop("The consignment is not in its published form: {where}: {why}.")
    next_step = gettext_noop("Nothing was taken from it. Ask the sender for another one.")


class Consignment(Shape):
    """Whose letters and receipts go to whom; each letter by the envelope it would have on the network.

    Clause COURIER-2.
    """

    format: Literal["comity-consignment/1"] = Field(alias="schema", default="comity-consignment/1")
    id: Uuid
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    packed_at: Instant
    letters: list[Envelope] = Field(max_length=MOST_LETTERS)
    receipts: list[Sha256Hex] = Field(max_length=MOST_RECEIPTS)

    @model_validator(mode="after")
    def _is_between_two(self) -> Self:
        ways = {(each.source, each.target) for each in self.letters} | {(self.source, self.target)}
        if len(ways) != 1 or self.source == self.target:
            detail = "letters between others"
            raise ValueError(detail)
        if len({each.letter for each in self.letters}) + len(set(self.receipts)) != len(self):
            detail = "something twice"
            raise ValueError(detail)
        return self

    def __len__(self) -> int:
        """How many letters and receipts there are."""
        return len(self.letters) + len(self.receipts)

    @property
    def names(self) -> set[str]:
        """Every file of the package."""
        letters = {letter_name(each.letter) for each in self.letters}
        return {LIST} | letters | {receipt_name(each) for each in self.receipts}


def letter_name(letter: str) -> str:
    """The file of a letter's encrypted container."""
    return f"letters/{letter}.age"


def receipt_name(sha256: str) -> str:
    """The file of a receipt's signed note, by the SHA-256 of the note."""
    return f"receipts/{sha256}.note"


def write_list(consignment: Consignment) -> bytes:
    """Its RFC 8785 bytes."""
    return canonical.write(consignment.as_json())


def read_list(data: bytes) -> Consignment:
    """The list in canonical bytes, or ConsignmentMalformedError."""
    return read_shape(Consignment, data, ConsignmentMalformedError, whole=LIST, max_bytes=MAX_BYTES)
