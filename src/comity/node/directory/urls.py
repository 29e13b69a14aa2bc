"""Addresses of the directory's pages."""

from __future__ import annotations

from django.urls import path

from comity.node.directory import notice_views, views

urlpatterns = [
    path("", views.authorities, name="authorities"),
    path("cards/", views.card, name="directory_card"),
    path("conflicts/", views.conflicts, name="directory_conflicts"),
    path("conflicts/<int:listing>/", views.conflict, name="directory_conflict"),
    path("keepers/", views.keepers, name="directory_keepers"),
    path("keepers/<slug:keeper>/", views.keeper, name="directory_keeper"),
    path("keepers/<slug:keeper>/update", views.keeper_update, name="directory_keeper_update"),
    path("keepers/<slug:keeper>/leave", views.keeper_leave, name="directory_keeper_leave"),
    path("notices/", notice_views.listed, name="directory_notices"),
    path("notices/<int:notice>/", notice_views.notice, name="directory_notice"),
    path("notices/<int:notice>/notice.json", notice_views.document, name="directory_notice_document"),
    path("<slug:authority>/", views.authority, name="authority"),
]
