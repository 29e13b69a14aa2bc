"""The words for officials, their roles and organisations, and what the log of accounts keeps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.law import Label

ROLES: dict[str, Label] = {
    "drafter": _("drafter"),
    "reviewer": _("reviewer"),
    "approver": _("approver"),
    "signatory": _("signatory"),
    "delegator": _("by delegation of"),
    "registrar": _("registrar"),
    "executing_officer": _("executing officer"),
    "custodian": _("custodian of evidence"),
    "duty_officer": _("duty officer"),
    "data_protection_officer": _("data-protection officer"),
    "auditor": _("auditor"),
    "filter_reviewer": _("filter reviewer"),
    "administrator": _("administrator"),
}

HAPPENINGS: dict[str, Label] = {
    "letter.received": _("a letter was received"),
    "letter.accepted": _("a letter was accepted by the other side"),
    "letter.failed": _("a letter failed"),
    "clock.reminder": _("a time limit is near its end"),
    "clock.ran_out": _("a time limit ran out"),
    "case.changed": _("a case changed"),
}

WAYS: dict[str, Label] = {
    "mail": _("e-mail"),
    "sms": _("short message"),
}

ORGANISATION_KINDS: dict[str, Label] = {
    "central_authority": _("central authority"),
    "competent_body": _("competent body"),
    "court": _("court"),
    "provider": _("service provider"),
}

ACCOUNT_FIELDS: dict[str, Label] = {
    "url": _("Address"),
    "events": _("Tell of"),
    "username": _("User name"),
    "full_name": _("Full name"),
    "post": _("Post"),
    "roles": _("Roles"),
    "organisation_id": _("Organisation"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "is_active": _("Account open"),
    "kind": _("Kind"),
    "names": _("Names"),
    "rank": _("Rank"),
    "delegated_role": _("Role"),
    "delegated_to": _("Delegated to"),
    "starts_at": pgettext_lazy("day", "From"),
    "ends_at": _("Until"),
}

RANKS: dict[str, Label] = {
    "head": _("head of the body"),
    "deputy": _("deputy head of the body"),
    "other": _("neither head nor deputy"),
}

STEP_UPS: dict[str, Label] = {
    "webauthn": _("a security key or passkey that signed this letter"),
    "totp": _("a code of the authenticator app"),
    "password": _("the password alone"),
}
