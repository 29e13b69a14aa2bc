"""The readable report of a court bundle: exhibits, custody, letters, receipts, how to verify them.

Receives the bundle's facts as a JSON value; returns PDF bytes that are the same each time; proves
nothing itself: each statement names the file of the bundle that does.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from comity.letters.document import Block, Document, Fields, Paragraphs, Section, Steps, Table, typeset
from comity.letters.labels import Labels, Language
from comity.letters.rendering.custody import custody_table
from comity.letters.schema import CaseNumbers, Limit, understood
from comity.proofs.custody import CustodyRecord, Keeper
from comity.proofs.receipts import ReceiptName
from comity.shapes import AuthorityId, Instant, Line, Sha256Hex, Shape, Size, Uuid


class ReportedExhibit(Shape):
    """One exhibit of the bundle, with the limits on its use and its whole custody."""

    number: Line
    name: Line
    media_type: Line
    bytes: Size
    sha256: Sha256Hex
    origin: Line
    limits: list[Limit]
    custody: list[CustodyRecord]
    continued: list[CustodyRecord]
    """How whoever received the exhibit went on, as its letters in the bundle tell it."""


class ReportedSeal(Shape):
    """The seal of a letter: its certificate's fingerprint, whose clock stamped it, until when it holds."""

    letter: Uuid
    by: AuthorityId
    certificate: Line
    stamped_at: Instant
    time_source: Literal["own", "peer", "independent"]
    revocation_known_until: Instant | None
    proof_ends: Instant | None


class ReportedLetter(Shape):
    """One sealed letter of the bundle; ``sha256`` is that of its container.

    ``remains`` is the file with what remains of a container that was erased.
    """

    id: Uuid
    kind: Line
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    written_at: Instant
    sha256: Sha256Hex
    remains: Line | None = None

    @property
    def file(self) -> str:
        """The file of the bundle that proves it."""
        return self.remains or f"letters/{self.id}.asice"


class ReportedReceipt(Shape):
    """One receipt of the bundle."""

    letter: Uuid
    receipt: ReceiptName = Field(strict=False)
    source: AuthorityId = Field(alias="from")
    at: Instant


class ReportedLedger(Shape):
    """The checkpoint that the bundle's ledger proofs lead to."""

    origin: Line
    size: Size
    root: Sha256Hex


class ReportedAuthority(Shape):
    """An authority's full name and its State's ISO 3166-1 code."""

    name: Line
    state: Line


class Report(Shape):
    """What the report states. ``heading`` is the case in one line."""

    heading: Line
    case: CaseNumbers
    made_at: Instant
    made_by: Keeper
    authorities: dict[AuthorityId, ReportedAuthority]
    exhibits: list[ReportedExhibit]
    letters: list[ReportedLetter]
    seals: list[ReportedSeal]
    receipts: list[ReportedReceipt]
    ledger: ReportedLedger


def render_report(data: Any, language: str) -> bytes:
    """The report as PDF/A-2a in ``en``, ``kk`` or ``ru``; data of another shape are not understood."""
    report = understood(Report, data)
    return typeset(compose_report(report, Language(language)))


def compose_report(report: Report, language: Language) -> Document:
    """The blocks of the report."""
    labels = Labels(language)
    case = " / ".join(number for number in (report.case.requesting, report.case.requested) if number)
    maker = report.made_by
    summary = [
        ("report_case", case),
        ("report_made_at", labels.instant(report.made_at)),
        ("report_made_by", f"{maker.name}, {maker.post}, {_authority(report, maker.authority, labels)}"),
    ]
    return Document(
        language=language,
        title=labels.word("report_title"),
        subtitle=report.heading,
        written_at=report.made_at,
        summary=Fields([(labels.word(word), value) for word, value in summary]),
        sections=[
            _exhibits(report, labels),
            *(_exhibit(exhibit, labels) for exhibit in report.exhibits),
            _letters(report, labels),
            _seals(report, labels),
            _receipts(report, labels),
            _ledger(report, labels),
            Section(
                labels.word("verification"), [Steps([labels.word(f"guidance_{n}") for n in range(1, 5)])]
            ),
        ],
        footer=labels.word("report_form").format(id=case),
    )


def _authority(report: Report, authority: str, labels: Labels) -> str:
    known = report.authorities.get(authority)
    return f"{known.name} ({labels.state(known.state)})" if known else authority


def _exhibits(report: Report, labels: Labels) -> Section:
    columns = [labels.word(word) for word in ("exhibit", "file", "size", "sha256")]
    rows = [[exhibit.number, exhibit.name, str(exhibit.bytes), exhibit.sha256] for exhibit in report.exhibits]
    return Section(labels.word("exhibits"), [Table(columns, (4, 4, 2, 6), rows, mono=(3,))])


def _exhibit(exhibit: ReportedExhibit, labels: Labels) -> Section:
    limits = "\n".join(
        f"{labels('limit', limit.id)} ({labels.citation(limit.cite)})"
        + (f": {limit.text}" if limit.text else "")
        for limit in exhibit.limits
    )
    facts = [
        (labels.word("file"), f"exhibits/{exhibit.number}/{exhibit.name}"),
        (labels.word("origin"), exhibit.origin),
        (labels.word("limits"), limits),
    ]
    heading = f"{labels.word('exhibit')} {exhibit.number}"
    blocks: list[Block] = [
        Fields([fact for fact in facts if fact[1]]),
        custody_table(exhibit.custody, labels),
    ]
    if exhibit.continued:
        blocks += [Paragraphs(labels.word("custody_continued")), custody_table(exhibit.continued, labels)]
    return Section(heading, blocks)


def _letters(report: Report, labels: Labels) -> Section:
    columns = [labels.word(word) for word in ("letter", "sender", "recipient", "time", "sha256")]
    rows = [
        [
            "\n".join(
                [
                    labels("kind", letter.kind),
                    letter.file,
                    *([labels.word("letter_erased")] if letter.remains else []),
                ]
            ),
            letter.source,
            letter.target,
            labels.instant(letter.written_at),
            letter.sha256,
        ]
        for letter in report.letters
    ]
    return Section(labels.word("letters"), [Table(columns, (5, 2, 2, 4, 4), rows, mono=(4,))])


def _seals(report: Report, labels: Labels) -> Section:
    """Certificates and time-stamps, then what they do not promise."""
    files = {letter.id: letter.file for letter in report.letters}
    rows = [
        [
            f"{seal.by}\n{files.get(seal.letter, f'letters/{seal.letter}.asice')}",
            seal.certificate,
            f"{labels.instant(seal.stamped_at)}\n{labels.word(f'clock_{seal.time_source}')}",
            "\n".join(
                labels.word(word).format(until=labels.instant(until))
                for word, until in (
                    ("revocation_until", seal.revocation_known_until),
                    ("proof_until", seal.proof_ends),
                )
                if until
            ),
        ]
        for seal in report.seals
    ]
    columns = [labels.word(word) for word in ("seal", "certificate", "stamped", "holds_until")]
    promises = "\n".join(labels.word(f"not_promised_{n}") for n in range(1, 4))
    return Section(
        labels.word("seals"), [Table(columns, (4, 4, 4, 5), rows, mono=(1,)), Paragraphs(promises)]
    )


def _receipts(report: Report, labels: Labels) -> Section:
    columns = [labels.word(word) for word in ("letter", "receipt", "by", "time")]
    rows = [
        [
            receipt.letter,
            f"{labels('receipt', receipt.receipt)} ({receipt.receipt})",
            receipt.source,
            labels.instant(receipt.at),
        ]
        for receipt in report.receipts
    ]
    return Section(labels.word("receipts"), [Table(columns, (4, 5, 2, 4), rows)])


def _ledger(report: Report, labels: Labels) -> Section:
    rows = [
        (labels.word("ledger"), report.ledger.origin),
        (labels.word("ledger_size"), str(report.ledger.size)),
        (labels.word("ledger_root"), report.ledger.root),
    ]
    return Section(labels.word("ledger"), [Fields(rows)])
