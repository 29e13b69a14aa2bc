"""Write the published JSON Schemas, of letters and of the other documents, from the code that reads them.

A test compares them with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from comity.delivery.consignment import Consignment
from comity.delivery.envelope import Envelope
from comity.directory.cards import Card
from comity.directory.entries import Entry
from comity.letters.schema import json_schema
from comity.orders import form as orders
from comity.proofs import drills
from comity.proofs.custody import CustodyRecord
from comity.proofs.forks import Fork
from comity.proofs.letter_entries import LetterEntries
from comity.proofs.receipts import Receipt
from comity.proofs.transport_keys import KeyNotice
from comity.sealing.disclosure import RootStatement
from comity.sealing.manifest import Manifest
from comity.sealing.remains import Remains
from comity.sealing.stepup import StepUp
from comity.shapes import Shape

SPECIFICATION = Path(__file__).resolve().parent.parent / "docs" / "spec"
TARGET = SPECIFICATION / "letter.schema.json"
FORMS_TARGET = SPECIFICATION / "forms.schema.json"
FORMS: dict[str, type[Shape]] = {
    "comity-card/1": Card,
    "comity-consignment/1": Consignment,
    "comity-custody/1": CustodyRecord,
    "comity-drill/1": drills.Drill,
    "comity-drill-answer/1": drills.Answer,
    "comity-drill-record/1": drills.Record,
    "comity-drill-standing/1": drills.DeskStanding,
    "comity-entry/1": Entry,
    "comity-envelope/1": Envelope,
    "comity-fork/1": Fork,
    "comity-letter-entries/1": LetterEntries,
    "comity-manifest/1": Manifest,
    "comity-manifest/2": Manifest,
    "comity-order/2": orders.Order,
    "comity-receipt/1": Receipt,
    "comity-remains/1": Remains,
    "comity-root/1": RootStatement,
    "comity-signed-order/1": orders.Envelope,
    "comity-stepup/1": StepUp,
    "comity-transport-key/1": KeyNotice,
}
"""The documents beside the letter, by the name that they or the first lines of their notes say."""


def schema_text() -> str:
    """The schema of letters as it is committed: sorted, indented, one line feed at the end."""
    return _text(json_schema())


def forms_text() -> str:
    """The same of the other documents: each under ``$defs``, found by its name under ``forms``."""
    kinds = [(shape, "validation") for shape in FORMS.values()]
    where, found = models_json_schema(kinds)  # type: ignore[arg-type]
    for shape in FORMS.values():
        _demand_form(found["$defs"][where[shape, "validation"]["$ref"].rpartition("/")[2]])
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Comity's documents but the letter",
        "forms": {name: where[shape, "validation"] for name, shape in FORMS.items()},
    }
    return _text(head | found)


def _demand_form(schema: dict[str, Any]) -> None:
    """A document always says its form, also where our code fills it in."""
    if "schema" in schema["properties"] and "schema" not in schema["required"]:
        schema["required"].insert(0, "schema")


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(schema_text(), encoding="utf-8")
    FORMS_TARGET.write_text(forms_text(), encoding="utf-8")
