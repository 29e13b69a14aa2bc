"""Which page answers which address. People's addresses only: peers have a server of their own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("comity.node.accounts.urls")),
    path("language/", set_language, name="set_language"),
]
