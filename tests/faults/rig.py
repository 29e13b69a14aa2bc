"""A process that has the node loaded and forks a new one for every fault (``python -m tests.faults.rig``).

Each child first recovers from what the fault before left, checks the books, and then does the deed in whose
midst the next fault is to happen. The same seed plays the same faults at the same moments.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults import founding
from tests.faults.controls import CONTROLS, switch_off
from tests.faults.database import Database
from tests.faults.disk import BROKEN, CUT, FULL, KILL, SET, SHUT, SYNC, Disk, Fault, install
from tests.faults.image import IMAGE
from tests.faults.volume import NoVolumeError, Volume
from tests.faults.world import World

ERA = 25
"""Faults on one folder before it begins anew, so that it stays small."""
SEED = int(os.environ.get("COMITY_FAULTS_SEED", "20261122"))
AT_ANY_TIME, LONGEST = 0.2, 0.15
"""Share of the kills that come from outside, whatever the process is doing, and within how many seconds."""
AT_THE_BEGINNING = 0.3
"""Share of the times that a clock is set before a deed begins."""
KINDS = {
    "kills": (KILL,),
    "power": (CUT,),
    "power-disk": (SHUT,),
    "disk": (FULL, BROKEN, SYNC),
    "clock": (SET,),
}
_DEEDS = (
    "send",
    "receive",
    "receive_several",
    "open",
    "receipt",
    "append",
    "cosign",
    "ask",
    "take_in",
    "rotate",
)
_ALL = (*_DEEDS, "backup")
DEEDS = {
    "kills": (*_DEEDS, "recover"),
    "power": _ALL,
    "power-disk": _ALL,
    "disk": _ALL,
    "clock": _DEEDS,
}
EXIT_DISK_BROKEN = 74
DATABASE = "node.sqlite3"
"""SQLite moves pages there from its log, which stays until they are synced: such a sync may be repeated."""
TOLD = {"disk": {"disk_full", "disk_failed", "not_written"}, "clock": {"clock_stepped"}}
"""The codes with which a node says that its disk did not take something, or that its clock was set."""


@dataclass
class Outcome:
    """What a series of faults showed."""

    kind: str
    seed: int
    control: str
    happened: int = 0
    missed: int = 0
    by_deed: Counter[str] = field(default_factory=Counter)
    by_call: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stopped: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why nothing was played on this machine."""
    seconds: float = 0.0
    stopped_early: bool = False

    def summary(self) -> str:
        """One line for people."""
        if self.skipped:
            return f"not played: {self.skipped}"
        found = f"FOUND: {self.faults[0]}" if self.faults else "nothing lost, doubled or torn"
        early = ", stopped early" if self.stopped_early else ""
        return (
            f"{self.happened} faults ({self.kind}, seed {self.seed}) in {self.seconds:.0f} s{early}: {found}"
        )


class Rig:
    """One founded folder, and the series that are played on copies of it."""

    def __init__(self, place: Path) -> None:
        self.founded, self.base = place / "founded" / "base", place / "base"
        # the paths of a node are fixed when its settings are read: found it where it will run
        self.database = Database()
        founding.found(self.base, self.database.address)
        self.database.keep()
        self.founded.parent.mkdir()
        shutil.copytree(self.base, self.founded)
        for name in ("books", "deeds"):  # what every child uses is loaded once
            importlib.import_module(f"tests.faults.{name}")
        self.moments = self._counted()
        self.volume: Volume | None = None

    def play(self, kind: str, count: int, seed: int, control: str = "") -> Outcome:
        """So many faults; it stops at the first that shows in the books."""
        if KINDS[kind] != (SHUT,):
            return self._play(kind, count, seed, control)
        try:
            self.volume = Volume(self.base.with_name("volume"), self.base)
        except NoVolumeError as error:
            return Outcome(kind, seed, control, skipped=str(error))
        try:
            return self._play(kind, count, seed, control)
        finally:
            self.volume.close()
            self.volume = None

    def _play(self, kind: str, count: int, seed: int, control: str) -> Outcome:
        outcome, chance, began = Outcome(kind, seed, control), random.Random(seed), time.monotonic()
        while outcome.happened < count and not outcome.faults:
            try:
                self._play_era(outcome, chance, min(ERA, count - outcome.happened))
            except KeyboardInterrupt:
                outcome.stopped_early = True
                break
            if outcome.happened == 0 and outcome.missed > 4 * ERA:
                outcome.faults.append(
                    "no fault ever happened: this machine's SQLite is not the one that is watched"
                )
            outcome.seconds = round(time.monotonic() - began, 1)
            _progress(f"{outcome.happened} of {count} {kind}, {outcome.seconds:.0f} s")
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome

    def _play_era(self, outcome: Outcome, chance: random.Random, count: int) -> None:
        self._begin_anew()
        world = World()
        for _ in range(count):
            fault, delay = self._drawn(outcome.kind, chance, control=outcome.control)
            status = self._child(world, fault, chance.getrandbits(32), outcome.control, delay=delay)
            if delay is not None and status == -signal.SIGKILL:
                world.met.append({"fault": KILL, "deed": fault.deed, "call": "any"})
            outcome.missed += not world.met
            for each in world.met:
                outcome.happened += 1
                outcome.by_deed[each["deed"]] += 1
                outcome.by_call[each["call"]] += 1
            self._judge(world, status, fault, outcome)
            world.met.clear()
            image = Path(f"{self.base}{IMAGE}")
            if self.volume is not None:
                self.volume.again()
            elif image.exists():
                shutil.rmtree(self.base)
                image.rename(self.base)
            if world.faults:
                break
        if not world.faults:
            self._child(world, None, 0, outcome.control, whole=True)
        outcome.faults += world.faults
        outcome.refused += world.refused
        outcome.facts += Counter({kind: len(names) for kind, names in world.facts.items()})

    def _judge(self, world: World, status: int, fault: Fault, outcome: Outcome) -> None:
        """Whether the process ended as it should after such a fault."""
        what = next((each["fault"] for each in world.met), "")
        good: tuple[int, ...] = dict.fromkeys((KILL, CUT, SHUT), (-signal.SIGKILL,)).get(what, (0,))
        if what == SYNC:  # after the last sync of a deed there is none to fail
            good = (0, EXIT_DISK_BROKEN)
            outcome.stopped += status == EXIT_DISK_BROKEN
        if status not in good and not world.faults:
            world.faults.append(f"the process ended with {status} after {what or 'no fault'} in {fault.deed}")
        for code in world.refused:
            if code not in TOLD.get(outcome.kind, ()):
                world.faults.append(f"a fault ({outcome.kind}) in {fault.deed} was told as {code}")

    def _drawn(self, kind: str, chance: random.Random, control: str) -> tuple[Fault, float | None]:
        aimed = CONTROLS[control].deeds if control else DEEDS[kind]
        deed = chance.choice(aimed)
        what = chance.choice(CONTROLS[control].whats or KINDS[kind] if control else KINDS[kind])
        if what == KILL and not control and chance.random() < AT_ANY_TIME:
            return Fault(deed, "", 0, what), LONGEST * chance.random() ** 3  # quick machines are done early
        if what == SET and chance.random() < AT_THE_BEGINNING:
            return Fault(deed, "begin", 1, what, chance.getrandbits(32)), None
        calls = [each for each in sorted(self.moments) if each.startswith(f"{deed} ")]
        calls = [each for each in calls if each.endswith(" sync") or what != SYNC]
        this = chance.choice(calls)
        moment = chance.randint(1, self.moments[this])
        return Fault(*this.split(" "), moment, what, chance.getrandbits(32)), None

    def _counted(self) -> dict[str, int]:
        """How many moments each deed has of each call, from doing each once with nothing happening."""
        world = World()
        for seed, deed in enumerate(dict.fromkeys(name for names in DEEDS.values() for name in names)):
            status = self._child(world, Fault(deed, "", 0, KILL), seed, "")
            assert status == 0, (status, deed, world.faults)
        assert world.faults == [], world.faults
        return world.moments

    def _begin_anew(self) -> None:
        shutil.rmtree(self.base.with_name("outside"), ignore_errors=True)
        self.database.put_back()
        if self.volume is not None:
            self.volume.renew()
            shutil.copytree(self.founded, self.base, dirs_exist_ok=True)
            self.volume.again()  # all of it is on disk
            return
        for path in (self.base, Path(f"{self.base}{IMAGE}")):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.founded, self.base)

    def _child(
        self,
        world: World,
        fault: Fault | None,
        seed: int,
        control: str,
        *,
        delay: float | None = None,
        whole: bool = False,
    ) -> int:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _live(self.base, world, fault, seed, control, writing, whole=whole)
        os.close(writing)
        try:
            return _read(reading, child, world, delay)
        except KeyboardInterrupt:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        finally:
            os.close(reading)


def _read(pipe: int, child: int, world: World, delay: float | None) -> int:
    """Take in what the child says until it ends; kill it after ``delay`` seconds of its deed."""
    rest, deadline = b"", None
    while True:
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select([pipe], [], [], wait)
        if not ready:
            os.kill(child, signal.SIGKILL)
            deadline = None
            continue
        data = os.read(pipe, 1 << 20)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "begins" in said and delay is not None:
                deadline = time.monotonic() + delay
            world.learn(said)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _live(
    base: Path, world: World, fault: Fault | None, seed: int, control: str, pipe: int, *, whole: bool
) -> None:
    """A child's life. It never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stops the rig stops it between two faults
    status = 1
    try:
        status = _lived(base, world, fault, seed, control, pipe, whole=whole)
    except BaseException:
        import traceback

        traceback.print_exc()
        _say(pipe, {"wrong": traceback.format_exc()[-2000:]})
    finally:
        sys.stderr.flush()
        os._exit(status)


def _say(pipe: int, line: dict[str, Any]) -> None:
    os.write(pipe, json.dumps(line).encode() + b"\n")


def _lived(
    base: Path, world: World, fault: Fault | None, seed: int, control: str, pipe: int, *, whole: bool
) -> int:
    from comity.node import durable
    from comity.terms import ComityError

    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))

    def tell(line: dict[str, Any]) -> None:
        world.learn(line)
        _say(pipe, line)

    disk = Disk(base, fault, tell)
    install(disk)
    from tests.faults import books
    from tests.faults.clock import Since
    from tests.faults.deeds import Deeds

    deeds = Deeds(base, disk, world, tell, seed)
    switch_off(control, disk, deeds)
    deeds.recover()
    for wrong in books.faults(base, world, whole=whole):
        tell({"wrong": wrong})
    if fault is None or world.faults or fault.deed == "recover":
        tell({"moments": dict(disk.moments)})
        return 0
    since = Since(deeds.clock)
    tell({"begins": fault.deed})
    os._exit = partial(_end, disk, os._exit)  # type: ignore[assignment]
    try:
        with durable.disk_told():
            deeds.do(fault.deed)
    except ComityError as error:
        tell({"refused": error.code})
    for code in books.failures():
        tell({"refused": code})
    if any(not path.endswith(f"/{DATABASE}") for path in disk.unsynced):
        tell({"wrong": f"a sync of {disk.unsynced[0]} failed, and the process went on"})
    if deeds.clock.off:
        for wrong in since.wrong():
            tell({"wrong": wrong})
    tell({"moments": dict(disk.moments)})
    return 0


def _end(disk: Disk, leave: Callable[[int], None], status: int) -> None:
    """After a sync that failed, only what was synced before is certain to be there."""
    if disk.image is not None and disk.failing:
        disk.image.after_cut(random.Random(0), strict=True)
    leave(status)


def main() -> int:
    """Play one series and say what happened as JSON; ``serve`` plays what the lines of its input name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=(*KINDS, "serve"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--control", default="", choices=("", *CONTROLS), help="switch one protection off")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=_room()) as place:
        rig = Rig(Path(place))
        with closing(rig.database):
            if asked.kind == "serve":
                for line in sys.stdin:
                    sys.stdout.write(json.dumps(vars(rig.play(**json.loads(line)))) + "\n")
                    sys.stdout.flush()
                return 0
            outcome = rig.play(asked.kind, asked.count, asked.seed, asked.control)
    if not outcome.skipped:
        sys.stdout.write(json.dumps(vars(outcome), indent=1) + "\n")
    sys.stdout.write(outcome.summary() + "\n")
    return 1 if outcome.faults or outcome.stopped_early else 0


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _room() -> str | None:
    """Memory, where there is enough of it: faults are played, so that the real disk need not wait."""
    memory = Path("/dev/shm")
    with suppress(OSError):
        if shutil.disk_usage(memory).free > 1 << 30:
            return str(memory)
    return None


if __name__ == "__main__":
    raise SystemExit(main())
