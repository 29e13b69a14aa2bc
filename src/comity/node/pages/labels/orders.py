"""The words for orders to providers and domestic orders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.law import Label

ORDERS: dict[str, Label] = {
    "preserve": _("Order to preserve"),
    "disclose_path": _("Order to disclose the path"),
    "produce": _("Order to produce"),
    "search_and_seize": _("Order to search and seize"),
    "collect_traffic": _("Order to collect traffic data in real time"),
    "intercept": _("Order to intercept content"),
    "freeze": _("Order to freeze"),
    "prepared": pgettext_lazy("order", "prepared, not issued"),
    "issued": _("issued"),
    "in_execution": pgettext_lazy("order", "being carried out"),
    "partly_done": pgettext_lazy("order", "carried out in part"),
    "technically_impossible": pgettext_lazy("order", "technically impossible"),
    "conflict_with_law": pgettext_lazy("order", "in conflict with a law"),
    "needs_other_authority": pgettext_lazy("order", "another authority must order it"),
    "executed": pgettext_lazy("order", "to be carried out"),
    "withdrawn": pgettext_lazy("order", "withdrawn"),
    "lifted": pgettext_lazy("order", "lifted"),
    "received": pgettext_lazy("order", "received by the provider"),
    "done": pgettext_lazy("order", "carried out"),
    "not_held": _("nothing held"),
    "failed": pgettext_lazy("order", "failed"),
}

ORDERS_DO: dict[str, Label] = {
    "preserve": _(
        "The holder keeps what it holds under the item and tells nobody. Nothing is disclosed yet."
    ),
    "disclose_path": _(
        "The holder discloses at once enough traffic data to find the providers and the path."
    ),
    "produce": _(
        "The holder hands over what it holds. Each file is taken in as an exhibit, hashed on arrival."
    ),
    "search_and_seize": _("Systems or media in this State are searched, and the data seized or copied."),
    "collect_traffic": _("Traffic data of the communications named are collected while they happen."),
    "intercept": _("The content of the communications named is collected while they happen."),
    "freeze": _("Nobody may transfer, convert or move the property until the order ends."),
}

IDENTIFIERS: dict[str, Label] = {
    "email": _("e-mail address"),
    "account": _("account"),
    "ip": _("IP address"),
    "phone": _("telephone number"),
    "url": _("web address"),
    "person": _("person’s name"),
    "question": _("question"),
}

ORIGINS: dict[str, Label] = {
    "begun": _("Begun"),
    "saved": _("Saved"),
    "restored": _("Taken back to an earlier version"),
    "template": _("Taken from a template"),
    "imported": _("Edited texts taken from a document"),
}
