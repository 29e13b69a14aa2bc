"""The offences of a treaty's catalogue that a provision speaks of, and States' own law on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comity.treaties.corpus import Provision
from comity.treaties.library import Library
from comity.treaties.offences import CatalogueOffence
from comity.treaties.states import Answering


@dataclass(frozen=True, slots=True)
class Catalogued:
    """An offence, and the provisions of national law that answer it as far as the data go."""

    offence: CatalogueOffence
    enactments: tuple[Answering, ...]


def catalogued(library: Library, provision: Provision) -> tuple[Catalogued, ...]:
    """The offences that stand at a provision, in it or around it."""
    reach = library.reach.get(provision.citation.instrument)
    if reach is None:
        return ()
    own = provision.citation.eid
    return tuple(
        Catalogued(offence, library.enactments(offence.citation))
        for eid, offence in reach.offences.items()
        if eid == own or eid.startswith(f"{own}__") or own.startswith(f"{eid}__")
    )


def as_dict(found: Catalogued) -> dict[str, Any]:
    """An offence for machines."""
    offence = found.offence
    return {
        "cite": str(offence.citation),
        "name": dict(offence.names),
        "establish": offence.establish,
        "conduct": dict(offence.conduct),
        "mental": dict(offence.mental),
        "predicates": sorted(offence.predicates),
        "participation": [str(place) for place in offence.participation],
        "attempt": [str(place) for place in offence.attempt],
        "options": [
            {"id": one.id, "cite": str(one.citation), "effect": one.effect, "text": dict(one.text)}
            for one in offence.options
        ],
        "national_law": [
            {
                "state": enactment.state,
                "law": enactment.law,
                "article": enactment.article,
                "subject": dict(enactment.subject),
                "covers": implements.covers,
                "requires": list(implements.requires),
                "source": enactment.source.title,
                "address": enactment.source.address,
                "edition": enactment.edition.isoformat() if enactment.edition else None,
            }
            for enactment, implements in found.enactments
        ],
    }
