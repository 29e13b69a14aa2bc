from __future__ import annotations

import time

import pytest
from tests import packages
from tests.hostile import classes, faults, signing, zips
from tests.hostile.classes import Hostile
from tests.hostile.make_packages import CLASSES


def test_the_sound_package_that_all_start_from_passes():
    assert packages.judged(classes.sound()).verdict == "passed"
    assert packages.judged(zips.rebuilt(zips.entries(classes.sound()))).verdict == "passed"


@pytest.mark.parametrize("hostile", CLASSES, ids=[each.name for each in CLASSES])
def test_a_hostile_package_is_refused_with_its_own_code_and_soon(hostile: Hostile):
    package = hostile.make()
    began = time.process_time()
    report = packages.judged(package)
    assert time.process_time() - began < 2
    failed = [step for step in report.steps if step.verdict == "failed"]
    assert [step.code for step in failed] == [hostile.code]
    assert report.verdict == "failed"
    assert failed[0].text


@pytest.mark.parametrize("method", [signing.INCLUSIVE, signing.EXCLUSIVE])
@pytest.mark.parametrize("digest", [signing.SHA256, signing.SHA512])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("descriptor", [False, True])
def test_a_good_container_of_another_maker_passes(method, digest, compressed, descriptor):
    files = {"құжат 1.txt": b"evidence " * 500, "b.bin": bytes(range(256)) * 300}
    listed = "".join(
        f'<m:file-entry m:full-path="{name}" m:media-type="text/plain"/>' for name in ["/", *files]
    )
    manifest = (
        f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{listed}</m:manifest>'
    )
    raws = [
        zips.Raw("mimetype", zips.MIMETYPE),
        zips.Raw("META-INF/manifest.xml", manifest.encode()),
        *(
            zips.Raw(name, data, method=8 if compressed else 0, descriptor=descriptor)
            for name, data in files.items()
        ),
        zips.Raw("META-INF/signatures0.xml", signing.foreign(files, method=method, digest=digest)),
    ]
    report = packages.judged(zips.zipped(raws, after=b"made elsewhere", end={"comment": 14}))
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert report.as_dict()["form"] == "other"
    assert [file.name for file in report.files] == list(files)


def test_a_foreign_container_without_an_answer_about_revocation_is_undecided():
    files = {"a.txt": b"evidence"}
    signature = signing.foreign(files, method=signing.EXCLUSIVE)
    without = signing.changed(signature, lambda root: classes.removed(root, "RevocationValues"))
    package = zips.rebuilt({"mimetype": zips.MIMETYPE, **files, classes.SIGNATURE: without})
    report = packages.judged(package)
    assert (report.verdict, report.codes) == ("indeterminate", ["revocation_unknown"])


def test_the_bundle_that_the_hostile_ones_start_from_passes():
    assert packages.judged(faults.bundle()).verdict == "passed"
