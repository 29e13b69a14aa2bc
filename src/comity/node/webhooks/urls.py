"""Addresses of the pages about endpoints."""

from __future__ import annotations

from django.urls import path

from comity.node.webhooks import views

urlpatterns = [
    path("", views.endpoints, name="endpoints"),
    path("<uuid:endpoint>/", views.endpoint, name="endpoint"),
    path("<uuid:endpoint>/secret", views.secret, name="endpoint_secret"),
    path("<uuid:endpoint>/switch", views.switch, name="endpoint_switch"),
    path("<uuid:endpoint>/remove", views.remove, name="endpoint_remove"),
]
