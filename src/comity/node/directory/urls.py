"""Addresses of the directory's pages."""

from __future__ import annotations

from django.urls import path

from comity.node.directory import views

urlpatterns = [
    path("", views.authorities, name="authorities"),
    path("conflicts/", views.conflicts, name="directory_conflicts"),
    path("conflicts/<int:listing>/", views.conflict, name="directory_conflict"),
    path("keepers/", views.keepers, name="directory_keepers"),
    path("keepers/<slug:keeper>/", views.keeper, name="directory_keeper"),
    path("keepers/<slug:keeper>/update", views.keeper_update, name="directory_keeper_update"),
    path("keepers/<slug:keeper>/leave", views.keeper_leave, name="directory_keeper_leave"),
    path("<slug:authority>/", views.authority, name="authority"),
]
