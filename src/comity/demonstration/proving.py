"""The end of the story: both nodes stopped, no network, and everything still proves itself."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from comity.demonstration import cast
from comity.demonstration.places import Places
from comity.demonstration.story import StepFailedError
from comity.sealing import trust, verification
from comity.terms import Verdict

_FLIPS = 12
"""How many single bytes are changed, spread over the whole bundle, the first and the last included."""


def prove(places: Places, say: Callable[[str], None]) -> None:
    """Verify bundle and ledgers as a court would; raise StepFailedError for whatever does not hold."""
    shutil.rmtree(places.trust, ignore_errors=True)
    both = (trust.load(places.node(side) / "keys") for side in cast.SIDES)
    trust.export([authority for each in both for authority in each], places.trust)
    say(
        "    Nobody acts on either node any more; what follows runs without a network"
        + ("." if _no_network() else "*.")
    )
    status, report = verify(places.bundle, places.trust)
    _demand(places, status == 0 and report["verdict"] == "passed", "the court bundle verifies", report)
    say(f"      court bundle: {len(report['steps'])} steps passed, {len(report['files'])} files")
    _find_flips(places, say)
    for side in cast.SIDES:
        done = _comity("ledger", "verify", str(places.node(side)))
        _demand(places, done.returncode == 0, f"the ledger of {side} verifies", done.stderr)
        say(f"      ledger of {cast.node(side)['id']}: verified")
    _mark(places).touch()


def is_proved(places: Places) -> bool:
    """Whether the story was played and proved in an earlier run."""
    return _mark(places).exists()


def _mark(places: Places) -> Path:
    return places.folder / "proved"


def verify(package: Path, anchors: Path) -> tuple[int, dict[str, Any]]:
    """Run ``comity verify`` in a process of its own; its exit status and report."""
    done = _comity("verify", str(package), "--trust", str(anchors), "--json")
    return done.returncode, json.loads(done.stdout) if done.stdout else {
        "verdict": None,
        "error": done.stderr,
    }


def _find_flips(places: Places, say: Callable[[str], None]) -> None:
    """Change single bytes of a copy, one at a time; each must fail the verification in a named step."""
    anchors, now = trust.load(places.trust), datetime.now(UTC)
    bundle = bytearray(places.bundle.read_bytes())
    for n in range(_FLIPS):
        position = (len(bundle) - 1) * n // (_FLIPS - 1)
        bundle[position] ^= 1
        report = verification.verify(io.BytesIO(bundle), trust=anchors, identities=None, as_of=now)
        bundle[position] ^= 1
        failed = [step for step in report.steps if step.verdict is Verdict.FAILED]
        _demand(places, bool(failed), f"the changed byte {position} is found", report.as_dict())
        step = failed[0]
        say(f"      byte {position} changed: found in step {step.n} {step.id} [{step.code}]")
    intact = verification.verify(io.BytesIO(bundle), trust=anchors, identities=None, as_of=now)
    _demand(places, intact.verdict is Verdict.PASSED, "the bundle changed back verifies", intact.as_dict())


def _comity(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*_no_network(), sys.executable, "-m", "comity.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@lru_cache(maxsize=1)
def _no_network() -> tuple[str, ...]:
    """The command that takes the network away from a process, where the system allows it."""
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True).returncode == 0
        ):
            return command
    return ()


def _demand(places: Places, holds: bool, claim: str, shown: object) -> None:
    if not holds:
        raise StepFailedError(step=claim, reason=str(shown)[:2000], folder=places.folder)
