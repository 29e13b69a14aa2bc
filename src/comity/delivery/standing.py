"""Which of the receipts of one letter counts (RECEIPT-3).

Each receipt attests its event at its time, and none is ever withdrawn. What the other side attests of a
letter counts before what its sender attests of the other side's silence: a late truth overrules a time-out.
Of one side's receipts that of the highest priority counts, in whatever order they came. The order is that of
the evidences of the e-CODEX connector, but for one: a delivery counts before a failure to deliver, because a
letter that could not be understood may be read again, and who attested a delivery cannot take it back.
"""

from __future__ import annotations

from collections.abc import Collection

from comity.proofs.receipts import ReceiptName

PRIORITY = {
    ReceiptName.SUBMISSION_ACCEPTANCE: 1,
    ReceiptName.SUBMISSION_REJECTION: 2,
    ReceiptName.RELAY_REMMD_ACCEPTANCE: 3,
    ReceiptName.RELAY_REMMD_FAILURE: 4,
    ReceiptName.RELAY_REMMD_REJECTION: 5,
    ReceiptName.NON_DELIVERY: 6,
    ReceiptName.DELIVERY: 7,
    ReceiptName.RETRIEVAL: 8,
    ReceiptName.NON_RETRIEVAL: 9,
}


def standing(receipts: Collection[ReceiptName], silences: Collection[ReceiptName] = ()) -> ReceiptName | None:
    """The receipt that counts; ``silences`` are those that the sender attested itself. None without any."""
    return max(receipts or silences, key=PRIORITY.__getitem__, default=None)
