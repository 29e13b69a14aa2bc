"""Addresses of the pages room: start, account, law."""

from __future__ import annotations

from django.urls import path

from comity.node.pages import law, views

urlpatterns = [
    path("", views.start, name="start"),
    path("account/", views.account, name="account"),
    path("account/keys", views.shortcuts, name="shortcuts"),
    path("law/", law.index, name="law"),
    path("law/<slug:instrument>/", law.instrument, name="law_instrument"),
    path("law/<str:citation>/panel", law.panel, name="law_panel"),
    path("law/<str:citation>", law.provision, name="law_provision"),
]
