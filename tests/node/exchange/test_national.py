"""What a national token signed arrives with a letter: it verifies, and this node judges it by its anchors."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from tests.national import NationalAuthority
from tests.node.exchange.conftest import Peer, letter

from comity import canonical
from comity.letters.rendering import Names, render_letter
from comity.letters.schema import read_value
from comity.node import config
from comity.node.directory import known
from comity.node.exchange import incoming, national
from comity.node.exchange.models import Letter, Stage
from comity.sealing.national import NATIONAL
from comity.sealing.signed_pdf import SIGNED_PDF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]
FORM = "letter.en.pdf"


@pytest.fixture
def authority() -> Iterator[NationalAuthority]:
    """An issuer that this node believes."""
    made = NationalAuthority()
    folder = config.current().folder / national.FOLDER
    folder.mkdir()
    (folder / "issuer.pem").write_bytes(made.pem)
    yield made
    shutil.rmtree(folder)


def arrived(peer: Peer, clock: Any, run_jobs: Any, signed: bytes | None, pdf: bytes, document: Any) -> Letter:
    """The peer's letter after it was opened here, with what its signatory's token signed."""
    beside = [(NATIONAL, "application/pkcs7-signature", signed)] if signed else []
    if pdf:
        beside.append((SIGNED_PDF, "application/pdf", pdf))
    container = peer.seal(document, clock.now, readable={FORM: form(document)}, beside=beside)
    envelope = peer.envelope(document, container)
    incoming.accept(io.BytesIO(container), envelope, known.find("xb-247"), clock.now)
    run_jobs()
    return Letter.objects.get(id=document["id"])


def form(document: dict[str, Any]) -> bytes:
    return render_letter(read_value(document), "en", Names())


def test_both_signatures_are_judged_by_the_anchors_and_the_name_of_this_node(
    peer: Peer, clock: Any, run_jobs: Any, wire: Any, acted: list[str], authority: NationalAuthority
) -> None:
    document = letter("xb-247", "xa-247", clock.now)
    signed = authority.sign(canonical.write(document), name="OFFICER A.")
    pdf = NationalAuthority().sign_pdf(form(document), name="ДРУГОЕ ИМЯ")
    row = arrived(peer, clock, run_jobs, signed, pdf, document)
    assert (row.stage, row.refusal_code, acted) == (Stage.DELIVERED, "", [document["id"]])
    assert [step["id"] for step in row.report["steps"]][-2:] == ["national", "signed_pdf"]
    found = row.national_report
    assert (found["verdict"], found["name_agrees"]) == ("passed", True)
    found = row.signed_pdf_report
    assert (found["verdict"], found["code"]) == ("indeterminate", "national_untrusted")
    assert (found["name"], found["name_agrees"], found["form"]) == ("ДРУГОЕ ИМЯ", False, FORM)


def test_a_signature_that_is_drawn_over_the_letter_refuses_it(
    peer: Peer, clock: Any, run_jobs: Any, wire: Any, acted: list[str], authority: NationalAuthority
) -> None:
    document = letter("xb-247", "xa-247", clock.now)
    drawn = authority.sign_pdf(form(document), box=(0, 0, 600, 800))
    row = arrived(peer, clock, run_jobs, None, drawn, document)
    assert (row.stage, row.refusal_code, acted) == (Stage.REFUSED, "signed_pdf_visible", [])
