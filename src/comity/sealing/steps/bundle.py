"""Steps 9 to 12 of a court bundle: letters, receipts, ledger, custody, each proved by what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from comity import canonical
from comity.proofs import checkpoints, cosignatures, custody, receipts
from comity.proofs.entries import EntryProof
from comity.proofs.notes import NoteUnsignedError, Verifier
from comity.sealing import remains
from comity.sealing.case import Case, SignerUnknownError, TrustUnknownError, UndecidedError
from comity.sealing.refusals import EntryMissingError, PackageRefusedError, RemainsOfAnotherError
from comity.sealing.report import Sentence
from comity.shapes import Base64, Sha256Hex, Shape, Size, decode_base64
from comity.terms import Verdict, gettext_noop

LETTER_FOLDER, REMAINS_FOLDER, RECEIPT_FOLDER = "letters/", "remains/", "receipts/"
_CONTAINER, _DOCUMENT, _NOTE = ".asice", ".json", ".note"
CHECKPOINT, PROOFS = "ledger/checkpoint.note", "ledger/proofs.json"
_JSON_LIMIT, _NOTE_LIMIT = 32 << 20, 1 << 20


class InnerLetterFailedError(PackageRefusedError):
    """A letter in the bundle does not verify."""

    code = "inner_letter_failed"
    message = gettext_noop("The letter “{name}” in the bundle fails at {step}: {text}")


class InnerLetterUndecidedError(UndecidedError):
    """A letter in the bundle can be neither confirmed nor refuted."""

    code = "inner_letter_undecided"
    message = gettext_noop("The letter “{name}” in the bundle is undecided at {step}: {text}")
    next_step = gettext_noop("Verify with the anchors of every authority that sealed a letter.")


class ReceiptMisplacedError(PackageRefusedError):
    """A receipt that is not about the letter, the hop or the parties that its place says."""

    code = "receipt_misplaced"
    message = gettext_noop("The receipt “{name}” does not belong to a letter of this bundle.")


class LedgerUnreadableError(PackageRefusedError):
    """The proofs do not have their form."""

    code = "ledger_unreadable"
    message = gettext_noop("The ledger proofs in the bundle cannot be read.")


class BundleUnreadableError(PackageRefusedError):
    """A JSON file of the bundle that is not canonical."""

    code = "bundle_unreadable"
    message = gettext_noop("“{name}” in the bundle cannot be read: {reason}")


class CustodyBrokenError(PackageRefusedError):
    """A chain of custody with a fault."""

    code = "custody_broken"
    message = gettext_noop("The custody of exhibit {exhibit} is not whole at record {n}: {text}")


class CustodyUnprovedError(PackageRefusedError):
    """A custody record that neither the ledger nor a letter of its authority confirms."""

    code = "custody_unproved"
    message = gettext_noop("Record {n} of exhibit {exhibit} is confirmed by no ledger and no letter.")


class ExhibitUnaccountedError(PackageRefusedError):
    """An exhibit without custody, or custody of content that is not in the bundle."""

    code = "exhibit_unaccounted"
    message = gettext_noop("“{name}” and the custody records do not fit together.")


class _Proof(Shape):
    what: str
    index: Size
    salt: Base64
    content: dict[str, Any]
    size: Size
    path: list[Sha256Hex] = Field(max_length=64)


# 9 letters
def check_letters(case: Case) -> Sentence:
    """Every letter is a sealed package of its own that verifies under the same anchors.

    Of one whose container was erased, what remains does (clause 18.5).
    """
    names = _under(case, LETTER_FOLDER)
    kept = [name for name in _under(case, REMAINS_FOLDER) if not name.endswith(_NOTE)]
    undecided: UndecidedError | None = None
    for name in (*names, *kept):
        inner = _examined(case, name)
        for step in inner.report.steps:
            if step.verdict is Verdict.FAILED:
                raise InnerLetterFailedError(name=name, step=step.id, text=step.text)
            if step.verdict is Verdict.INDETERMINATE:
                undecided = undecided or InnerLetterUndecidedError(name=name, step=step.id, text=step.text)
        letter = inner.innermost.letter
        _demand_in_place(name, inner, letter)
        if letter is None or letter["id"] in case.letters:  # a document beside its container
            raise InnerLetterFailedError(name=name, step="letter", text="it is another document")
        case.letters[letter["id"]] = letter
        case.report.signatures.extend({**each, "in": name} for each in inner.report.signatures)
    if undecided is not None:
        raise undecided if case.trust else TrustUnknownError
    if kept:
        text = gettext_noop(
            "{count} letters in the bundle verify by themselves; of {erased} only what remains of the "
            "container is there, and it verifies."
        )
        return Sentence(text, count=len(names), erased=len(kept))
    return Sentence(gettext_noop("{count} letters in the bundle verify by themselves."), count=len(names))


def _examined(case: Case, name: str) -> Case:
    if name.startswith(REMAINS_FOLDER) and name.endswith(_DOCUMENT):
        document = case.package.read(name, remains.MOST)
        return remains.examine(document, trust=case.trust, as_of=case.as_of)
    return case.examine_inner(case.package.section(name))


def _demand_in_place(name: str, inner: Case, letter: dict[str, Any] | None) -> None:
    """A whole letter stands under its id in one folder, what remains of one in the other."""
    is_kept = inner.innermost.remains is not None
    folder = REMAINS_FOLDER if is_kept else LETTER_FOLDER
    ending = _CONTAINER if inner.remains is None else _DOCUMENT
    if letter is not None and name == f"{folder}{letter['id']}{ending}":
        return
    if is_kept or name.startswith(REMAINS_FOLDER):
        raise RemainsOfAnotherError(name=name)
    raise InnerLetterFailedError(name=name, step="letter", text="it is another document")


# 10 receipts
def check_receipts(case: Case) -> Sentence:
    """Every receipt is signed by a party to its letter and proved by that party's ledger."""
    names = _under(case, RECEIPT_FOLDER)
    names += [name for name in _under(case, REMAINS_FOLDER) if name.endswith(_NOTE)]
    digests: dict[str, tuple[str, int]] = {}
    for name in names:
        letter_id, _, kind = name.partition("/")[2].removesuffix(_NOTE).partition(".")
        letter = case.letters.get(letter_id)
        if letter is None:
            raise ReceiptMisplacedError(name=name)
        parties = {letter["from"], letter["to"]}
        note = case.package.read(name, _NOTE_LIMIT)
        receipt = _receipt(note, [_ledger_key(case, party) for party in sorted(parties)])
        digest = (receipt.container.sha256, receipt.container.bytes)
        told = (receipt.letter, receipt.receipt, {receipt.source, receipt.target})
        if told != (letter_id, kind, parties) or digests.setdefault(letter_id, digest) != digest:
            raise ReceiptMisplacedError(name=name)
    return Sentence(gettext_noop("{count} receipts are signed and stand in their ledgers."), count=len(names))


def _receipt(note: bytes, keys: list[Verifier]) -> receipts.Receipt:
    for key in keys[:-1]:
        try:
            return receipts.verify_receipt(note, key)[0]
        except NoteUnsignedError:
            continue
    return receipts.verify_receipt(note, keys[-1])[0]


def _others(case: Case, by: str) -> list[Verifier]:
    """The keys of the authorities of the anchors other than the one whose ledger it is."""
    known = case.trust.authorities if case.trust else {}
    return [each.log for name, each in known.items() if name != by and each.log is not None]


def _ledger_key(case: Case, authority: str) -> Verifier:
    known = case.trusted.authorities.get(authority)
    if known is None or known.log is None:
        raise SignerUnknownError(by=authority)
    return known.log


# 11 ledger
def check_ledger(case: Case) -> Sentence:
    """Every entry shown is in the ledger whose checkpoint the sealing authority signed."""
    by = case.own_manifest.by
    for name in (CHECKPOINT, PROOFS):
        if name not in case.package.names:
            raise EntryMissingError(name=name)
    note = case.package.read(CHECKPOINT, _NOTE_LIMIT)
    checkpoint = checkpoints.open_checkpoint(note, _ledger_key(case, by), checkpoints.origin(by))
    try:
        proofs = TypeAdapter(list[_Proof]).validate_python(_json(case, PROOFS))
    except ValidationError:
        raise LedgerUnreadableError from None
    for proof in proofs:
        path = [bytes.fromhex(step) for step in proof.path]
        EntryProof(proof.index, decode_base64(proof.salt), proof.content, proof.size, path).check(checkpoint)
        case.proved.add(_digest(proof.content))
    witnesses = ", ".join(each.name for each in cosignatures.read(note, _others(case, by)))
    if witnesses:
        text = gettext_noop(
            "{count} entries stand in the ledger of “{by}” as of its entry {size}; cosigned by {witnesses}."
        )
    else:
        text = gettext_noop(
            "{count} entries stand in the ledger of “{by}” as of its entry {size}; no authority of the trust "
            "anchors has cosigned it, so that another version of it may be shown to others."
        )
    return Sentence(text, count=len(proofs), by=by, size=checkpoint.size, witnesses=witnesses)


# 12 custody
def check_custody(case: Case) -> Sentence:
    """Each chain is whole, every record confirmed, and its content is the exhibit in the bundle."""
    by = case.own_manifest.by
    _ledger_key(case, by)  # without it step 11 proved nothing, and this step is as undecided
    confirmed = {by: case.proved} | {
        authority: {_digest(record) for record in _told(case, authority)}
        for authority in {letter["from"] for letter in case.letters.values()} - {by}
    }
    exhibits = {file.sha256: file.name for file in case.report.files if file.name.startswith("exhibits/")}
    accounted: set[str] = set()
    chains: dict[str, list[custody.CustodyRecord]] = {}
    there = _under(case, "custody/")
    continued = [name for name in there if "." in name.removesuffix(".json")]
    for name in (each for each in there if each not in continued):
        values = _json(case, name)
        records = custody.read_records(values)
        _check_chain(name, records)
        _demand_confirmed(records, confirmed)
        last = records[-1]
        chains[last.exhibit] = records
        if last.sha256 not in exhibits and last.act != custody.CustodyAct.DESTROYED:
            raise ExhibitUnaccountedError(name=name)
        accounted.add(last.sha256)
        case.report.custody.append(
            {"exhibit": last.exhibit, "file": exhibits.get(last.sha256), "records": values}
        )
    for name in continued:
        _check_continuation(case, name, chains, confirmed)
    for digest in exhibits.keys() - accounted:
        raise ExhibitUnaccountedError(name=exhibits[digest])
    text = gettext_noop("The custody of {count} exhibits is whole and confirmed.")
    return Sentence(text, count=len(chains))


def _check_continuation(
    case: Case,
    name: str,
    chains: dict[str, list[custody.CustodyRecord]],
    confirmed: dict[str, set[bytes]],
) -> None:
    """How the authority that received the exhibit went on: from a record of the chain, in its own records,
    each told in a letter that it sealed; ``custody/<exhibit>.<authority>.json``."""
    exhibit, _, authority = name.removeprefix("custody/").removesuffix(".json").partition(".")
    values = _json(case, name)
    records = custody.read_records(values)
    chain = chains.get(exhibit, [])
    handed = [
        n for n, record in enumerate(chain, start=1) if records and record.digest == records[0].previous
    ]
    if not handed or any(record.by.authority != authority for record in records):
        raise ExhibitUnaccountedError(name=name)
    _check_chain(f"custody/{exhibit}.json", [*chain[: handed[0]], *records])
    _demand_confirmed(records, confirmed)
    case.report.custody.append({"exhibit": exhibit, "file": None, "of": authority, "records": values})


def _demand_confirmed(records: list[custody.CustodyRecord], confirmed: dict[str, set[bytes]]) -> None:
    for record in records:
        if _digest(record.as_json()) not in confirmed.get(record.by.authority, set()):
            raise CustodyUnprovedError(n=record.n, exhibit=record.exhibit)


def _check_chain(name: str, records: list[custody.CustodyRecord]) -> None:
    for finding in custody.check_chain(records):
        raise CustodyBrokenError(exhibit=name, n=finding.n, text=finding.text)
    if name != f"custody/{records[0].exhibit}.json":
        raise ExhibitUnaccountedError(name=name)


def _told(case: Case, authority: str) -> Iterator[Any]:
    """The custody records in the letters that an authority sealed."""
    for letter in case.letters.values():
        body = letter.get("body")
        told = body.get("custody") if isinstance(body, dict) else None
        if letter["from"] == authority and isinstance(told, list):
            yield from told


def _under(case: Case, folder: str) -> list[str]:
    return [name for name in case.package.names if name.startswith(folder)]


def _json(case: Case, name: str) -> Any:
    try:
        return canonical.read_canonical(case.package.read(name, _JSON_LIMIT), max_bytes=_JSON_LIMIT)
    except canonical.JsonUnreadableError as error:
        raise BundleUnreadableError(name=name, reason=error) from None


def _digest(content: Any) -> bytes:
    return sha256(canonical.write(content)).digest()


STEPS = (
    ("letters", check_letters),
    ("receipts", check_receipts),
    ("ledger", check_ledger),
    ("custody", check_custody),
)
