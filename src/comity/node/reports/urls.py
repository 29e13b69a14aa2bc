"""Addresses of the officials' pages about reports."""

from __future__ import annotations

from django.urls import path

from comity.node.reports import views

urlpatterns = [
    path("", views.reports, name="reports"),
    path("<uuid:report>/", views.report, name="report"),
    path("<uuid:report>/read", views.read, name="report_read"),
    path("<uuid:report>/contact", views.contact, name="report_contact"),
    path("<uuid:report>/files/<uuid:file>", views.file, name="report_file"),
    path("<uuid:report>/<slug:act>", views.act, name="report_act"),
]
