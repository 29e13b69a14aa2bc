"""Addresses of the page of witnesses."""

from __future__ import annotations

from django.urls import path

from comity.node.witnesses import views

urlpatterns = [
    path("", views.witnesses, name="witnesses"),
    path("forks/<int:proof>.json", views.fork, name="fork"),
    path("checkpoints/<slug:authority>.note", views.checkpoint, name="peer_checkpoint"),
]
