"""Addresses of the public's page, the language first: it takes no cookie to remember it."""

from __future__ import annotations

from django.urls import path, register_converter

from comity.node.reports.public import views


class LanguageInPath:
    """A language of the pages."""

    regex = "en|kk|ru"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(LanguageInPath, "language")
urlpatterns = [
    path("", views.begin, name="begin"),
    path("<language:language>/", views.about, name="about"),
    path("<language:language>/report", views.report, name="report_public"),
    path("<language:language>/follow", views.follow, name="follow"),
    path("style/<path:name>", views.style, name="style"),
]
handler400 = "comity.node.reports.public.views.bad_request"
handler403 = "comity.node.reports.public.views.bad_request"
handler404 = "comity.node.reports.public.views.not_found"
handler500 = "comity.node.reports.public.views.broken"
