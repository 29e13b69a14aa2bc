"""An exhibit and its custody as CASE/UCO JSON-LD (the ontologies CASE 1.4 and UCO 1.4).

The exhibit is a provenance record that holds a file with its hashes; each custody record is an investigative
action upon that file, by a person of an authority. Nothing of the content is in it.
"""

from __future__ import annotations

import uuid
from typing import Any

from comity.node.exhibits import continuing, custody
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import Exhibit

MEDIA_TYPE = "application/ld+json"
_UCO = "https://ontology.unifiedcyberontology.org/uco"
_CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    **{f"uco-{part}": f"{_UCO}/{part}/" for part in ("action", "core", "identity", "observable", "types")},
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "comity": "urn:comity:",
}
Node = dict[str, Any]


def document(exhibit: Exhibit) -> Node:
    """The JSON-LD document; the same for the same rows."""
    named = _Names(exhibit.id)
    records = [*custody.chain(exhibit), *(each for _, told in continuing.told(exhibit) for each in told)]
    people: dict[tuple[str, str, str], Node] = {}
    actions = [_action(named, record, people) for record in records]
    authorities = {by[2]: _authority(named, by[2]) for by in people}
    return {
        "@context": _CONTEXT,
        "@graph": [
            _provenance(named, exhibit),
            _file(named, exhibit),
            *authorities.values(),
            *people.values(),
            *actions,
        ],
    }


class _Names:
    """Identifiers within one exhibit: the same for the same things, each ending in a UUID."""

    def __init__(self, exhibit: uuid.UUID) -> None:
        self._exhibit = exhibit

    def of(self, *what: object) -> str:
        return f"urn:uuid:{uuid.uuid5(self._exhibit, ' '.join(map(str, what)))}"


def _provenance(named: _Names, exhibit: Exhibit) -> Node:
    described = "; ".join(f"{name}: {value}" for name, value in Acquisition.in_order(exhibit.acquisition))
    return {
        "@id": named.of("provenance"),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": exhibit.number,
        **({"uco-core:description": described} if described else {}),
        "uco-core:object": [{"@id": named.of("file")}],
    }


def _file(named: _Names, exhibit: Exhibit) -> Node:
    hashes = [("SHA256", exhibit.sha256)] + ([("SHA512", exhibit.sha512)] if exhibit.sha512 else [])
    size = _typed("xsd:integer", str(exhibit.bytes))
    return {
        "@id": named.of("file"),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": named.of("file facet"),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": exhibit.raw_name,
                "uco-observable:sizeInBytes": size,
            },
            {
                "@id": named.of("content facet"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": exhibit.media_type,
                "uco-observable:sizeInBytes": size,
                "uco-observable:hash": [_hash(named, *each) for each in hashes],
            },
        ],
    }


def _hash(named: _Names, method: str, value: str) -> Node:
    return {
        "@id": named.of("hash", method),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": _typed("xsd:hexBinary", value),
    }


def _action(named: _Names, record: Node, people: dict[tuple[str, str, str], Node]) -> Node:
    by = (record["by"]["name"], record["by"]["post"], record["by"]["authority"])
    people.setdefault(by, _person(named, by))
    when = _typed("xsd:dateTime", record["at"])
    return {
        "@id": named.of("record", record["by"]["authority"], record["n"]),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": record["act"],
        **({"uco-core:description": record["note"]} if record["note"] else {}),
        "uco-action:startTime": when,
        "uco-action:endTime": when,
        "uco-action:performer": {"@id": named.of("person", *by)},
        "uco-action:object": [{"@id": named.of("file")}],
        "uco-action:result": [{"@id": named.of("provenance")}],
    }


def _person(named: _Names, by: tuple[str, str, str]) -> Node:
    name, post, authority = by
    return {
        "@id": named.of("person", *by),
        "@type": "uco-identity:Person",
        "uco-core:name": name,
        "uco-core:description": f"{post}, {authority}",
    }


def _authority(named: _Names, authority: str) -> Node:
    return {
        "@id": named.of("authority", authority),
        "@type": "uco-identity:Organization",
        "uco-core:name": authority,
    }


def _typed(kind: str, value: str) -> Node:
    return {"@type": kind, "@value": value}
