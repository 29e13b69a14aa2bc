"""Addresses of what authorities tell of themselves, under the directory's."""

from __future__ import annotations

from django.urls import path

from comity.node.exchange import views

urlpatterns = [
    path("", views.told, name="directory_updates"),
    path("own/", views.own, name="directory_own_update"),
    path("<int:update>/", views.update, name="directory_update"),
]
