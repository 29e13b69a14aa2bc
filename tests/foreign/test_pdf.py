"""Readable forms before independent tools: veraPDF for the standards, poppler for the text."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests import samples

from comity.letters.rendering import Names, render_letter
from comity.letters.report import render_report
from comity.letters.schema import read_value

pytestmark = pytest.mark.foreign


def verapdf() -> list[str]:
    """The command, or the jar that COMITY_VERAPDF_JAR names."""
    if command := shutil.which("verapdf"):
        return [command]
    jar = os.environ.get("COMITY_VERAPDF_JAR")
    if not jar or not shutil.which("java"):
        pytest.skip("veraPDF is not here: install it, or set COMITY_VERAPDF_JAR to its greenfield-apps jar")
    return ["java", "-cp", jar, "org.verapdf.apps.GreenfieldCliWrapper"]


def test_verapdf_finds_every_form_conforming_and_a_damaged_one_not(tmp_path: Path) -> None:
    command = verapdf()
    files = []
    for language in ("en", "kk", "ru"):
        for kind, make in samples.EVERY_KIND.items():
            files.append(tmp_path / f"{kind}.{language}.pdf")
            files[-1].write_bytes(render_letter(read_value(make()), language, Names()))
        files.append(tmp_path / f"report.{language}.pdf")
        files[-1].write_bytes(render_report(samples.report(), language))
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(files[0].read_bytes().replace(b"/MarkInfo", b"/MarkInfX"))
    for flavour in ("2a", "ua1"):
        run = [*command, "-f", flavour, "--format", "text", *map(str, [*files, damaged])]
        answer = subprocess.run(run, capture_output=True, text=True, timeout=240, check=False)
        verdicts = [line.split()[0] for line in answer.stdout.splitlines() if line.strip()]
        assert verdicts == ["PASS"] * len(files) + ["FAIL"], answer.stdout + answer.stderr


def test_kazakh_text_and_hashes_can_be_copied_from_the_page(tmp_path: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    value = samples.result()
    value["body"]["authenticity"] = "Дәлелдеме түпнұсқамен салыстырылды: ұқсас, өзгеріссіз. #panic() \u202e"
    pdf = tmp_path / "letter.pdf"
    pdf.write_bytes(render_letter(read_value(value), "kk", Names()))
    text = subprocess.run(
        ["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "Дәлелдеме түпнұсқамен салыстырылды: ұқсас, өзгеріссіз. #panic() [U+202E]" in text
    assert samples.LOG_SHA256 in "".join(text.split())
