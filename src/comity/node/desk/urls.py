"""Address of the desk."""

from __future__ import annotations

from django.urls import path

from comity.node.desk import views

urlpatterns = [path("", views.desk, name="desk")]
