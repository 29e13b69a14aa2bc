"""Addresses of the pages about alerts."""

from __future__ import annotations

from django.urls import path

from comity.node.alerts import own_views, views

urlpatterns = [
    path("", views.alerts, name="alerts"),
    path("now", views.current, name="alerts_now"),
    path("acknowledge", views.acknowledge_all, name="alerts_acknowledge"),
    path("<int:alert>/", views.alert, name="alert"),
    path("<int:alert>/acknowledge", views.acknowledge, name="alert_acknowledge"),
    path("reached/", own_views.reached, name="reached"),
    path("reached/hearing", own_views.hearing, name="reached_hearing"),
    path("reached/<slug:way>", own_views.enter, name="reached_enter"),
    path("reached/<slug:way>/code", own_views.code, name="reached_code"),
    path("reached/<slug:way>/confirm", own_views.confirm, name="reached_confirm"),
    path("reached/<slug:way>/test", own_views.test, name="reached_test"),
    path("reached/<slug:way>/remove", own_views.remove, name="reached_remove"),
    path("gateways/", views.gateways, name="gateways"),
]
