"""Addresses of the API. A token stands in for the session, so the sign-in page is not asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required

from comity.node.api.service import api

urlpatterns, _, app_name = api.urls
for pattern in urlpatterns:
    if pattern.callback is not None:
        login_not_required(pattern.callback)
