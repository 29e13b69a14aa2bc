"""``python -m comity.demonstration``: two nodes and a provider on this machine, and the story on them."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from comity.demonstration import cast, founding, places, proving
from comity.demonstration.processes import Driver, Process
from comity.demonstration.story import Story
from comity.terms import ComityError

ONCE = "RUN_ONCE"


class Demonstration:
    """The provider, the two nodes and the two drivers."""

    def __init__(self, where: places.Places) -> None:
        self.where = where
        self.drivers = {
            side: Driver(side, where.node(side), where.folder / f"{side}-acts.log") for side in cast.SIDES
        }
        port = str(where.ports["provider"])
        self.provider = self._process(
            "provider", "comity.demonstration.provider", str(where.provider), places.HOST, port
        )
        self.nodes = [
            self._process(side, "comity.cli", "node", "run", str(where.node(side))) for side in cast.SIDES
        ]

    def keep_alive(self) -> None:
        """Start what is not running; note the process groups for whoever wants to kill one."""
        for process in (self.provider, *self.nodes):
            process.keep_alive()
        groups = {process.name: process.running.pid for process in self.nodes if process.running}
        groups |= {f"{side}-acts": each.running.pid for side, each in self.drivers.items() if each.running}
        noted = self.noted.with_suffix(".new")
        noted.write_text(json.dumps(groups), "ascii")
        noted.replace(self.noted)

    @property
    def noted(self) -> Path:
        """Where the process groups of what runs are noted."""
        return self.where.folder / "running.json"

    def wait_until_open(self) -> None:
        """Wait until every server answers, so that the first letter need not be tried twice."""
        waiting = list(self.where.ports.values())
        while waiting:
            self.keep_alive()
            waiting = [port for port in waiting if not places.answers(port)]
            time.sleep(0.1)

    def stop_nodes(self) -> None:
        """Stop both nodes; what is ending is not noted as running."""
        self.noted.unlink(missing_ok=True)
        for process in self.nodes:
            process.ask_to_stop()
        for process in self.nodes:
            process.stop()

    def stop_drivers(self) -> None:
        """Stop those who act on the nodes."""
        for driver in self.drivers.values():
            driver.stop()

    def stop(self) -> None:
        """Stop everything."""
        self.stop_drivers()
        self.stop_nodes()
        self.provider.stop()

    def _process(self, name: str, *module: str) -> Process:
        command = [sys.executable, "-m", "comity.demonstration.held", *module]
        return Process(name, command, self.where.folder / f"{name}.log")


def main() -> int:
    """Play the story; end with it when RUN_ONCE is set, else keep the pages open until stopped."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    where = places.find()
    running = Demonstration(where)
    try:
        if not founding.is_founded(where):
            say("Making two nodes and a provider")
            founding.found(where, running.drivers)
        say(assumption())
        if os.environ.get(ONCE) or not proving.is_proved(where):
            play(running)
            say(f"The story holds ({time.monotonic() - began:.0f} s).")
        if not os.environ.get(ONCE):
            stay_open(running)
    except KeyboardInterrupt:
        return 130
    except ComityError as error:
        print(f"{error} [{error.code}] {error.advice}", file=sys.stderr)
        return 1
    finally:
        running.stop()
    return 0


def play(running: Demonstration) -> None:
    """Play the story, or what is left of it; then stop the nodes, go on by courier, prove what came of it."""
    running.wait_until_open()
    Story(running.where, running.drivers, running.keep_alive, say).play()
    running.stop_nodes()
    say("    Both nodes are stopped; what follows goes without a network.")
    Story(running.where, running.drivers, lambda: None, say).play_without_network()
    running.stop_drivers()
    proving.prove(running.where, say)


def assumption() -> str:
    """The assumption on treaty status that both nodes show."""
    named = "; ".join(
        f"{instrument.upper()} in force since {told['in_force_since']} for"
        f" {' and '.join(state for state in told if len(state) == 2)}"
        for instrument, told in cast.read()["assumptions"].items()
    )
    return f"Assumption of this demonstration: {named}."


def stay_open(running: Demonstration) -> None:
    """Start the nodes, say where they are and who may sign in; wait until stopped."""
    running.wait_until_open()
    say("")
    for side in cast.SIDES:
        say(f"{cast.node(side)['name']}: {running.where.url(side)}")
        for person in founding.accounts(running.where)[side]:
            say(f"    {person['username']:10} {person['password']}   {person['full_name']}, {person['post']}")
    say("")
    where, comity = running.where, Path(sys.executable).with_name("comity")
    say(f"The evidence, without any node: {comity} verify {where.bundle} --trust {where.trust}")
    say(f"The legal basis of the story: {comity} advise {where.facts}")
    say("All people are fictional. Stop with Ctrl-C.")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(1):
        running.keep_alive()


def say(sentence: str) -> None:
    """One line for the person who watches."""
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
