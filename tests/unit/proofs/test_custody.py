from __future__ import annotations

from typing import Any

import pytest

from comity.proofs.custody import CustodyRecord, CustodyRecordMalformedError, check_chain, read_records

EXHIBIT = "5e0b2a9c-1f5e-4b0c-8a1e-52b4c5d6e7f8"


def record(previous: CustodyRecord | None, **change: Any) -> CustodyRecord:
    fields: dict[str, Any] = {
        "schema": "comity-custody/1",
        "exhibit": EXHIBIT,
        "n": previous.n + 1 if previous else 1,
        "act": "copied" if previous else "received",
        "at": "2026-11-22T03:12:00Z",
        "by": {"name": "Person A", "post": "Custodian", "authority": "tm-247"},
        "sha256": "cd" * 32,
        "bytes": 10,
        "note": "",
        "previous": previous.digest if previous else None,
    }
    return CustodyRecord.model_validate(fields | change)


def chain(length: int) -> list[CustodyRecord]:
    records = [record(None)]
    while len(records) < length:
        records.append(record(records[-1]))
    return records


def codes(records: list[CustodyRecord]) -> list[tuple[str, int]]:
    return [(finding.code, finding.n) for finding in check_chain(records)]


def test_a_whole_chain_of_two_states_has_no_findings() -> None:
    records = chain(3)
    abroad = {"name": "Person B", "post": "Custodian", "authority": "kz-247"}
    records.append(record(records[-1], act="received_abroad", by=abroad))
    assert check_chain(records) == []
    assert read_records([entry.as_json() for entry in records]) == records


def test_a_missing_record_is_a_gap_and_a_broken_link() -> None:
    records = chain(4)
    del records[1]
    assert codes(records) == [("custody_gap", 3), ("custody_link_broken", 3)]


def test_a_chain_without_its_beginning_is_a_gap() -> None:
    assert codes(chain(3)[1:]) == [("custody_gap", 2)]


def test_an_altered_record_breaks_the_link_behind_it() -> None:
    records = chain(3)
    records[1] = records[1].model_copy(update={"note": "altered"})
    assert codes(records) == [("custody_link_broken", 3)]


def test_exchanged_records_are_found() -> None:
    records = chain(3)
    records[1], records[2] = records[2], records[1]
    assert {code for code, _ in codes(records)} == {"custody_gap", "custody_link_broken"}


def test_changed_content_is_found() -> None:
    records = chain(2)
    records.append(record(records[-1], sha256="ce" * 32))
    assert codes(records) == [("custody_content_differs", 3)]


def test_a_record_older_than_the_one_before_it_is_found() -> None:
    records = chain(2)
    records.append(record(records[-1], at="2026-11-22T03:11:59Z"))
    assert codes(records) == [("custody_time_backwards", 3)]


@pytest.mark.parametrize(("at", "found"), [("2026-11-22T03:07:00Z", False), ("2026-11-22T03:06:59Z", True)])
def test_clocks_of_two_authorities_may_differ_by_five_minutes(at: str, found: bool) -> None:
    records = chain(2)
    abroad = {"name": "Person B", "post": "Custodian", "authority": "kz-247"}
    records.append(record(records[-1], act="received_abroad", by=abroad, at=at))
    assert codes(records) == ([("custody_time_backwards", 3)] if found else [])


def test_a_record_of_another_exhibit_is_found() -> None:
    records = chain(1)
    records.append(record(records[-1], exhibit="5e0b2a9c-1f5e-4b0c-8a1e-52b4c5d6e7f9"))
    assert codes(records) == [("custody_exhibit_differs", 2)]


def test_nothing_follows_destruction() -> None:
    records = [record(None)]
    records.append(record(records[-1], act="destroyed"))
    assert check_chain(records) == []
    records.append(record(records[-1], act="used"))
    assert codes(records) == [("custody_after_destruction", 3)]


def test_a_chain_begins_with_receipt() -> None:
    assert codes([record(None, act="used")]) == [("custody_start_missing", 1)]


def test_no_records_at_all_is_a_finding() -> None:
    assert codes([]) == [("custody_empty", 0)]


@pytest.mark.parametrize(
    "value",
    [{}, [1], [{"schema": "comity-custody/1"}], [chain(1)[0].as_json() | {"act": "lost"}],
     [chain(1)[0].as_json() | {"schema": "comity-custody/2"}], [chain(1)[0].as_json() | {"more": 1}],
     [chain(1)[0].as_json() | {"bytes": True}], [chain(1)[0].as_json() | {"note": "a\x00b"}]],
)  # fmt: skip
def test_a_malformed_record_is_refused(value: Any) -> None:
    with pytest.raises(CustodyRecordMalformedError):
        read_records(value)
