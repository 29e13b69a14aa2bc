"""An exhibit's record for others: a printed report, CASE/UCO, a bag; no content without custody."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from comity.node.accounts.models import Official
from comity.node.casework.models import Case
from comity.node.exhibits import bags, case_uco, custody, intake, reading
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import Exhibit

DATA = b"From: night.heron@post.example\n" * 40_000
TOOLS = Path(sys.executable).parent
PURPOSE = {"bag-purpose": "for the expert of the court"}


@pytest.fixture
def person(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def exhibit(case: Case, person: Official, clock: Any) -> Exhibit:
    described = intake.Description(
        case.reference,
        None,
        "почта\u202e.mbox",
        "application/mbox",
        "the bureau",
        acquisition=Acquisition(tool="Imager", tool_version="4.2", place="B."),
        sha512=True,
    )
    return intake.take_in(person, io.BytesIO(DATA), described, now=clock.now)


@pytest.fixture
def client(person: Official) -> Client:
    made = Client()
    made.force_login(person)
    return made


def unpacked(answer: Any, folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(b"".join(answer.streaming_content))) as tar:
        tar.extractall(folder, filter="data")
    return next(folder.iterdir())


def test_a_bag_holds_the_content_its_hashes_and_its_custody(
    client: Client, exhibit: Exhibit, tmp_path: Path
) -> None:
    answer = client.post(f"/exhibits/{exhibit.id}/bag", PURPOSE)
    bag = unpacked(answer, tmp_path)
    assert (bag / "data" / "mbox").read_bytes() == DATA
    assert (bag / "manifest-sha256.txt").read_text() == f"{exhibit.sha256}  data/mbox\n"
    assert (bag / "manifest-sha512.txt").read_text() == f"{hashlib.sha512(DATA).hexdigest()}  data/mbox\n"
    told = json.loads((bag / "custody.json").read_text())
    assert [each["act"] for each in told] == ["received", "hashed", "exported"]
    assert PURPOSE["bag-purpose"] in told[-1]["note"]
    for line in (bag / "tagmanifest-sha256.txt").read_text().splitlines():
        digest, _, path = line.partition("  ")
        assert hashlib.sha256((bag / path).read_bytes()).hexdigest() == digest


def test_a_bag_of_a_content_that_is_cut_off_does_not_end_as_a_whole_one(exhibit: Exhibit, clock: Any) -> None:
    with pytest.raises(bags.ContentCutOffError):
        list(bags.bag(exhibit, io.BytesIO(DATA[:-1]), clock.now))
    assert list(bags.bag(exhibit, io.BytesIO(DATA), clock.now))


def test_a_bag_takes_a_purpose_and_the_right_to_open(client: Client, exhibit: Exhibit, official: Any) -> None:
    before = exhibit.custody.count()
    assert client.post(f"/exhibits/{exhibit.id}/bag", {"bag-purpose": " "}).status_code == 422
    drafter = Client()
    drafter.force_login(official("signatory"))
    assert drafter.post(f"/exhibits/{exhibit.id}/bag", PURPOSE).status_code == 403
    Exhibit.objects.update(wrapped_key=None)
    assert client.post(f"/exhibits/{exhibit.id}/bag", PURPOSE).status_code == 409
    assert exhibit.custody.count() == before


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_the_custody_report_is_printed_in_each_language(
    client: Client, exhibit: Exhibit, language: str
) -> None:
    answer = client.get(f"/exhibits/{exhibit.id}/custody/{language}.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert client.get(f"/exhibits/{exhibit.id}/custody/tk.pdf").status_code == 404
    assert exhibit.custody.count() == 2  # nothing of the content is in it


def test_case_names_the_file_its_hashes_and_every_touch(client: Client, exhibit: Exhibit) -> None:
    graph = json.loads(client.get(f"/exhibits/{exhibit.id}/case.jsonld").content)["@graph"]
    kinds = [node["@type"].rpartition(":")[2] for node in graph]
    assert kinds.count("InvestigativeAction") == len(custody.chain(exhibit))
    file = next(node for node in graph if node["@type"] == "uco-observable:File")
    hashes = [
        each["uco-types:hashValue"]["@value"] for each in file["uco-core:hasFacet"][1]["uco-observable:hash"]
    ]
    assert hashes == [exhibit.sha256, exhibit.sha512]
    known = {node["@id"] for node in graph}
    assert all(
        node["uco-action:performer"]["@id"] in known for node in graph if "uco-action:performer" in node
    )


def test_the_programs_get_case_too(exhibit: Exhibit, person: Official) -> None:
    from django.utils import timezone

    from comity.node.api import tokens

    secret = tokens.make(person, "-", days=1, now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.get(f"/api/exhibits/{exhibit.number}/case")
    assert answer.json() == case_uco.document(exhibit)


@pytest.mark.foreign
def test_case_validate_accepts_our_record_and_refuses_a_broken_one(exhibit: Exhibit, tmp_path: Path) -> None:
    document = case_uco.document(exhibit)
    (tmp_path / "good.jsonld").write_text(json.dumps(document))
    document["@graph"][1]["uco-core:hasFacet"][1]["uco-observable:sizeInBytes"] = "many"
    (tmp_path / "bad.jsonld").write_text(json.dumps(document))
    judged = [
        subprocess.run(
            [TOOLS / "case_validate", tmp_path / name], capture_output=True, text=True, timeout=250
        )
        for name in ("good.jsonld", "bad.jsonld")
    ]
    assert judged[0].returncode == 0, judged[0].stdout
    assert judged[1].returncode != 0


@pytest.mark.foreign
def test_bagit_python_accepts_our_bag_and_refuses_a_changed_one(
    exhibit: Exhibit, tmp_path: Path, clock: Any
) -> None:
    pieces = bags.bag(exhibit, reading.open_exhibit(exhibit), clock.now)
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        tar.extractall(tmp_path, filter="data")
    bag = tmp_path / exhibit.number

    def validated() -> int:
        return subprocess.run(
            [TOOLS / "bagit.py", "--validate", bag], capture_output=True, timeout=60
        ).returncode

    assert validated() == 0
    content = bag / "data" / "mbox"
    content.chmod(0o600)
    content.write_bytes(DATA[:-1] + b"!")
    assert validated() != 0
