"""Reports of the public over the API, as an official's program works on them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from comity.node.api import tokens
from comity.node.reports import receiving
from comity.node.reports.models import Report

JSON = "application/json"


def speak(person: Any) -> Client:
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=person.roles)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def made(contact: str = "") -> Report:
    said = {"kind": "unknown", "what": "An account was taken"}
    more: dict[str, Any] = {"about_us": False, "files": [], "clean": True, "language": "en"}
    return receiving.receive(said, contact, **more, now=timezone.now())[0]


def test_a_report_is_listed_read_asked_about_and_marked(keys: Any, official: Any) -> None:
    report, client = made("tel. 7001"), speak(official("registrar"))
    listed = client.get("/api/reports")
    assert [one["number"] for one in listed.json()] == [report.number]
    assert "account was taken" not in listed.content.decode()
    where = f"/api/reports/{report.pk}"
    read = client.post(f"{where}/read").json()
    assert read["said"]["what"] == "An account was taken"
    assert "7001" not in str(read)
    assert client.post(f"{where}/questions", {"text": "Which?"}, content_type=JSON).status_code == 200
    assert client.post(f"{where}/contact", {"reason": "-"}, content_type=JSON).status_code == 400
    signatory = speak(official("signatory"))
    reader = {"official": Report.objects.get().lines.last().by.username, "reason": "calls"}
    assert signatory.post(f"{where}/readers", reader, content_type=JSON).status_code == 204
    opened = client.post(f"{where}/contact", {"reason": "to call"}, content_type=JSON).json()
    assert opened == {"contact": "tel. 7001"}
    marked = client.post(f"{where}/mark", {"mark": "spam", "reason": "-"}, content_type=JSON).json()
    assert (marked["state"], marked["waits_for_us"]) == ("spam", False)
    wrong = {"mark": "withdrawn", "reason": "-"}
    assert client.post(f"{where}/mark", wrong, content_type=JSON).status_code == 400
    assert client.get("/api/reports?after=R-0-0").status_code == 404
