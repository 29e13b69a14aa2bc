"""Every address of the providers' listener; the officials' do not exist there."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from comity.node.providers import entering, sending, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.orders, name="orders"),
    path("sign-in/", entering.sign_in, name="sign_in"),
    path("sign-in/code", entering.code, name="code"),
    path("sign-out", entering.sign_out, name="sign_out"),
    path("invitation/", entering.invitation, name="invitation"),
    path("invitation/<str:secret>", entering.invitation_link, name="invitation_link"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("account/", entering.own, name="own"),
    path("account/tokens/<int:token>/revoke", entering.revoke, name="token_revoke"),
    path("orders/<uuid:order>/", views.order, name="order"),
    path("orders/<uuid:order>/download/<str:name>", views.part, name="order_part"),
    path("orders/<uuid:order>/acknowledge", views.acknowledge, name="order_acknowledge"),
    path("orders/<uuid:order>/ask", views.ask, name="order_ask"),
    path("orders/<uuid:order>/answer", views.answer, name="order_answer"),
    path("orders/<uuid:order>/files", views.hand_over, name="order_hand_over"),
    path("orders/<uuid:order>/uploads", sending.begin, name="order_upload"),
    path("orders/<uuid:order>/statement", views.state_authentic, name="order_statement"),
    path("orders/<uuid:order>/readers", views.readers, name="order_readers"),
    path("files/<uuid:file>/back", views.take_back, name="file_back"),
    path("files/<uuid:file>/upload", sending.upload, name="file_upload"),
    path("api/", include("comity.node.providers.interface_urls")),
]
handler400 = "comity.node.pages.errors.bad_request"
handler403 = "comity.node.providers.errors.form_too_old"
handler404 = "comity.node.providers.errors.not_found"
handler500 = "comity.node.pages.errors.server_error"
