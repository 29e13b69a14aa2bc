"""Addresses of evidence."""

from __future__ import annotations

from django.urls import path

from comity.node.exhibits import views

urlpatterns = [
    path("", views.exhibits, name="exhibits"),
    path("<uuid:exhibit>/", views.exhibit, name="exhibit"),
    path("<uuid:exhibit>/original", views.original, name="exhibit_original"),
]
