"""Addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import path

from comity.node.ledger import views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("<int:index>/", views.entry, name="ledger_entry"),
]
