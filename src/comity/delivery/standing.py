"""Which of the receipts of one letter counts (RECEIPT-3).

The order is that of the evidences of the e-CODEX connector: a receipt of higher priority overrules those
below it, in whatever order they came, so a late receipt of a later hop overrules a failure of an earlier one.
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
    ReceiptName.DELIVERY: 6,
    ReceiptName.NON_DELIVERY: 7,
    ReceiptName.RETRIEVAL: 8,
    ReceiptName.NON_RETRIEVAL: 9,
}


def standing(receipts: Collection[ReceiptName]) -> ReceiptName | None:
    """The receipt that counts; None while there is none."""
    return max(receipts, key=PRIORITY.__getitem__, default=None)
