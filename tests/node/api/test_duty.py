"""A shift over the API: taken over, noted in, handed over and closed, with the proof of its log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from comity.node.api import tokens
from comity.node.desk import shift_log
from comity.node.ledger import sequencer


def speak(person: Any) -> Any:
    """Ask with the person's token: ``speak(person)("POST /shifts", {…})`` gives the status and the value."""
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=person.roles)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(operation: str, body: Any = None) -> tuple[int, Any]:
        method, _, path = operation.partition(" ")
        content = "" if body is None else json.dumps(body)
        answer = client.generic(method, f"/api{path}", content, content_type="application/json")
        return answer.status_code, answer.json()

    return ask


def test_a_shift_is_planned_taken_over_handed_over_and_its_log_proved(keys: Any, official: Any) -> None:
    registrar, one, two = official("registrar"), official("duty_officer"), official("duty_officer")
    first, second, now = speak(one), speak(two), timezone.now()
    times = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=8)).isoformat()}
    planned = {"official": one.username, "backup": two.username, "contact": "+7", **times}
    assert speak(registrar)("POST /shifts", planned | {"spare": 1})[0] == 400, "nothing unknown is taken"
    assert speak(registrar)("POST /shifts", planned)[0] == 201
    assert first("GET /duty")[1]["told"] == [one.username, two.username]
    assert first("POST /shifts/notes", {"text": "-"}) == (
        400,
        {
            "code": "not_on_duty",
            "message": "You do not have the desk now.",
            "next_step": "Take the desk over first.",
        },
    )
    status, shift = first("POST /shifts/take-over", {})
    assert (status, shift["running"]) == (200, True)
    assert first("POST /shifts/notes", {"text": "Quiet."})[0] == 201
    assert second("POST /shifts/take-over", {})[1]["code"] == "still_on_duty"
    assert first("POST /shifts/hand-over", {"text": "All quiet.", "to": two.username})[0] == 201
    assert second("POST /shifts/take-over", {})[0] == 200
    sequencer.sequence(timezone.now())
    log = second(f"GET /shifts/{shift['id']}/log")[1]
    assert [line["kind"] for line in log["log"]] == ["note", "handed_over"]
    assert log["verdict"] == "whole"
    assert log["entry"]["content"]["log_sha256"] == shift_log.digest(log["log"])


def test_trainings_are_kept_by_whoever_plans(keys: Any, official: Any) -> None:
    registrar, officer = official("registrar"), official("duty_officer")
    training = {
        "official": officer.username,
        "subject": "First response",
        "given_by": "Academy",
        "completed_on": "2026-01-01",
        "languages": ["kk", "en"],
    }
    assert speak(officer)("POST /trainings", training)[0] == 403
    status, made = speak(registrar)("POST /trainings", training)
    assert (status, made["languages"], made["counts"]) == (201, ["en", "kk"], True)
    [told] = speak(officer)("GET /trainings")[1]
    assert told["trained"]
    assert speak(registrar)(f"POST /trainings/{made['id']}/withdraw")[0] == 200
    assert not speak(officer)("GET /trainings")[1][0]["trained"]
