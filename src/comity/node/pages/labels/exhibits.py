"""The words for exhibits: their custody, how they were acquired, copied and disposed of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.law import Label

CUSTODY: dict[str, Label] = {
    "received": _("Received"),
    "hashed": _("Hash computed"),
    "sealed": _("Sealed"),
    "copied": _("Working copy made"),
    "copy_destroyed": _("Working copy destroyed"),
    "opened": _("Opened"),
    "exported": _("Exported"),
    "sent": _("Sent to the other State"),
    "received_abroad": _("Received from the other State"),
    "used": _("Used"),
    "returned": _("Returned"),
    "destroyed": _("Destroyed"),
}

DAMAGES: dict[str, Label] = {
    "object_changed": _("a stored part has changed"),
    "object_missing": _("a stored part is missing"),
}

DISPOSALS: dict[str, Label] = {
    "destroy": _("Destroy"),
    "return": _("Return and keep nothing here"),
    "proposed": _("waits for a second official"),
    "done": pgettext_lazy("disposal", "carried out"),
    "declined": pgettext_lazy("disposal", "declined"),
}

ACQUISITION: dict[str, Label] = {
    "acquired_by": _("Who acquired it"),
    "device": _("From what"),
    "acquired_at": _("When"),
    "place": _("Where"),
    "method": _("How"),
    "tool": _("Tool"),
    "tool_version": _("Version of the tool"),
    "write_blocker": _("Write-blocker"),
    "photo": _("Photo"),
}

COPIES: dict[str, Label] = {
    "asked": _("being made"),
    "ready": _("ready"),
    "failed": pgettext_lazy("copy", "could not be made"),
    "destroyed": pgettext_lazy("copy", "destroyed"),
}

UPLOADS: dict[str, Label] = {
    "receiving": pgettext_lazy("upload", "not finished"),
    "finishing": _("being hashed"),
    "done": pgettext_lazy("upload", "taken in"),
    "failed": pgettext_lazy("upload", "refused"),
}
