"""The words for documents that are served, hearings, and people who come under safe conduct."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comity.node.pages.labels.law import Label

SERVICE_WAYS: dict[str, Label] = {
    "personal": _("in person"),
    "post": _("by post"),
    "electronic": _("by electronic means"),
    "other": _("in another way"),
}
"""How a document is served."""

HEARING_OUTCOMES: dict[str, Label] = {
    "held": _("held"),
    "broken_off": _("broken off"),
    "not_held": _("not held"),
}

OATHS: dict[str, Label] = {
    "sworn": _("under oath"),
    "affirmed": _("under a solemn affirmation"),
    "warned": _("warned of the duty to tell the truth"),
    "none": _("without"),
}
"""How somebody who was heard was bound to the truth."""

ATTEMPTS: dict[str, Label] = {
    "handed": _("handed to the addressee"),
    "handed_to_other": _("handed to another person"),
    "refused": _("the addressee refused to accept it"),
    "not_found": _("the addressee was not found"),
    "other": _("not served for another reason"),
}
"""What came of an attempt to serve a document."""

APPEARANCE_ROLES: dict[str, Label] = {
    "witness": _("witness"),
    "expert": _("expert"),
    "victim": _("victim"),
    "other": _("another person"),
}
"""As what a person is asked to come."""

APPEARANCE_ANSWERS: dict[str, Label] = {
    "": _("no answer yet"),
    "consents": _("consents to come of their own will"),
    "declines": _("does not wish to come"),
}
"""What a person answered who was asked to come."""

SAFE_CONDUCTS: dict[str, Label] = {
    "expected": _("the person consented and is expected"),
    "absent": _("the person did not come"),
    "needed": _("stands: the person is needed here"),
    "leaving": _("stands: the time to leave runs"),
    "undecided": _("stands: the time ran out, and nobody has said whether the person could leave"),
    "hindered": _("stands: the person could not leave"),
    "left": _("the person left"),
    "ended": _("ended: the person could leave and stayed, or came back"),
}
"""How a safe conduct stands."""
