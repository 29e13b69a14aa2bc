"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from comity.node.desk import passing_views, roster_views, shift_views, training_views, views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("roster/", roster_views.roster, name="roster"),
    path("roster/<int:shift>/withdraw", roster_views.withdraw, name="shift_withdraw"),
    path("take-over", shift_views.take, name="take_over"),
    path("hand-over", shift_views.give, name="hand_over"),
    path("note", shift_views.note, name="shift_note"),
    path("shifts/", shift_views.shifts, name="shifts"),
    path("shifts/<int:shift>/", shift_views.log, name="shift"),
    path("shifts/<int:shift>/log.json", shift_views.export, name="shift_log"),
    path("acknowledge/<uuid:letter>", passing_views.acknowledged, name="acknowledge"),
    path("pass-on/<str:reference>", passing_views.passing, name="pass_on"),
    path("referrals/<int:referral>/take", passing_views.taken, name="referral_take"),
    path("trainings/", training_views.trainings, name="trainings"),
    path("trainings/<int:training>/withdraw", training_views.withdraw, name="training_withdraw"),
]
