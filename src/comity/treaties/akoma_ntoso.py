"""The corpus as Akoma Ntoso 3.0 (OASIS LegalDocML): one document an instrument, eIds as in our citations.

Receives an instrument and the day on which the export is made; returns XML. The words are those of the
corpus and nothing else: flaws, repairs and our summaries stand as notes of the metadata, and a provision
refers to them by an empty element.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from lxml import etree

from comity.terms import Citation
from comity.treaties.corpus import Provision
from comity.treaties.library import Instrument

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# ISO 639-2/T codes, which the naming convention asks for, of the languages that treaties are published in.
_ALPHA_3 = {
    "ar": "ara",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "kk": "kaz",
    "ru": "rus",
    "tk": "tuk",
    "zh": "zho",
}
# Elements of the hierarchy by the names that eIds use; anything else is a named container.
_HIERARCHY = {"art": "article", "para": "paragraph", "point": "point"}
_UNDATED = date.min
_COMITY, _PARTIES = "#comity", "#parties"


def document(instrument: Instrument, made_on: date) -> bytes:
    """The instrument as one ``<akomaNtoso>`` document, UTF-8, the same bytes for the same day."""
    return _Writer(instrument, made_on).document()


class _Writer:
    def __init__(self, instrument: Instrument, made_on: date) -> None:
        self._instrument = instrument
        self._made_on = made_on
        self._notes: list[etree._Element] = []
        self._summaries = {article.citation: article.summary for article in instrument.articles}

    def document(self) -> bytes:
        root = etree.Element(_tag("akomaNtoso"), nsmap={None: NAMESPACE})
        act = _add(root, "act", name=self._instrument.kind)
        meta = self._meta(act, "main")
        parts = _parts(self._instrument)
        first = next((n for n, part in enumerate(parts) if _is_article(part[0])), len(parts))
        self._before(act, parts[:first])
        body = _add(act, "body")
        for chapter, articles in groupby((p for part in parts for p in part if _is_article(p)), _chapter):
            self._chapter(body, chapter, list(articles))
        self._after(act, [part for part in parts[first:] if not _is_article(part[0])])
        if self._notes:
            notes = _add(meta, "notes", source=_COMITY)
            notes.extend(self._notes)
        etree.indent(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    # The parts of the document, in the order of the text.

    def _before(self, act: etree._Element, parts: Sequence[list[Provision]]) -> None:
        preface = [part for part in parts if _head(part) != "preamble"]
        if preface:
            above = _add(act, "preface")
            for part in preface:
                self._container(above, part)
        for part in parts:
            if _head(part) == "preamble":
                recitals = _add(_add(act, "preamble"), "recitals", eId=_head(part))
                self._text_of(recitals, "heading", part[0].heading)
                for provision in part:
                    self._recital(recitals, provision)
                self._summarise(recitals, part)

    def _after(self, act: etree._Element, parts: Sequence[list[Provision]]) -> None:
        for part in parts:
            if _head(part) == "conclusion":
                self._container(_add(act, "conclusions"), part)
        annexes = [part for part in parts if _head(part) != "conclusion"]
        above = _add(act, "attachments") if annexes else act
        for part in annexes:
            attachment = _add(above, "attachment", eId=_head(part))
            self._text_of(attachment, "heading", part[0].heading)
            doc = _add(attachment, "doc", name=_head(part))
            self._meta(doc, _head(part))
            main = _add(doc, "mainBody")
            for provision in part:
                self._hierarchy(main, provision, part)
            self._summarise(attachment, part)

    def _chapter(self, body: etree._Element, chapter: str, articles: list[Provision]) -> None:
        above = body
        if chapter:
            above = _add(body, "chapter", eId=f"chp_{len(body) + 1}")
            number, _, heading = chapter.partition(" ")
            self._text_of(above, "num", number)
            self._text_of(above, "heading", heading)
        for provision in articles:
            if provision.parent is None:
                self._hierarchy(above, provision, articles)

    # One provision in each of the three forms that the schema has for it.

    def _hierarchy(self, above: etree._Element, provision: Provision, among: Sequence[Provision]) -> None:
        """Number, heading, opening words, what is below, closing words."""
        kind = provision.citation.eid.rpartition("__")[2].partition("_")[0]
        tag = _HIERARCHY.get(kind)
        element = _add(above, tag or "hcontainer", eId=provision.citation.eid)
        if tag is None:
            element.set("name", kind)
        self._text_of(element, "num", provision.number)
        if kind == "art":
            self._text_of(element, "heading", provision.heading)
        below = [one for one in among if one.parent == provision.citation]
        if not below:
            self._paragraphs(_add(element, "content"), provision.text, always=True)
        else:
            self._wrapped(element, "intro", provision.text)
            for child in below:
                self._hierarchy(element, child, among)
            self._wrapped(element, "wrapUp", provision.closing)
        self._annotate(element, provision)

    def _recital(self, above: etree._Element, provision: Provision) -> None:
        element = _add(above, "recital", eId=provision.citation.eid)
        self._text_of(element, "num", provision.number)
        self._paragraphs(element, provision.text, always=True)
        self._annotate(element, provision)

    def _container(self, above: etree._Element, part: Sequence[Provision]) -> None:
        """A part that is no hierarchy in the schema's eyes: a decree, a resolution, the closing words."""
        outer = _add(above, "container", name=_head(part), eId=_head(part))
        if part[0].heading:
            _add(outer, "block", name="heading").text = part[0].heading
        for provision in part:
            if provision.parent is None:
                self._contained(outer, provision, part)
        self._summarise(outer, part)

    def _contained(self, above: etree._Element, provision: Provision, among: Sequence[Provision]) -> None:
        name = provision.citation.eid.rpartition("__")[2].partition("_")[0]
        element = _add(above, "container", name=name, eId=provision.citation.eid)
        if provision.number:
            _add(element, "block", name="num").text = provision.number
        below = [one for one in among if one.parent == provision.citation]
        self._paragraphs(element, provision.text, always=not below)
        for child in below:
            self._contained(element, child, among)
        self._paragraphs(element, provision.closing)
        self._annotate(element, provision)

    def _wrapped(self, above: etree._Element, tag: str, text: str) -> None:
        if text:
            self._paragraphs(_add(above, tag), text)

    def _paragraphs(self, above: etree._Element, text: str, *, always: bool = False) -> None:
        for line in text.split("\n") if text or always else ():
            _add(above, "p").text = line

    def _text_of(self, above: etree._Element, tag: str, text: str) -> None:
        if text:
            _add(above, tag).text = text

    # What is said about a provision: notes in the metadata, a reference from its first line.

    def _annotate(self, element: etree._Element, provision: Provision) -> None:
        self._note(element, _remarks(provision, self._summaries.get(provision.citation, {})))

    def _summarise(self, element: etree._Element, part: Sequence[Provision]) -> None:
        """Our summary of a part that is no place of its own, such as a decree."""
        summary = self._summaries.get(Citation(self._instrument.id, _head(part)))
        if summary:
            self._note(element, [("summary", sorted(summary.items()))])

    def _note(
        self, element: etree._Element, remarks: Iterable[tuple[str, Sequence[tuple[str, str]]]]
    ) -> None:
        line = next(element.iter(_tag("p"), _tag("num"), _tag("heading"), _tag("block")))
        for kind, texts in remarks:
            eid = f"note_{len(self._notes) + 1}"
            note = etree.Element(_tag("note"), {"eId": eid, "class": kind})
            for language, text in texts:
                paragraph = _add(note, "p")
                paragraph.set(_LANG, language)
                paragraph.text = text
            self._notes.append(note)
            _add(line, "noteRef", href=f"#{eid}")

    # Metadata after FRBR: the work, this language of it, this file.

    def _meta(self, above: etree._Element, component: str) -> etree._Element:
        treaty, language = self._instrument, _alpha_3(self._instrument.language)
        made = (treaty.adopted or _UNDATED).isoformat()
        uri = f"/akn/{treaty.jurisdiction}/act/{treaty.kind}/{made}/{treaty.id}"
        meta = _add(above, "meta")
        identification = _add(meta, "identification", source=_COMITY)
        work = self._level(identification, "FRBRWork", uri, component, ("made", made), _PARTIES)
        _add(work, "FRBRcountry", value=treaty.jurisdiction)
        _add(work, "FRBRsubtype", value=treaty.kind)
        _add(work, "FRBRname", value=treaty.id)
        expression = self._level(
            identification, "FRBRExpression", f"{uri}/{language}@", component, ("made", made), _PARTIES
        )
        authentic = treaty.language in treaty.authentic
        _add(expression, "FRBRauthoritative", value=str(authentic).lower())
        _add(expression, "FRBRlanguage", language=language)
        exported = ("exported", self._made_on.isoformat())
        file = self._level(
            identification, "FRBRManifestation", f"{uri}/{language}@", component, exported, _COMITY, ".xml"
        )
        _add(file, "FRBRformat", value="application/akn+xml")
        references = _add(meta, "references", source=_COMITY)
        for name, shown in ((_COMITY, "Comity"), (_PARTIES, "The States that made the instrument")):
            where = f"/akn/ontology/organization/{name[1:]}"
            eid = name[1:] if component == "main" else f"{component}_{name[1:]}"
            _add(references, "TLCOrganization", eId=eid, href=where, showAs=shown)
        return meta

    def _level(
        self,
        above: etree._Element,
        tag: str,
        uri: str,
        component: str,
        dated: tuple[str, str],
        author: str,
        ending: str = "",
    ) -> etree._Element:
        level = _add(above, tag)
        _add(level, "FRBRthis", value=f"{uri}/!{component}{ending}")
        _add(level, "FRBRuri", value=f"{uri}{ending}")
        if tag == "FRBRWork":
            for language, name in sorted(self._instrument.name.items()):
                _add(level, "FRBRalias", name=f"title-{language}", value=name)
        name, day = dated
        _add(level, "FRBRdate", date=day, name=name)
        _add(level, "FRBRauthor", href=author)
        return level


def _parts(instrument: Instrument) -> list[list[Provision]]:
    """The provisions of each part, in the order of the text; all articles are one part."""

    def part(provision: Provision) -> str:
        return "" if _is_article(provision) else provision.citation.eid.partition("__")[0]

    grouped: dict[str, list[Provision]] = {}
    for provision in instrument.provisions.values():
        grouped.setdefault(part(provision), []).append(provision)
    return sorted(grouped.values(), key=lambda provisions: min(one.lines[0] for one in provisions))


def _remarks(
    provision: Provision, summary: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """The notes on a provision by class: our summary, other names, flaws of the source, repairs."""
    also = ", ".join(map(str, provision.also))
    repairs = [
        f"Line {one.at} of the source, {one.kind}: “{one.was}” → “{one.now}”." for one in provision.repairs
    ]
    remarks = {
        "summary": sorted(summary.items()),
        "also": [("en", f"Also cited as {also}.")] if also else [],
        "flaw": [("en", flaw) for flaw in provision.flaws],
        "repair": [("en", repair) for repair in repairs],
    }
    for kind, texts in remarks.items():
        if texts:
            yield kind, texts


def _is_article(provision: Provision) -> bool:
    return provision.citation.eid.startswith("art_")


def _head(part: Sequence[Provision]) -> str:
    return part[0].citation.eid.partition("__")[0]


def _chapter(provision: Provision) -> str:
    return provision.chapter


def _alpha_3(language: str) -> str:
    return _ALPHA_3.get(language, language)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(above: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(above, _tag(tag), attributes)
