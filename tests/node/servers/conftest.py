"""Real nodes: made and run by the command line, in processes of their own, on free ports."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90


def comity(*arguments: object, check: bool = True, source: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line, of this source or another release's."""
    command = [sys.executable, "-m", "comity.cli", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(source), check=False)
    assert not check or ran.returncode == 0, ran.stderr
    return ran


def environment(source: Path = ROOT) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return kept | {"PYTHONPATH": f"{source / 'src'}:{source}"}


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def eventually(condition: Callable[[], Any], what: str, within: float = PATIENCE) -> Any:
    """Wait until the condition holds; fail with ``what`` when it does not within so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(what)


class Node:
    """One node's folder, and its processes while it runs."""

    def __init__(self, folder: Path, state: str, source: Path = ROOT) -> None:
        self.folder, self.state, self.id = folder, state, f"{state.lower()}-247"
        self.source = source
        """The top of the source that it runs."""
        self.listen, self.peer_listen = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.running: subprocess.Popen[bytes] | None = None
        self.program: tuple[str, ...] = ("comity.cli",)
        """The module that runs it, and what is said to that one before the command."""

    def make(self) -> subprocess.CompletedProcess[str]:
        """Make the folder with ``comity node init``."""
        return self.comity(
            *(
                "node",
                "init",
                self.folder,
                "--state",
                self.state,
                "--name",
                f"Point of contact of {self.state}",
            ),
            *("--listen", self.listen, "--peer-listen", self.peer_listen),
        )

    def comity(self, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the release that the node runs."""
        return comity(*arguments, check=check, source=self.source)

    def copy(self, folder: Path) -> Node:
        """The same node in another folder, with the same addresses."""
        copied = Node(Path(shutil.copytree(self.folder, folder / self.folder.name)), self.state)
        copied.listen, copied.peer_listen = self.listen, self.peer_listen
        return copied

    def start(self) -> None:
        """Run it in a process group of its own and wait until it says that both servers answer.

        Until then its supervisor calls them too, which a test that counts connections would meet.
        """
        said = "answers: pages"
        with (self.folder / "run" / "log").open("ab") as log:
            before = self.log().count(said)
            command = [sys.executable, "-m", *self.program, "node", "run", str(self.folder)]
            self.running = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment(self.source), start_new_session=True
            )
        eventually(lambda: self.log().count(said) > before, "no answer")

    def kill(self) -> None:
        """SIGKILL to every process of the node at once, as when the machine stops."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.running is not None
        self.running.terminate()
        status = self.running.wait(PATIENCE)
        self.running = None
        return status

    def processes(self) -> list[int]:
        """Every process that serves this folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if str(self.folder).encode() in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
        return found

    def part(self, name: str) -> int:
        """The process that the supervisor started last for a part."""
        started = eventually(lambda: re.findall(rf"{name}: process (\d+)", self.log()), f"{name} to start")
        return int(started[-1])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the database, without the software."""
        with sqlite3.connect(f"file:{self.folder}/node.sqlite3?mode=ro", uri=True, timeout=20) as database:
            return database.execute(query).fetchall()

    def log(self) -> str:
        """What its processes have written."""
        return (self.folder / "run" / "log").read_text()


def answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


def introduce(one: Node, other: Node) -> None:
    """Each gets the other's card, with the fingerprint that "was read to it"."""
    for giver, taker in ((one, other), (other, one)):
        card = taker.folder / "run" / f"{giver.id}.card"
        fingerprint = giver.comity("node", "directory", "card", giver.folder, "-o", card).stdout.strip()
        taker.comity(
            *("node", "directory", "add", taker.folder, card),
            *("--fingerprint", fingerprint, "--confirmed-by", "test"),
        )


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, Node]:
    """Two nodes that know each other, made once; tests run copies of them, one test after the other."""
    folder = tmp_path_factory.mktemp("founded")
    kz, tm = Node(folder / "kz", "KZ"), Node(folder / "tm", "TM")
    kz.make()
    tm.make()
    introduce(kz, tm)
    return kz, tm


@pytest.fixture
def pair(founded: tuple[Node, Node], tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Two nodes that know each other; not running yet."""
    kz, tm = (each.copy(tmp_path) for each in founded)
    yield kz, tm
    kz.kill()
    tm.kill()


@pytest.fixture
def node(founded: tuple[Node, Node], tmp_path: Path) -> Iterator[Node]:
    """One node; not running yet."""
    copied = founded[0].copy(tmp_path)
    yield copied
    copied.kill()


def send(source: Node, target: Node, count: int) -> list[str]:
    """Have a node freeze letters to the other one; their ids."""
    return run("send_letters", source.folder, target.id, count, source=source.source).split()


def run(module: str, *arguments: object, source: Path = ROOT) -> str:
    """Run a module of this folder, with this release or another, in a process; what it printed."""
    command = [sys.executable, "-P", Path(__file__).with_name(f"{module}.py"), *map(str, arguments)]
    ran = subprocess.run(
        command, capture_output=True, text=True, env=environment(source), cwd=source, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
