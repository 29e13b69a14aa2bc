"""Addresses of the directory's pages."""

from __future__ import annotations

from django.urls import path

from comity.node.directory import views

urlpatterns = [
    path("", views.authorities, name="authorities"),
    path("<slug:authority>/", views.authority, name="authority"),
]
