"""The verifier of one file, opened from a disk in a browser that has no network."""

from __future__ import annotations

import io
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import bundles, packages
from tests.browser.conftest import violations
from tests.hostile import remains
from tests.hostile.make_packages import CLASSES
from tests.hostile.packs import sound_pack
from tests.hostile.parts import part

from comity.sealing import trust, verifier
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile

FIRST = ("encryption", "container", "manifest", "files", "signature")
EIGHT = (*FIRST, "time", "certificate", "revocation")
UNREAD_HERE = {"other_maker", "algorithm_not_here", "packed_not_here"}
"""What the page leaves to the verifier, and says so."""
LETTER = f"letters/{bundles.LETTER_ID}.asice"
Judge = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture(scope="module")
def judge(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Give the page a package and anchors; what it says of each step."""
    folder = tmp_path_factory.mktemp("verifier")
    (folder / "verifier.html").write_bytes(verifier.page())
    trust.export([*packages.anchors()], folder / "trust")
    context = chromium.new_context(offline=True, locale="en-GB")
    context.clock.set_fixed_time(packages.NOW)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    numbers = iter(range(10_000))

    def judged(data: bytes | Path, anchors: bool = True) -> dict[str, tuple[str, str]]:
        path = data if isinstance(data, Path) else folder / f"{next(numbers)}.asice"
        if isinstance(data, bytes):
            path.write_bytes(data)
        page.goto((folder / "verifier.html").as_uri())
        if anchors:
            page.set_input_files("#anchors", folder / "trust")
        page.set_input_files("#package", path)
        page.wait_for_selector("#verdict:not([data-result=''])[data-result]", timeout=120_000)
        assert all(each.startswith("file:") for each in asked), asked
        rows = page.eval_on_selector_all(
            "#steps tr", "all => all.map(each => [each.dataset.id, each.dataset.verdict, each.dataset.code])"
        )
        result = page.eval_on_selector("#verdict", "each => each.dataset.result")
        return {name: (verdict, code) for name, verdict, code in rows} | {"": (result, "")}

    judged.page = page  # type: ignore[attr-defined]
    judged.at = context.clock.set_fixed_time  # type: ignore[attr-defined]
    yield judged
    context.close()


def test_the_page_is_the_one_that_its_parts_give():
    folder = Path(verifier.__file__).parent
    for name in verifier.SCRIPTS:
        assert (folder / name).read_text("utf-8").removeprefix('"use strict";\n') in verifier.page().decode()
    assert b"http-equiv" in verifier.page()
    assert b"src=" not in verifier.page()


@pytest.mark.parametrize(
    "package",
    [
        packages.sealed,
        lambda: packages.sealed(disclosable=True),
        part,
        lambda: bundles.Parts().sealed(),
        lambda: packages.sealed([]),
        remains.renewed,
    ],
    ids=["files", "disclosable", "disclosed", "court bundle", "nothing", "remains"],
)
def test_content_and_seal_of_a_good_package_hold(judge, package):
    found = judge(package())
    assert found[""] == ("sealed", "")
    assert [found[name] for name in EIGHT] == [("passed", "")] * 8
    further = [found[name] for name in found if name not in {*EIGHT, ""}]
    assert further == [("indeterminate", "not_checked_here")] * len(further)


@pytest.mark.parametrize(
    "make",
    [
        packages.sealed,
        lambda: bundles.Parts().sealed(),
        lambda: bundles.Parts().files()[LETTER],
        remains.renewed,
    ],
)
def test_the_steps_are_numbered_as_the_verifier_numbers_them(judge, make):
    data = make()
    report = packages.judged(data)
    assert list(judge(data))[:-1] == [step.id for step in report.steps]


def test_a_manifest_of_a_later_form_is_left_undecided(judge):
    later = remains.with_form(packages.sealed(), b"comity-manifest/1", b"comity-manifest/3")
    assert packages.judged(later).codes[0] == "newer_version"
    assert judge(later)["manifest"] == ("indeterminate", "newer_version")


def test_without_anchors_the_content_is_intact_and_no_more(judge):
    found = judge(packages.sealed(), anchors=False)
    assert {found[name] for name in EIGHT[5:]} == {("indeterminate", "trust_unknown")}
    assert found[""] == ("intact", "")


def test_a_stranger_under_this_name_is_not_believed(judge):
    stranger = packages.authority("zz-247")
    found = judge(packages.sealed(signer=stranger))
    assert {found[name] for name in EIGHT[5:]} == {("indeterminate", "signer_unknown")}
    object.__setattr__(stranger, "description", packages.authority().description)
    assert judge(packages.sealed(signer=stranger))[""] == ("failed", "")


def test_what_the_verifier_refuses_the_page_refuses_or_leaves_to_it(judge):
    """Every class that fails at one of the eight steps; from the sixth on with its code."""
    wrong = []
    for hostile in CLASSES:
        data = hostile.make()
        step = next(step for step in packages.judged(data).steps if step.verdict == "failed")
        if step.id not in EIGHT:
            continue
        found = judge(data)
        left = any(code in UNREAD_HERE for _, code in found.values())
        if step.id in FIRST and found[""][0] not in {"failed", "undecided"}:
            wrong.append((hostile.name, step.id, step.code, found))
        if step.id not in FIRST and not left and found[step.id] != ("failed", step.code):
            wrong.append((hostile.name, step.id, step.code, found[step.id]))
    assert wrong == []


@pytest.mark.parametrize(
    ("service", "stands_in", "step", "code"),
    [
        ("time_service", lambda: packages.authority().seal, "time", "certificate_purpose"),
        ("time_service", lambda: packages.authority("zz-247").time_service, "time", "certificate_untrusted"),
        (
            "revocation_service",
            lambda: packages.authority().time_service,
            "revocation",
            "certificate_purpose",
        ),
        (
            "revocation_service",
            lambda: packages.authority("zz-247").revocation_service,
            "revocation",
            "certificate_untrusted",
        ),
    ],
)
def test_a_service_is_the_one_that_the_anchors_issued_for_it(judge, service, stands_in, step, code):
    data = packages.sealed(signer=replace(packages.authority(), **{service: stands_in()}))
    told = {each.id: each.code for each in packages.judged(data).steps}
    assert (judge(data)[step], told[step]) == (("failed", code), code)


def test_a_stamp_of_the_future_and_one_that_ended_are_told(judge):
    data = packages.sealed()
    try:
        judge.at(packages.NOW - timedelta(minutes=6))
        assert judge(data)["time"] == ("failed", "timestamp_in_future")
        judge.at(packages.NOW.replace(year=2036))  # the list of algorithms ends
        assert judge(data)["time"] == ("indeterminate", "timestamp_outlived")
        assert (
            packages.judged(data, as_of=packages.NOW.replace(year=2036)).steps[5].code == "timestamp_outlived"
        )
    finally:
        judge.at(packages.NOW)


def test_a_changed_byte_is_found(judge):
    sound = packages.sealed(disclosable=True)
    text = sound.decode("latin-1")
    chance = random.Random(7)
    places = chance.sample(range(len(sound)), 24)
    for name in ("EncapsulatedTimeStamp", "EncapsulatedOCSPValue"):  # what stands under no digest of the seal
        places += chance.sample(range(text.rindex(f"<xades:{name}>"), text.rindex(f"</xades:{name}>")), 12)
    missed = []
    for at in places:
        changed = bytearray(sound)
        changed[at] ^= 1 << chance.randrange(8)
        if judge(bytes(changed))[""][0] not in {"failed", "undecided"}:
            missed.append(at)
    assert missed == []


def test_an_encrypted_package_is_undecided(judge):
    assert judge(b"age-encryption.org/v1\n-> X25519 x\n")["encryption"] == (
        "indeterminate",
        "identity_needed",
    )


def test_a_pack_of_many_files_is_undecided(judge):
    assert judge(sound_pack())["manifest"] == ("indeterminate", "packed_not_here")


def test_a_large_package_is_hashed_in_pieces(judge, tmp_path):
    size = 48 << 20
    large = PackageFile(
        "disk.img", "application/octet-stream", lambda: io.BytesIO(bytes(range(256)) * (size >> 8))
    )
    path = tmp_path / "large.asice"
    path.write_bytes(packages.sealed([large]))
    assert judge(path)[""] == ("sealed", "")


@pytest.mark.long
def test_a_package_of_one_gibibyte_is_verified_in_little_memory(judge, tmp_path, capsys):
    """The figure of docs/performance.md: ``pytest -m long -s -k gibibyte tests/browser/test_verifier.py``."""
    size = 1 << 30
    path = tmp_path / "large.asice"
    with path.open("wb") as out, PlainFlow(out) as flow:
        large = PackageFile("disk.img", "application/octet-stream", lambda: Zeros(size), bytes=size)
        write_container(
            flow, [large], kind=Kind.FILES, about={}, signer=packages.authority(), now=packages.NOW
        )
    began, peak, ended = time.monotonic(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.2):
            peak = max(peak, renderer_memory())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        assert judge(path)[""] == ("sealed", "")
    finally:
        ended.set()
        watching.join()
    with capsys.disabled():
        sys.stdout.write(f"1 GiB: {time.monotonic() - began:.1f} s, largest renderer {peak >> 20} MiB\n")
    assert 0 < peak < 512 << 20


class Zeros(io.RawIOBase):
    """A stream of so many zero bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left)
        buffer[:count] = bytes(count)
        self._left -= count
        return count


def renderer_memory() -> int:
    """Resident bytes of the largest renderer process of this test's browser (Linux)."""
    found = [0]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                found.append(int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        except OSError:
            continue
    return max(found)


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_every_language_has_every_text_and_no_barrier(judge, language):
    judge(packages.sealed())
    page = judge.page
    page.click(f"[data-language={language}]")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("JSON.stringify(Object.keys(TEXTS['en']).sort())") == page.evaluate(
        f"JSON.stringify(Object.keys(TEXTS['{language}']).sort())"
    )
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
