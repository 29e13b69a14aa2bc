"""Addresses of the administrator's page, among the officials'."""

from __future__ import annotations

from django.urls import path

from comity.node.providers import keeping

urlpatterns = [
    path("", keeping.people, name="provider_people"),
    path("<int:person>/again", keeping.again, name="provider_person_again"),
    path("<int:person>/close", keeping.close, name="provider_person_close"),
]
