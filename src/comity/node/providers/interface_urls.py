"""Addresses of the interface. A token stands in for the session, so the sign-in page is not asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from comity.node.providers.interface import api, upload

patterns, _, app_name = api.urls
for pattern in patterns:
    if pattern.callback is not None:
        login_not_required(pattern.callback)
urlpatterns = [
    path("files/<uuid:file>/upload", csrf_exempt(login_not_required(upload)), name="upload"),
    *patterns,
]
