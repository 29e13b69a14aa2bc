"""The words for emergencies: what is warned of, and whether they were validated."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comity.node.pages.labels.law import Label

VALIDATIONS: dict[str, Label] = {
    "given": _("given before the request"),
    "later": _("follows the request"),
}
"""How an emergency request says it stands with its validation."""

EMERGENCIES: dict[str, Label] = {
    "asked": _("asked"),
    "arrived": _("arrived"),
    "called_back": _("called back"),
    "disclosed": _("data given"),
    "validated": _("validated"),
    "awaited": _("validation awaited"),
    "unsaid": _("validation not spoken of"),
    "lapsed": _("not validated in time"),
    "revoked": _("revoked"),
}
"""How far an emergency has come, and how it stands with its validation."""

WARNINGS: dict[str, Label] = {
    "first_letter": _("first letter of this authority"),
    "first_emergency": _("first emergency of this authority"),
    "changed_lately": _("contacts or keys changed lately"),
    "unusual_hour": _("outside its stated hours"),
    "unusual_volume": _("unusually many emergencies"),
    "nobody_to_call": _("no number to call back"),
    "contact_differs": _("another number than the directory’s"),
    "denied_before": _("denied before"),
    "risk_unsaid": _("the risk is not described"),
    "validation_long": _("long time for the validation"),
}
"""What speaks for a forged emergency, in a few words."""
