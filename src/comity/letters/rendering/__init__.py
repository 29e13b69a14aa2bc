"""The readable form of a letter: what the signed data say, as an official reads it.

Receives a letter, a language and the names behind its ids; returns PDF bytes that are the same each
time; never adds a statement of its own: where the two differ, the signed data count (LETTER-7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from comity import canonical
from comity.letters.bodies import (
    Body,
    InformationBody,
    OralConfirmationBody,
    PreservationDoneBody,
    RefusalBody,
    RegistrationBody,
    RequestBody,
    RequestItem,
    ResultBody,
    Translatable,
    Writer,
    writer_of,
)
from comity.letters.document import Beside, Document, Fields, Paragraphs, Section, typeset
from comity.letters.labels import Labels, Language
from comity.letters.rendering.answers import told_in_words
from comity.letters.rendering.attendance import asked_of_persons, told_of_persons
from comity.letters.rendering.custody import custody_table
from comity.letters.rendering.dialogue import consultation, dialogue
from comity.letters.rendering.emergency import emergency
from comity.letters.rendering.oral import oral
from comity.letters.rendering.parts import section, table
from comity.letters.rendering.translation import beneath, translations, worded
from comity.letters.schema import Letter
from comity.proofs.custody import CustodyRecord


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An authority as it is named in letters: its full name and its State's ISO 3166-1 code."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names behind ids: authorities by id, and of instruments by id the title in each language."""

    authorities: Mapping[str, Correspondent] = field(default_factory=dict)
    instruments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def render_letter(letter: Letter, language: str, names: Names) -> bytes:
    """The letter as PDF/A-2a in ``en``, ``kk`` or ``ru`` (another language is a ValueError)."""
    return typeset(compose(letter, Language(language), names))


def compose(letter: Letter, language: Language, names: Names) -> Document:
    """The blocks of a letter's readable form."""
    labels = Labels(language)
    digest = sha256(letter.as_bytes()).hexdigest()
    return Document(
        language=language,
        title=labels("kind", letter.kind),
        subtitle=_subtitle(letter.body, labels, names),
        marks=_marks(letter, labels),
        written_at=letter.written_at,
        parties=[
            _party(labels, "sender", letter.source, names),
            _party(labels, "recipient", letter.target, names),
        ],
        summary=Fields(_summary(letter, labels)),
        sections=[
            *_body_sections(letter, labels),
            *translations(letter.body, labels),
            *_closing(letter, labels),
        ],
        footer=labels.word("readable_form").format(id=letter.id, digest=digest)
        + " "
        + labels.word("unshown"),
    )


def _party(labels: Labels, role: str, authority: str, names: Names) -> tuple[str, str, str]:
    known = names.authorities.get(authority)
    if known is None:
        return (labels.word(role), authority, "")
    return (labels.word(role), known.name, f"{labels.state(known.state)} · {authority}")


def _subtitle(body: Body, labels: Labels, names: Names) -> str:
    if not isinstance(body, RequestBody):
        return ""
    titles = names.instruments.get(body.instrument, {})
    title = titles.get(labels.language, body.instrument.upper())
    return f"{labels('measure', body.measure)}\n{title}"


def _marks(letter: Letter, labels: Labels) -> list[str]:
    body = letter.body
    if not isinstance(body, RequestBody):
        return [labels.word("confidential")] if _has_limit(letter, "confidential") else []
    flags = [
        ("urgent", body.urgent),
        ("confidential", body.confidential or _has_limit(letter, "confidential")),
        ("no_user_notice", body.no_user_notice),
    ]
    return [labels.word(word) for word, is_set in flags if is_set]


def _has_limit(letter: Letter, limit: str) -> bool:
    return any(entry.id == limit for entry in letter.limits)


def _summary(letter: Letter, labels: Labels) -> list[tuple[str, str]]:
    ours, yours = letter.case.requesting, letter.case.requested
    writer = writer_of(letter.kind, letter.body)
    if writer == Writer.REQUESTED:
        ours, yours = yours, ours
    numbers = [("our_reference", ours), ("your_reference", yours)] if writer != Writer.AUTHORITY else []
    rows = [
        *((word, number or labels.word("not_yet")) for word, number in numbers),
        ("written_at", labels.instant(letter.written_at)),
        ("expires_at", labels.instant(letter.expires_at)),
        ("answers", "\n".join(letter.answers)),
    ]
    return [(labels.word(word), value) for word, value in rows if value]


def _body_sections(letter: Letter, labels: Labels) -> list[Section]:
    match letter.body:
        case RequestBody() as body:
            return _request(body, labels)
        case InformationBody() as body:
            return _information(body, labels)
        case RegistrationBody() as body:
            return _registration(body, labels)
        case PreservationDoneBody() as body:
            return _preservation_done(body, labels)
        case ResultBody() as body:
            files = {file.exhibit: file.name for file in letter.attachments if file.exhibit}
            return _result(body, files, labels)
        case RefusalBody() as body:
            return _refusal(body, labels)
        case body:
            return dialogue(body, labels)


def _request(body: RequestBody, labels: Labels) -> list[Section]:
    basis = "\n".join(labels.citation(cite) for cite in body.basis)
    contents = [
        Section(labels("field", name), [worded(name, text, body, labels)])
        for name, text in body.contents.items()
    ]
    items = table(
        labels, "number target data_kinds period desired", (1, 6, 4, 5, 4),
        ([str(item.number), *_request_item(item, labels)] for item in body.items),
    )  # fmt: skip
    facts = table(labels, "field value", (1, 1), _flat(body.facts))
    return [
        *(oral(body.oral, labels) if isinstance(body, OralConfirmationBody) else ()),
        *(emergency(body.emergency, body, labels) if body.emergency else ()),
        section(labels, "basis", Paragraphs(basis)),
        section(labels, "items", items, *beneath(body, labels, "item")),
        *asked_of_persons(body, labels),
        *contents,
        section(labels, "facts_as_data", facts),
    ]


def _information(body: InformationBody, labels: Labels) -> list[Section]:
    basis = "\n".join(labels.citation(cite) for cite in body.basis)
    facts = table(labels, "field value", (1, 1), _flat(body.facts))
    return [
        section(labels, "basis", Paragraphs(basis)),
        section(labels, "subject", worded("subject", body.subject, body, labels)),
        section(labels, "said", worded("text", body.text, body, labels)),
        section(labels, "facts_as_data", facts),
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value inside a JSON value with its place (``offences.1.id``), so that a signatory sees each."""
    if isinstance(value, dict | list) and value:
        parts = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        for key, part in parts:
            yield from _flat(part, f"{path}.{key}" if path else str(key))
    else:
        yield path, value if isinstance(value, str) else canonical.write(value).decode()


def _request_item(item: RequestItem, labels: Labels) -> list[str]:
    target = f"{labels('target', item.identifier.type)}: {item.identifier.value}"
    kinds = ", ".join(labels("data_kind", kind) for kind in item.data_kinds)
    period = labels.word("period_open")
    if item.period:
        period = f"{labels.instant(item.period.start)} —\n{labels.instant(item.period.end)}"
    asked = labels("desired", item.desired)
    what = ". ".join(filter(None, (labels("measure", item.measure), item.description)))
    return [f"{target}\n{what}", kinds, period, asked]


def _registration(body: RegistrationBody, labels: Labels) -> list[Section]:
    received = Paragraphs(labels.instant(body.received_at))
    items = table(
        labels, "number actual", (1, 9),
        ([str(item.number), labels("status", item.actual)] for item in body.items),
    )  # fmt: skip
    sections = [section(labels, "received_at", received), section(labels, "items", items)]
    if body.deficiencies:
        missing = table(
            labels, "field provision", (6, 4),
            ([labels("field", gap.field), labels.citation(gap.cite)] for gap in body.deficiencies),
        )  # fmt: skip
        sections.append(section(labels, "deficiencies", missing))
    return sections


def _preservation_done(body: PreservationDoneBody, labels: Labels) -> list[Section]:
    clock = f"{labels('clock', body.clock.id)}, {labels.citation(body.clock.cite)}"
    head = Fields(
        [
            (labels.word("preserved_at"), labels.instant(body.preserved_at)),
            (labels.word("until"), labels.instant(body.until)),
            (labels.word("clock"), clock),
        ]
    )
    items = table(
        labels, "number actual note", (1, 4, 5),
        ([str(item.number), labels("status", item.actual), item.note] for item in body.items),
    )  # fmt: skip
    return [
        Section(labels("measure", "preserve_data"), [head]),
        section(labels, "items", items, *beneath(body, labels, "item")),
    ]


def _result(body: ResultBody, files: Mapping[str, str], labels: Labels) -> list[Section]:
    outcome = labels.word("outcome_whole" if body.whole else "outcome_part")
    items = table(
        labels, "number actual exhibits note", (1, 3, 6, 4),
        (
            [str(item.number), labels("status", item.actual), _file_names(item.exhibits, files), item.note]
            for item in body.items
        ),
    )  # fmt: skip
    chains: dict[str, list[CustodyRecord]] = {}
    for record in body.custody:
        chains.setdefault(record.exhibit, []).append(record)
    custody = [
        block
        for exhibit, chain in chains.items()
        for block in (
            Fields([(labels.word("exhibit"), _file_names([exhibit], files)), ("SHA-256", chain[-1].sha256)]),
            custody_table(chain, labels),
        )
    ]
    return [
        section(labels, "outcome", Paragraphs(outcome)),
        section(labels, "items", items, *beneath(body, labels, "item")),
        *told_of_persons(body, labels),
        *told_in_words(body, labels),
        section(labels, "authenticity", worded("authenticity", body.authenticity, body, labels)),
        *([section(labels, "custody", *custody)] if custody else []),
    ]


def _file_names(exhibits: Iterable[str], files: Mapping[str, str]) -> str:
    return "\n".join(files.get(exhibit, exhibit) for exhibit in exhibits)


def _refusal(body: RefusalBody, labels: Labels) -> list[Section]:
    items = table(
        labels, "number ground reasons", (1, 4, 8),
        ([str(item.number), labels.citation(item.ground.cite), item.reasons] for item in body.items),
    )  # fmt: skip
    consulted = "consulted_yes" if body.consulted else "consulted_no"
    return [
        section(labels, "refused_items", items, *beneath(body, labels, "item")),
        section(labels, "consultation", consultation(labels, consulted, body.no_answer_by)),
    ]


def _closing(letter: Letter, labels: Labels) -> list[Section]:
    sections = []
    if letter.limits:
        rows = [
            [
                labels("limit", limit.id) + (f"\n{limit.text}" if limit.text else ""),
                labels.citation(limit.cite),
            ]
            for limit in letter.limits
        ]
        limits = table(labels, "limits provision", (7, 4), rows)
        said = _beneath_limits(letter, labels)
        sections.append(section(labels, "limits", limits, *said))
    if letter.attachments:
        rows = [[file.name, str(file.bytes), file.sha256] for file in letter.attachments]
        sections.append(section(labels, "attachments", table(labels, "file size sha256", (5, 2, 6), rows)))
    people = [
        [labels("part", person.part), person.name, person.post, labels.instant(person.at)]
        for person in letter.people
    ]
    sections.append(section(labels, "people", table(labels, "part name post time", (3, 4, 4, 5), people)))
    return sections


def _beneath_limits(letter: Letter, labels: Labels) -> Iterator[Beside]:
    if isinstance(letter.body, Translatable):
        yield from beneath(letter.body, labels, "limit", limits=letter.limits)
