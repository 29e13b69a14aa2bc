"""The story: its steps in order, each proved by what the nodes hold, resumable anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from comity.demonstration import users
from comity.demonstration.places import Places
from comity.demonstration.processes import Driver, DriverDiedError
from comity.terms import ComityError, gettext_noop

PATIENCE_SECONDS = 300
_PAUSE_SECONDS = 0.1


class StepFailedError(ComityError):
    """A step of the story did not hold."""

    code = "step_failed"
    message = gettext_noop("Step “{step}” failed: {reason}")
    next_step = gettext_noop("Read the logs in {folder}.")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happens, on which side, and the deed (or the users' call) that does and proves it."""

    title: str
    side: str
    deed: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def steps(places: Places) -> list[Step]:
    """The whole story."""
    first, second = {"generation": 1}, {"generation": 2}
    return [
        Step("Two users of a provider write to each other", "provider", "deceive"),
        Step("Kazakhstan: the facts give a legal basis", "kz", "find_the_basis"),
        Step("Kazakhstan: a field of the request is left out", "kz", "leave_something_out"),
        Step("Kazakhstan: the draft is completed", "kz", "complete_and_submit"),
        Step("Kazakhstan: the preservation request is signed", "kz", "sign", first),
        Step("The letter travels sealed; receipts come back", "kz", "wait_for_delivery", first),
        Step("Turkmenistan: the duty officer registers it", "tm", "register", first),
        Step("Kazakhstan: the registration arrives", "kz", "wait_for_registration", first),
        Step("Turkmenistan: the provider is ordered to preserve", "tm", "order_to_preserve"),
        Step("The account's holder deletes everything", "provider", "delete_traces"),
        Step("Turkmenistan: the preservation is reported", "tm", "report"),
        Step("Kazakhstan: the same clock runs", "kz", "wait_for_preservation"),
        Step("Kazakhstan: the request for access is drafted", "kz", "request_access"),
        Step("Kazakhstan: the request for access is signed", "kz", "sign", second),
        Step("The request for access is delivered", "kz", "wait_for_delivery", second),
        Step("Turkmenistan: it is registered", "tm", "register", second),
        Step("Turkmenistan: the clock becomes “until the decision”", "tm", "wait_for_decision_clock_there"),
        Step("Kazakhstan: the second registration arrives", "kz", "wait_for_registration", second),
        Step("Kazakhstan: the clock becomes “until the decision”", "kz", "wait_for_decision_clock"),
        Step(
            "Turkmenistan: the provider is ordered to produce",
            "tm",
            "order_to_produce",
            {"deleted_subject": users.deleted_subject()},
        ),
        Step("Turkmenistan: the result is released", "tm", "answer"),
        Step("Kazakhstan: the evidence arrives and verifies", "kz", "wait_for_result"),
        Step("Kazakhstan: an official opens the result", "kz", "read_the_result"),
        Step("Turkmenistan: the receipt of opening arrives", "tm", "wait_for_retrieval"),
        Step("Kazakhstan: another use of the evidence needs permission", "kz", "ask_for_other_use"),
        Step("Turkmenistan: that use is permitted", "tm", "permit_other_use"),
        Step("Kazakhstan: the use is recorded under the permission", "kz", "use_as_permitted"),
        Step("Kazakhstan: information goes out that nobody asked for", "kz", "inform_without_request"),
        Step("Kazakhstan: a second mailbox is asked for by telephone", "kz", "ask_by_telephone"),
        Step("Turkmenistan: the call is written down", "tm", "write_down_the_call"),
        Step("Kazakhstan: the call is confirmed in writing", "kz", "confirm_in_writing"),
        Step("Turkmenistan: the information is registered", "tm", "take_the_information"),
        Step("Turkmenistan: the confirmation is tied to the call", "tm", "tie_the_confirmation"),
        Step("Kazakhstan: the second request has its number", "kz", "wait_for_the_number"),
        Step(
            "Kazakhstan: the custodian exports the court bundle",
            "kz",
            "export_for_the_court",
            {"target": str(places.bundle)},
        ),
    ]


def without_network(places: Places) -> list[Step]:
    """What is done while both nodes are stopped: a courier carries a disk there and back."""
    there, home = {"disk": str(places.disk("tm"))}, {"home": str(places.disk("kz"))}
    return [
        Step("Kazakhstan: a question is packed for a courier", "kz", "pack_for_the_courier", there),
        Step("Turkmenistan: the disk is taken in", "tm", "take_from_the_courier", there | home),
        Step("Kazakhstan: the receipts come home by courier", "kz", "take_the_receipts_home", home),
    ]


class Story:
    """Plays the steps; ``keep_alive`` is called while it waits, so that dead processes come back."""

    def __init__(
        self,
        places: Places,
        drivers: Mapping[str, Driver],
        keep_alive: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.places, self.drivers = places, drivers
        self.keep_alive, self.say = keep_alive, say
        self.told: dict[str, dict[str, Any]] = {}

    def play(self) -> None:
        """Carry out every step; raise StepFailedError naming the first that does not hold."""
        self._play(steps(self.places))
        self._compare_sides()
        for side in self.drivers:
            self._carry_out(Step("Both ledgers are complete", side, "close_the_books"))

    def play_without_network(self) -> None:
        """What follows once the nodes are stopped."""
        self._play(without_network(self.places), first=len(steps(self.places)) + 1)

    def _play(self, played: list[Step], *, first: int = 1) -> None:
        for number, step in enumerate(played, start=first):
            self.say(f"{number:2}. {step.title}")
            for sentence in self._carry_out(step):
                self.say(f"      {sentence}")

    def _carry_out(self, step: Step) -> list[str]:
        """Repeat a step's deed until it is done, over deaths of any process."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.keep_alive()
            answer = self._once(step)
            if answer is not None and answer["done"]:
                self.told[step.deed] = answer["told"]
                return list(answer["proved"])
            time.sleep(_PAUSE_SECONDS)
        raise self._failed(step, f"it was not done within {PATIENCE_SECONDS} seconds")

    def _once(self, step: Step) -> dict[str, Any] | None:
        """One try; None when a process died under it."""
        try:
            if step.side == "provider":
                proved = getattr(users, step.deed)(self.places.provider_url)
                return {"done": True, "proved": proved, "told": {}}
            answer = self.drivers[step.side].ask(step.deed, **step.arguments)
        except (DriverDiedError, httpx.TransportError):
            return None
        if "error" in answer:
            raise self._failed(step, f"{answer['error']['message']} [{answer['error']['code']}]")
        return answer

    def _compare_sides(self) -> None:
        """What both sides say of the same thing must be the same."""
        pairs = (("answer", "wait_for_result", "exhibits"), ("report", "wait_for_preservation", "due"))
        for there, here, what in pairs:
            if self.told[there][what] != self.told[here][what]:
                raise StepFailedError(
                    step="Both sides agree", reason=f"they differ on {what}", folder=self.places.folder
                )

    def _failed(self, step: Step, reason: str) -> StepFailedError:
        return StepFailedError(step=step.title, reason=reason, folder=self.places.folder)
