"""The words for authorities in the directory, how they are reached, and drills with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.law import Label

AUTHORITY_ROLES: dict[str, Label] = {
    "central_authority": _("central authority"),
    "extradition_authority": _("authority for extradition"),
    "point_of_contact_24_7": _("24/7 point of contact"),
    "competent_body": _("competent body"),
    "executing_authority": _("executing authority"),
    "prevention_authority": _("prevention authority"),
    "asset_recovery_office": _("asset recovery office"),
    "financial_intelligence_unit": _("financial intelligence unit"),
    "depositary": _("depositary"),
    "secretariat": _("secretariat"),
    "provider": _("service provider"),
}

CALL_BACK_MEANS: dict[str, Label] = {
    "telephone": _("telephone"),
    "video_call": _("video call"),
    "in_person": pgettext_lazy("call back", "in person"),
    "other_network": _("another network or authority"),
}

CALL_BACK_RESULTS: dict[str, Label] = {
    "confirmed": _("It is from them"),
    "denied": _("It is not from them"),
    "not_reached": _("Nobody was reached"),
}

CONTACT_PURPOSES: dict[str, Label] = {
    "office": _("office"),
    "duty": _("on duty"),
    "confirmation": _("confirms a call back"),
}

DIRECTORY_PROBLEMS: dict[str, Label] = {
    "directory_expired": _("it has expired"),
    "directory_rolled_back": _("what is published is older than, or does not fit, what was verified before"),
    "directory_unsigned": _("too few keys signed it"),
    "directory_unreadable": _("it cannot be read"),
    "directory_unreachable": _("it could not be reached, or a file is missing"),
    "directory_too_large": _("a file is too large"),
    "entry_unreadable": _("an entry cannot be used"),
}

DIRECTORY_PARTS: dict[str, Label] = {
    "peer_url": _("address of the node"),
    "log_key": _("key of the ledger"),
    "recipient": _("transport key"),
    "state": _("State"),
    "roles": _("roles"),
    "contacts": _("people to reach"),
    "designations": _("designations"),
    "ca_certificate": _("certificate of its authority of certification, SHA-256"),
    "seal_certificate": _("certificate of the seal, SHA-256"),
    "tsa_certificate": _("certificate of the time-stamps, SHA-256"),
    "ocsp_certificate": _("certificate of revocation answers, SHA-256"),
    "tls_certificate": _("certificate of the connection, SHA-256"),
    "hours": _("hours"),
    "time_zone": _("time zone"),
    "languages": _("languages it accepts"),
    "contact": _("contact"),
}

DRILLS: dict[str, Label] = {
    "waiting": _("waits for their node"),
    "reached": _("the node has it, no person has answered yet"),
    "answered": pgettext_lazy("drill", "answered"),
    "unreached": _("the node was not reached"),
    "silent": _("nobody answered in time"),
    "declined": _("not taken by the other desk"),
}
"""How a drill stands."""

DRILL_NOTES: dict[str, Label] = {
    "note": _("The drill, signed by the asking desk"),
    "reached": _("It arrived, signed by the asked desk’s node"),
    "answer": _("A person answered, signed by the asked desk"),
    "record": _("When the answer came, signed by the asking desk"),
}

DRILL_CODES: dict[str, Label] = {
    "drill_not_accepted": _("that desk takes no drills of ours"),
    "drill_too_soon": _("that desk takes no more drills of ours for now"),
    "not_served": _("that node knows no drills yet"),
}
"""Why a drill was not taken."""
