"""Which page answers which address. People's addresses only: peers have a server of their own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("comity.node.accounts.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("comity.node.pages.urls")),
    path("alerts/", include("comity.node.alerts.urls")),
    path("desk/", include("comity.node.desk.urls")),
    path("", include("comity.node.casework.urls")),
    path("exhibits/", include("comity.node.exhibits.urls")),
    path("api/", include("comity.node.api.urls")),
    path("providers/", include("comity.node.providers.keeping_urls")),
    path("administration/", include("comity.node.administration.urls")),
    path("webhooks/", include("comity.node.webhooks.urls")),
    path("drills/", include("comity.node.drills.urls")),
    path("directory/updates/", include("comity.node.exchange.urls")),
    path("reports/", include("comity.node.reports.urls")),
    path("directory/", include("comity.node.directory.urls")),
    path("ledger/witnesses/", include("comity.node.witnesses.urls")),
    path("ledger/", include("comity.node.ledger.urls")),
]
handler400 = "comity.node.pages.errors.bad_request"
handler403 = "comity.node.pages.errors.forbidden"
handler404 = "comity.node.pages.errors.not_found"
handler500 = "comity.node.pages.errors.server_error"
