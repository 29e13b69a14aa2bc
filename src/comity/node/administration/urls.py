"""Addresses of the administration."""

from __future__ import annotations

from django.urls import path

from comity.node.administration import delegating, views

urlpatterns = [
    path("officials/", views.officials, name="officials"),
    path("officials/new", views.new_official, name="official_new"),
    path("officials/<int:official>/", views.official, name="official"),
    path("officials/<int:official>/close", views.close, name="official_close"),
    path("officials/<int:official>/reopen", views.reopen, name="official_reopen"),
    path("officials/<int:official>/password", views.password, name="official_password"),
    path("officials/<int:official>/second-factor", views.second_factor, name="official_second_factor"),
    path("officials/<int:official>/delegation", delegating.of_official, name="official_delegation"),
    path("delegation/", delegating.own, name="own_delegation"),
    path("delegation/<int:delegation>/end", delegating.end, name="delegation_end"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/<slug:organisation>/", views.organisation, name="organisation"),
    path("log/", views.log, name="administration_log"),
]
