"""Addresses of the pages room: start, account, law."""

from __future__ import annotations

from django.urls import path

from comity.node.pages import views
from comity.node.pages.law import finding, reading

urlpatterns = [
    path("", views.start, name="start"),
    path("account/", views.account, name="account"),
    path("account/keys", views.shortcuts, name="shortcuts"),
    path("law/", reading.index, name="law"),
    path("law/search", finding.search, name="law_search"),
    path("law/glossary", finding.terms, name="law_glossary"),
    path("law/topics/", finding.topics, name="law_topics"),
    path("law/topics/<slug:topic>/", finding.topic, name="law_topic"),
    path("law/<slug:instrument>/", reading.instrument, name="law_instrument"),
    path("law/<str:citation>/panel", reading.panel, name="law_panel"),
    path("law/<str:citation>", reading.provision, name="law_provision"),
]
