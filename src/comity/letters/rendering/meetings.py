"""The readable form of what the two sides arrange: a hearing by video, the presence of officials."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters import bodies
from comity.letters.document import Fields, Section
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section, table
from comity.letters.rendering.translation import beneath, worded


def meeting(body: object, labels: Labels) -> Iterator[Section]:
    """What a letter that arranges something has besides; nothing for a letter about anything else."""
    match body:
        case bodies.Hearing():
            yield from _hearing(body, labels)
        case bodies.PresenceAskedBody():
            rows = [[one.post, one.authority] for one in body.officials]
            yield section(labels, "officials_present", table(labels, "post authority", (5, 6), rows))
        case bodies.PresenceGrantedBody():
            times = [("begins_at", body.begins_at), ("ends_at", body.ends_at)]
            fields = [(labels.word(word), labels.instant(at)) for word, at in times]
            where = Fields([(labels.word("place"), body.place), *fields])
            yield section(labels, "presence", where, *beneath(body, labels, "place"))
            yield section(labels, "standing_present", worded("standing", body.standing, body, labels))


def _hearing(body: bodies.Hearing, labels: Labels) -> Iterator[Section]:
    moments = [("begins_at", body.begins_at), ("ends_at", body.ends_at)]
    if body.test_at:
        moments.append(("test_at", body.test_at))
    rows = [
        [
            labels.word(word),
            labels.local(at, body.zone_requesting),
            labels.local(at, body.zone_requested),
        ]
        for word, at in moments
    ]
    yield section(labels, "hearing", table(labels, "moment time_requesting time_requested", (3, 5, 5), rows))
    particulars = [
        ("place", body.place),
        ("conducted_by", labels("side", body.conducted_by)),
        ("authority_requesting", body.authority_requesting),
        ("authority_requested", body.authority_requested),
        ("interpretation", body.interpretation or labels.word("interpretation_none")),
        ("means", body.means),
        ("record_by", labels("side", body.record_by)),
    ]
    fields = Fields([(labels.word(word), value) for word, value in particulars])
    said = beneath(body, labels, "place", "interpretation", "means")
    yield section(labels, "particulars", fields, *said)
    people = [[labels("participant", one.role), one.post] for one in body.participants]
    yield section(labels, "participants", table(labels, "participant_role post", (4, 7), people))
