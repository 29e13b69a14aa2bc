"""Signing in and out, the password, the second factor. Nobody signs up, and no mail is sent."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from comity.node.accounts import ministry_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("ministry/", ministry_views.begin, name="ministry_begin"),
    path("ministry/back", ministry_views.come_back, name="ministry_back"),
    path("2fa/", include("allauth.mfa.urls")),
]
