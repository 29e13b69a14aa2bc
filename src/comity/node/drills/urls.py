"""Addresses of the pages of drills."""

from __future__ import annotations

from django.urls import path

from comity.node.drills import views

urlpatterns = [
    path("", views.listed, name="drills"),
    path("desks/<slug:authority>/", views.arrangement, name="drill_arrangement"),
    path("desks/<slug:authority>/ask", views.ask, name="drill_ask"),
    path("desks/<slug:authority>/told.note", views.told, name="drill_told"),
    path("<uuid:drill>/", views.drill, name="drill"),
    path("<uuid:drill>/answer", views.answer, name="drill_answer"),
    path("<uuid:drill>/<slug:part>.note", views.note, name="drill_note"),
]
