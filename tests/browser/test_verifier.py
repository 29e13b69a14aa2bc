"""The verifier of one file, opened from a disk in a browser that has no network."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import bundles, packages
from tests.browser.conftest import violations
from tests.hostile.make_packages import CLASSES
from tests.hostile.parts import part

from comity.sealing import trust, verifier
from comity.sealing.container import PackageFile

FIRST = ("encryption", "container", "manifest", "files", "signature")
Judge = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture(scope="module")
def judge(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Give the page a package and anchors; what it says of each step."""
    folder = tmp_path_factory.mktemp("verifier")
    (folder / "verifier.html").write_bytes(verifier.page())
    trust.export([*packages.anchors()], folder / "trust")
    context = chromium.new_context(offline=True, locale="en-GB")
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
    ],
    ids=["files", "disclosable", "disclosed", "court bundle", "nothing"],
)
def test_content_and_seal_of_a_good_package_hold(judge, package):
    found = judge(package())
    assert found[""] == ("sealed", "")
    assert [found[name] for name in (*FIRST, "certificate")] == [("passed", "")] * 6
    assert found["time"] == found["revocation"] == ("indeterminate", "not_checked_here")


def test_without_anchors_the_content_is_intact_and_no_more(judge):
    found = judge(packages.sealed(), anchors=False)
    assert found["certificate"] == ("indeterminate", "trust_unknown")
    assert found[""] == ("intact", "")


def test_a_stranger_under_this_name_is_not_believed(judge):
    stranger = packages.authority("zz-247")
    assert judge(packages.sealed(signer=stranger))["certificate"] == ("indeterminate", "signer_unknown")
    object.__setattr__(stranger, "description", packages.authority().description)
    assert judge(packages.sealed(signer=stranger))[""] == ("failed", "")


def test_what_the_verifier_refuses_by_form_or_seal_the_page_never_calls_intact(judge):
    """Every class of hostile package that fails before its time-stamp is judged."""
    wrong = []
    for hostile in CLASSES:
        data = hostile.make()
        step = next(step for step in packages.judged(data).steps if step.verdict == "failed")
        if step.id in FIRST and judge(data)[""][0] not in {"failed", "undecided"}:
            wrong.append((hostile.name, hostile.code))
    assert wrong == []


def test_a_changed_byte_is_found(judge):
    sound = packages.sealed(disclosable=True)
    # The time-stamp and the answer about revocation are of another step: the page does not judge them.
    text = sound.decode("latin-1")
    spans = [
        (text.rindex(f"<xades:{name}>"), text.rindex(f"</xades:{name}>"))
        for name in ("EncapsulatedTimeStamp", "EncapsulatedOCSPValue")
    ]
    chance = random.Random(7)
    places = [at for at in chance.sample(range(len(sound)), 60) if not any(a < at < b for a, b in spans)]
    missed = []
    for at in places:
        changed = bytearray(sound)
        changed[at] ^= 1 << chance.randrange(8)
        if judge(bytes(changed))[""][0] in {"sealed", "intact"}:
            missed.append(at)
    assert missed == []


def test_an_encrypted_package_is_undecided(judge):
    assert judge(b"age-encryption.org/v1\n-> X25519 x\n")["encryption"] == (
        "indeterminate",
        "identity_needed",
    )


def test_a_large_package_is_hashed_in_pieces(judge, tmp_path):
    size = 48 << 20
    large = PackageFile(
        "disk.img", "application/octet-stream", lambda: io.BytesIO(bytes(range(256)) * (size >> 8))
    )
    path = tmp_path / "large.asice"
    path.write_bytes(packages.sealed([large]))
    assert judge(path)[""] == ("sealed", "")


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
