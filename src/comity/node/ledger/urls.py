"""Addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import path

from comity.node.ledger import clock_views, views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("clock/", clock_views.clock, name="ledger_clock"),
    path("<int:index>/", views.entry, name="ledger_entry"),
]
