from __future__ import annotations

import pytest

from comity import canonical
from comity.delivery import consignment as form
from comity.delivery.envelope import Envelope

ENVELOPE = {
    "schema": "comity-envelope/1",
    "letter": "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11",
    "from": "xb-247",
    "to": "xa-247",
    "generation": 1,
    "sha256": "ab" * 32,
    "bytes": 1000,
    "written_at": "2027-06-12T03:00:00Z",
    "expires_at": "2027-07-12T03:00:00Z",
}
LIST = {
    "schema": "comity-consignment/1",
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "from": "xb-247",
    "to": "xa-247",
    "packed_at": "2027-06-12T03:10:00Z",
    "letters": [ENVELOPE],
    "receipts": ["cd" * 32],
}


def test_a_list_is_read_back_from_its_bytes_and_names_every_file():
    listed = form.read_list(canonical.write(LIST))
    assert form.write_list(listed) == canonical.write(LIST)
    assert listed.letters == [Envelope.model_validate(ENVELOPE)]
    letter, receipt = f"letters/{ENVELOPE['letter']}.age", f"receipts/{'cd' * 32}.note"
    assert listed.names == {"list.json", letter, receipt}


@pytest.mark.parametrize(
    "changes",
    [
        {"letters": [ENVELOPE, ENVELOPE]},
        {"receipts": ["cd" * 32] * 2},
        {"letters": [ENVELOPE | {"from": "xc-247"}]},
        {"letters": [ENVELOPE | {"to": "xc-247"}]},
        {"to": "xb-247", "letters": []},
        {"receipts": ["../../etc"]},
        {"receipts": ["ab" * 32] * (form.MOST_RECEIPTS + 1)},
        {"extra": 1},
        {"schema": "comity-consignment/2"},
    ],
)
def test_other_lists_are_refused(changes):
    with pytest.raises(form.ConsignmentMalformedError):
        form.read_list(canonical.write(LIST | changes))


@pytest.mark.parametrize("data", [b"", b"{}", b'{"a":1,"a":2}', canonical.write(LIST) + b" "])
def test_other_bytes_are_no_list(data):
    with pytest.raises(form.ConsignmentMalformedError):
        form.read_list(data)
