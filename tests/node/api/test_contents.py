"""Evidence over the API: opened on record, read in ranges under the same rules as by page, exported."""

from __future__ import annotations

import io
import tarfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.api.test_access_matrix import speak

from comity.node import wiring
from comity.node.accounts.models import Official
from comity.node.casework.models import Case
from comity.node.directory import known
from comity.node.exhibits import content, intake, openings
from comity.node.exhibits.models import Exhibit, Opening

IMAGE = bytes(range(256)) * 4


@pytest.fixture
def custodian(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def exhibit(keys: Any, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Exhibit:
    """An exhibit of several segments."""
    monkeypatch.setattr(content, "SEGMENT_BYTES", 300)
    Case.objects.create(
        reference="XA-2027-000001", side="requested", peer=known.find("xb-247"), heading="-",
        opened_at=clock.now, changed_at=clock.now,
    )  # fmt: skip
    described = intake.Description("XA-2027-000001", None, "disk.img", "image/png", "the bureau")
    made = intake.take_in(custodian, io.BytesIO(IMAGE), described, now=clock.now)
    assert made.segments.count() == 4
    return made


def opened(client: Client, exhibit: Exhibit, **more: str) -> Any:
    said = {"purpose": "to compare", **more}
    return client.post(f"/api/exhibits/{exhibit.number}/openings", said, content_type="application/json")


def fetch(client: Client, opening: str, asked: str = "") -> Any:
    headers = {"Range": asked} if asked else {}
    return client.get(f"/api/openings/{opening}/content", headers=headers)


def whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def acts(exhibit: Exhibit) -> list[str]:
    return list(exhibit.custody.values_list("act", flat=True))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("", 0, 1023), ("bytes=0-0", 0, 0), ("bytes=299-300", 299, 300), ("bytes=300-", 300, 1023),
     ("bytes=650-9999", 650, 1023), ("bytes=-10", 1014, 1023), ("bytes=-5000", 0, 1023)],
)  # fmt: skip
def test_ranges_are_read_with_one_record(
    exhibit: Exhibit, custodian: Official, asked: str, first: int, last: int
) -> None:
    client = speak(custodian, "custodian")
    opening = opened(client, exhibit).json()
    assert (opening["bytes"], opening["sha256"]) == (1024, exhibit.sha256)
    for _ in range(2):
        answer = fetch(client, opening["id"], asked)
        assert answer.status_code == (206 if asked else 200)
        assert whole(answer) == IMAGE[first : last + 1]
        assert answer.headers["Content-Length"] == str(last - first + 1)
        if asked:
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    assert acts(exhibit) == ["received", "hashed", "opened"]
    assert exhibit.custody.get(act="opened").record["note"] == "to compare"


@pytest.mark.parametrize(
    "asked", ["bytes=1024-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b"]
)
def test_what_is_no_range_of_it_is_refused(exhibit: Exhibit, custodian: Official, asked: str) -> None:
    client = speak(custodian, "custodian")
    answer = fetch(client, opened(client, exhibit).json()["id"], asked)
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_there")


def test_an_opening_is_of_one_official_and_for_an_hour(
    exhibit: Exhibit, custodian: Official, official: Any
) -> None:
    client = speak(custodian, "custodian")
    opening = opened(client, exhibit).json()["id"]
    assert fetch(speak(official("custodian"), "custodian"), opening).status_code == 404
    Opening.objects.update(expires_at=timezone.now())
    assert fetch(client, opening).status_code == 404
    openings.expire(timezone.now() + timedelta(seconds=1))
    assert not Opening.objects.exists()
    assert acts(exhibit)[-1] == "opened"


def test_what_is_closed_meanwhile_is_not_read_on(exhibit: Exhibit, custodian: Official, clock: Any) -> None:
    from comity.node.casework.acts.mark import mark

    client = speak(custodian, "custodian")
    opening = opened(client, exhibit).json()["id"]
    case = Case.objects.get()
    mark(custodian, case, kind="privileged", exhibit=str(exhibit.pk), reason="-", now=clock.now)
    answer = fetch(client, opening)
    assert (answer.status_code, answer.json()["code"]) == (400, "exhibit_closed")
    assert opened(client, exhibit).json()["code"] == "exhibit_closed"


def test_what_two_people_open_is_not_opened_by_a_program_alone(
    exhibit: Exhibit, custodian: Official, clock: Any
) -> None:
    from comity.node.casework.acts.mark import mark

    mark(
        custodian, Case.objects.get(), kind="child_abuse", exhibit=str(exhibit.pk), reason="-", now=clock.now
    )
    client = speak(custodian, "custodian")
    assert opened(client, exhibit).json()["code"] == "second_person_needed"
    assert acts(exhibit) == ["received", "hashed"]
    assert not Opening.objects.exists()


def test_who_may_see_it_but_not_open_it_gets_nothing(exhibit: Exhibit, official: Any) -> None:
    answer = opened(speak(official("signatory"), "signatory"), exhibit)
    assert answer.status_code == 403
    assert acts(exhibit) == ["received", "hashed"]


def test_a_working_copy_is_made_read_and_destroyed(
    exhibit: Exhibit, custodian: Official, run_jobs: Any, clock: Any
) -> None:
    wiring.connect()
    client = speak(custodian, "custodian")
    place = f"/api/exhibits/{exhibit.number}/copies"
    made = client.post(place, {"purpose": "to search"}, content_type="application/json").json()
    clock.now = timezone.now() + timedelta(seconds=1)
    run_jobs()
    assert client.get(place).json()[0]["state"] == "ready"
    opening = opened(client, exhibit, copy_number=made["number"]).json()["id"]
    assert whole(fetch(client, opening, "bytes=298-302")) == IMAGE[298:303]
    answer = client.post(
        f"{place}/{made['number']}/destruction", {"reason": "done"}, content_type="application/json"
    )
    assert answer.json()["state"] == "destroyed"
    assert fetch(client, opening).json()["code"] == "copy_not_ready"
    assert acts(exhibit) == ["received", "hashed", "copied", "opened", "copy_destroyed"]
    assert opened(client, exhibit, copy_number="none").status_code == 404


def test_a_bag_is_exported_on_record(exhibit: Exhibit, custodian: Official) -> None:
    client = speak(custodian, "custodian")
    answer: Any = client.post(
        f"/api/exhibits/{exhibit.number}/bag", {"purpose": "for the court"}, content_type="application/json"
    )
    with tarfile.open(fileobj=io.BytesIO(whole(answer))) as tar:
        held: Any = tar.extractfile(f"{exhibit.number}/data/disk.img")
        assert held.read() == IMAGE
    assert acts(exhibit)[-1] == "exported"
