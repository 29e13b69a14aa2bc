"""Commands of the command line one after the other at one node's machine: Python loads the software once.

``Console`` is the test's side; ``python -m tests.node.servers.console FOLDER`` the other.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from tests.node.servers.conftest import ROOT, Node, environment


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Console:
    """A node's machine, at which commands are given."""

    def __init__(self, node: Node) -> None:
        command = [sys.executable, "-m", "tests.node.servers.console", str(node.folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
        )

    def comity(self, *arguments: object, check: bool = True) -> Ran:
        """Give a command of ``comity``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(each) for each in arguments]) + "\n")
        self.process.stdin.flush()
        ran = Ran(**json.loads(self.process.stdout.readline()))
        assert not check or ran.returncode == 0, ran.stderr
        return ran

    def send(self, target: Node, count: int) -> list[str]:
        """Freeze letters to another node; their ids."""
        return self.comity("send", target.id, count).stdout.split()

    def close(self) -> None:
        self.process.communicate()


def main(folder: Path) -> None:
    """Serve commands from standard input until it closes."""
    from comity.node import start

    node = start.prepare(folder)
    start.prepare = lambda folder: node  # type: ignore[assignment]  # it is for once in a process
    for line in sys.stdin:
        out, wrong = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(wrong):
            status = _run(folder, json.loads(line))
        said = {"returncode": status, "stdout": out.getvalue(), "stderr": wrong.getvalue()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _run(folder: Path, arguments: list[str]) -> int:
    from tests.node.servers import send_letters

    from comity import cli

    if arguments[0] == "send":
        send_letters.main(str(folder), *arguments[1:])
        return cli.OK
    return cli.main(arguments)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
