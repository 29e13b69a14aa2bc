"""Standing under the node's own data and under stated deposits: the treaty's own rule, whoever deposits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from comity.reasoning import advise, read
from comity.treaties import Library, load

LAW = Path(__file__).resolve().parents[3] / "law"
# Forty member States of the United Nations, none of which is a party to the case.
FORTY = [
    "AO",
    "AR",
    "AU",
    "BB",
    "BD",
    "BH",
    "BJ",
    "BO",
    "BR",
    "BS",
    "BW",
    "BZ",
    "CI",
    "CL",
    "CM",
    "CO",
    "CR",
    "CU",
    "DJ",
    "DM",
    "DO",
    "DZ",
    "EC",
    "EG",
    "ET",
    "FJ",
    "GA",
    "GD",
    "GH",
    "GM",
    "GN",
    "GT",
    "GW",
    "GY",
    "HN",
    "HT",
    "ID",
    "IN",
    "JM",
    "JO",
]


def basis(
    library: Library, instrument: str, day: str, status: dict[str, Any] | None = None
) -> dict[str, Any]:
    facts = {
        "requesting_state": "KZ",
        "requested_state": "TM",
        "as_of": day,
        "measure": "preserve_data" if instrument == "uncc" else "execute_operational_measures",
        "offences": [{"id": "uncc:art_7", "kind": "kz-tm:art_1__para_1__point_11"}],
        **({"status": status} if status else {}),
    }
    if instrument == "kz-tm":
        facts["measure"] = next(iter(library.reach["kz-tm"].measures))
    opinion = advise(read(facts, library), library).as_dict()
    (found,) = [one for one in opinion["bases"] if one["instrument"] == instrument]
    return dict(found)


def cited(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["cite"], one["outcome"]) for one in found["findings"]]


@pytest.fixture
def ended(tmp_path: Path) -> Library:
    """A library whose data hold both notifications of the Agreement, and a notice of one Party."""
    shutil.copytree(LAW, tmp_path / "law", ignore=shutil.ignore_patterns("sources", "cases*"))
    acts = [("KZ", "notification", "2026-01-15"), ("TM", "notification", "2026-03-20")]
    acts.append(("TM", "denunciation", "2030-08-31"))
    rows = [
        f'[[act]]\nstate = "{s}"\nwhat = "{w}"\non = {on}\nmark = "O"\nsource = "T"\n' for s, w, on in acts
    ]
    source = '[[source]]\nkey = "T"\ntitle = "t"\naddress = "a"\n'
    head = 'instrument = "kz-tm"\ncomplete_until = 2030-12-31\n'
    (tmp_path / "law" / "kz-tm" / "status.toml").write_text(
        "\n".join([head, source, *rows]), encoding="utf-8"
    )
    return load(tmp_path / "law")


def test_a_treaty_of_two_ends_for_both_by_the_notice_of_one(ended: Library) -> None:
    assert ("kz-tm:art_10__para_1", "applies") in cited(basis(ended, "kz-tm", "2026-03-20"))
    assert ("kz-tm:art_10__para_1", "does_not_apply") in cited(basis(ended, "kz-tm", "2026-03-19"))
    assert ("kz-tm:art_10__para_1", "applies") in cited(basis(ended, "kz-tm", "2031-02-27"))
    assert cited(basis(ended, "kz-tm", "2031-02-28"))[0] == ("kz-tm:art_10__para_2", "does_not_apply")


def test_the_deposit_of_an_organisation_does_not_bring_a_treaty_into_force() -> None:
    library = load(LAW)
    deposits = {state: {"deposited": "2027-01-01"} for state in FORTY}
    with_union = {**{state: deposits[state] for state in FORTY[:39]}, "EU": {"deposited": "2027-01-01"}}
    parties = {
        "KZ": {"status": "party", "since": "2027-04-01"},
        "TM": {"status": "party", "since": "2027-04-01"},
    }
    assert ("uncc:art_65__para_1", "applies") in cited(
        basis(library, "uncc", "2027-04-01", {"uncc": {**deposits, **parties}})
    )
    assert ("uncc:art_65__para_1", "undetermined") in cited(
        basis(library, "uncc", "2027-04-01", {"uncc": {**with_union, **parties}})
    )
