"""Steps about drills, both ways; skipped where the node takes none, or nobody asks the tester."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from comity import canonical
from comity.conformance.material import Document
from comity.conformance.peer import demand, demand_problem
from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial
from comity.conformance.wire import Answer
from comity.delivery.incoming import CLOCK_SKEW
from comity.proofs import drills
from comity.proofs.notes import Signer, sign_line

GROUP = Group()


@GROUP.step("DRILL-1")
def drill_unsigned(trial: Trial) -> None:
    """A drill that another key signed is refused."""
    stranger = Signer.generate(trial.tester.keys.log.name)
    demand_problem(_post(trial, _note(trial, signer=stranger)), 400, "note_unsigned")


@GROUP.step("DRILL-1")
def drill_malformed(trial: Trial) -> None:
    """A drill that gives too little time, or says more than its form, is refused."""
    soon = canonical.instant_text(datetime.now(UTC) + timedelta(minutes=1))
    demand_problem(_post(trial, _note(trial, answer_by=soon)), 400, "drill_malformed")
    demand_problem(_post(trial, _note(trial, urgent=True)), 400, "drill_malformed")


@GROUP.step("DRILL-2")
def drill_foreign(trial: Trial) -> None:
    """A drill of another authority, or to another, is refused."""
    wrong: list[Document] = [{"from": "zz-stranger"}, {"to": "zz-stranger"}]
    for changes in wrong:
        answer = _post(trial, _note(trial, **changes))
        _demand_taken_here(answer)
        demand_problem(answer, 400, "drill_foreign")


@GROUP.step("DRILL-2", "DRILL-3")
def drill_reached(trial: Trial) -> None:
    """A drill is answered with the node's signed word that it arrived, and again with the same bytes."""
    note, word = _reached(trial)
    said = drills.read(word, trial.verifier, drills.Answer)
    about = (said.drill_sha256, said.authority, said.what)
    demand("its word about this drill", about == (drills.digest(note), trial.node.id, "reached"), str(about))
    apart = abs(datetime.now(UTC) - canonical.read_instant(said.at))
    demand("the present as the time", apart <= CLOCK_SKEW, said.at)
    again = _post(trial, note)
    demand("the bytes of the first word", (again.status, again.body) == (200, word), str(again))


@GROUP.step("DRILL-2")
def drill_conflicts(trial: Trial) -> None:
    """Another drill under a known number is refused."""
    note, _ = _reached(trial)
    drill = drills.read(note, trial.tester.keys.log.verifier, drills.Drill)
    later = canonical.instant_text(canonical.read_instant(drill.answer_by) + timedelta(minutes=1))
    answer = _post(trial, _note(trial, drill=drill.drill, answer_by=later))
    demand_problem(answer, 409, "drill_conflict")


@GROUP.step("DRILL-3")
def drill_too_soon(trial: Trial) -> None:
    """A second drill within a day is refused with the time to come again."""
    _reached(trial)
    answer = _post(trial, _note(trial))
    demand_problem(answer, 429, "drill_too_soon")
    said = answer.headers.get("retry-after", "")
    demand("Retry-After in seconds", said.isdecimal() and int(said) > 0, said)


@GROUP.step("DRILL-4")
def drill_answer_unknown(trial: Trial) -> None:
    """An answer to a drill that was never sent is refused."""
    word = trial.asked.word(str(uuid.uuid4()), b"never sent", "answered")
    demand_problem(_post(trial, word, "/drills/answers"), 404, "drill_unknown")


@GROUP.step("DRILL-6")
def drills_told(trial: Trial) -> None:
    """The desk tells whether it takes drills, and its figures, signed."""
    answer = trial.line.ask("GET", "/drills")
    demand("200", answer.status == 200, str(answer))
    told = drills.read(answer.body, trial.verifier, drills.DeskStanding)
    demand("what it tells the tester", (told.authority, told.target) == (trial.node.id, trial.tester.id), "")
    span = canonical.read_instant(told.at) - canonical.read_instant(told.since)
    demand("90 days", span == drills.COUNTED, str(span))
    for each in (told.own, told.of_you):
        possible = each.answered <= each.reached <= each.drills
        demand("figures that can be", possible, str(each.as_json()))


@GROUP.step("DRILL-1")
def drill_comes(trial: Trial) -> None:
    """The node's own drill comes, signed, to the tester, with time to answer."""
    asked(trial)


@GROUP.step("DRILL-4")
def drill_answer_refused(trial: Trial) -> None:
    """An answer that names another note, or gives a time before the drill, is refused."""
    note, drill = asked(trial)
    early = canonical.instant_text(canonical.read_instant(drill.sent_at) - timedelta(hours=1))
    for word in (
        trial.asked.word(drill.drill, b"another note", "answered"),
        trial.asked.word(drill.drill, note, "answered", early),
        trial.asked.word(drill.drill, note, "reached"),
    ):
        answer = _post(trial, word, "/drills/answers")
        demand_problem(answer, 400, "drill_answer_unacceptable")


@GROUP.step("DRILL-4")
def drill_answer_recorded(trial: Trial) -> None:
    """A person's answer gets the node's signed record of when it came, and again the same bytes."""
    note, drill = asked(trial)
    word = trial.answered = trial.answered or trial.asked.word(drill.drill, note, "answered")
    answer = _post(trial, word, "/drills/answers")
    demand("200", answer.status == 200, str(answer))
    record = drills.read(answer.body, trial.verifier, drills.Record)
    about = (record.drill, record.answer_sha256, record.authority)
    demand("a record of this answer", about == (drill.drill, drills.digest(word), trial.node.id), str(about))
    received = canonical.read_instant(record.received_at)
    took = (received - canonical.read_instant(drill.sent_at)).total_seconds()
    demand(f"about {took:.0f} seconds", abs(record.seconds - took) <= 1, str(record.seconds))
    again = _post(trial, word, "/drills/answers")
    demand("the bytes of the first record", (again.status, again.body) == (200, answer.body), str(again))


@GROUP.step("DRILL-4")
def drill_answer_differs(trial: Trial) -> None:
    """Another answer than the one that was taken is refused."""
    note, drill = asked(trial)
    if not trial.answered:
        trial.answered = trial.asked.word(drill.drill, note, "answered")
        _post(trial, trial.answered, "/drills/answers")
    other = trial.asked.word(drill.drill, note, "answered", drill.sent_at)
    if other == trial.answered:
        other = trial.asked.word(drill.drill, note, "answered", drill.answer_by)
    demand_problem(_post(trial, other, "/drills/answers"), 400, "drill_answer_unacceptable")


def asked(trial: Trial) -> tuple[bytes, drills.Drill]:
    """The node's drill, and what it says."""
    trial.demand_asked()
    note = trial.asked.wait(trial.letters)
    demand("a drill of the node's", note is not None, ", ".join(trial.asked.refused))
    assert note is not None
    return note, drills.read(note, trial.verifier, drills.Drill)


def _reached(trial: Trial) -> tuple[bytes, bytes]:
    """The one drill of this run, and the node's word about it; raise NotOfferedError where it takes none."""
    if not trial.drill:
        trial.drill = _note(trial)
    answer = _post(trial, trial.drill)
    _demand_taken_here(answer)
    demand("200 with its word", answer.status == 200, str(answer))
    return trial.drill, answer.body


def _demand_taken_here(answer: Answer) -> None:
    """A node need not take drills, or not so soon after the last run (DRILL-3)."""
    if answer.problem.get("code") in ("drill_not_accepted", "drill_too_soon"):
        raise NotOfferedError


def _note(trial: Trial, signer: Signer | None = None, **changes: Any) -> bytes:
    now = datetime.now(UTC)
    said = {
        "schema": "comity-drill/1",
        "drill": str(uuid.uuid4()),
        "from": trial.tester.id,
        "to": trial.node.id,
        "sent_at": canonical.instant_text(now),
        "answer_by": canonical.instant_text(now + timedelta(hours=1)),
    }
    return sign_line("comity-drill/1", said | changes, signer or trial.tester.keys.log)


def _post(trial: Trial, note: bytes, path: str = "/drills") -> Answer:
    return trial.line.ask("POST", path, body=note)
