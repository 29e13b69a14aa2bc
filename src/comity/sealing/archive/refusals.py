"""What is wrong with an archive of evidence, or cannot be said of it."""

from __future__ import annotations

from comity.sealing.case import UndecidedError
from comity.sealing.refusals import PackageRefusedError
from comity.terms import gettext_noop


class EvidenceUnreadableError(PackageRefusedError):
    """A row that does not have its one form."""

    code = "evidence_unreadable"
    message = gettext_noop("Row {row} of “{name}” does not have its form.")


class EvidenceMissingError(PackageRefusedError):
    """The ledger commits to something that is not there."""

    code = "evidence_missing"
    message = gettext_noop("The ledger commits to {what}, and it is not there.")


class EvidenceUncommittedError(PackageRefusedError):
    """Something is there that the ledger does not commit to."""

    code = "evidence_uncommitted"
    message = gettext_noop("The ledger commits to nothing like {what}.")


class EvidenceChangedError(PackageRefusedError):
    """A file is not the one that the ledger commits to."""

    code = "evidence_changed"
    message = gettext_noop("“{name}” is not the file that the ledger commits to.")


class EvidenceDisorderedError(PackageRefusedError):
    """Rows in another order than their own, or twice."""

    code = "evidence_disordered"
    message = gettext_noop("Row {row} of “{name}” is not in its place.")


class LedgerKeyUnknownError(UndecidedError):
    """No anchor says whose ledger it is."""

    code = "trust_unknown"
    message = gettext_noop("Without anchors nobody says whose ledger this is.")
    next_step = gettext_noop("Give the folder of anchors that you got on a way you trust, with --trust.")
