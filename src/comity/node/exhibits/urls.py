"""Addresses of evidence."""

from __future__ import annotations

from django.urls import path

from comity.node.exhibits import copy_views, export_views, keeping_views, tus, views

urlpatterns = [
    path("", views.exhibits, name="exhibits"),
    path("uploads/<uuid:upload>", tus.upload, name="upload"),
    path("<uuid:exhibit>/", views.exhibit, name="exhibit"),
    path("<uuid:exhibit>/original", views.original, name="exhibit_original"),
    path("<uuid:exhibit>/custody/<slug:language>.pdf", export_views.report, name="exhibit_report"),
    path("<uuid:exhibit>/case.jsonld", export_views.case, name="exhibit_case"),
    path("<uuid:exhibit>/bag", export_views.bag, name="exhibit_bag"),
    path("<uuid:exhibit>/viewing", views.viewing_step, name="exhibit_viewing"),
    path("<uuid:exhibit>/preview", views.preview, name="exhibit_preview"),
    path("<uuid:exhibit>/copies", copy_views.copies, name="exhibit_copies"),
    path("<uuid:exhibit>/keeping", keeping_views.keeping_of, name="exhibit_keeping"),
]
