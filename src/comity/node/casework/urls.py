"""Addresses of casework."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from comity.node.casework.views import (
    access,
    bundles,
    clocks,
    comments,
    dialogue,
    drafting,
    enclosing,
    executing,
    finding,
    information,
    letters,
    listing,
    opening,
    patterns,
    previews,
    reading,
    saved,
    signing,
    silence,
    texts,
    translating,
    use,
    versions,
)
from comity.node.casework.views import (
    path as following,
)

draft: list[URLPattern] = [
    path("", drafting.draft, name="draft"),
    path("/versions", versions.listing, name="draft_versions"),
    path("/versions/<int:version>", versions.version, name="draft_version"),
    path("/compare", versions.compare, name="draft_compare"),
    path("/comments", comments.comments, name="draft_comments"),
    path("/comments/<int:comment>", comments.resolve, name="draft_comment"),
    path("/templates", patterns.templates, name="draft_templates"),
    path("/preview", previews.preview, name="draft_preview"),
    path("/preview/<slug:language>/<int:page>.png", previews.page, name="draft_page"),
    path("/preview/<slug:language>.pdf", previews.pdf, name="draft_pdf"),
    path("/translation", translating.draft_translation, name="draft_translation"),
    path("/files", enclosing.files, name="draft_files"),
    path("/texts", texts.texts, name="draft_texts"),
    path("/texts/<slug:language>.docx", texts.document, name="draft_document"),
]
cases: list[URLPattern | URLResolver] = [
    path("", listing.cases, name="cases"),
    path("new", opening.new, name="case_new"),
    path("inform", information.send, name="send_information"),
    path("<slug:reference>/tie", information.tie, name="tie_information"),
    path("<slug:reference>/", reading.case, name="case"),
    path("<slug:reference>/opinion", reading.opinion, name="case_opinion"),
    path("<slug:reference>/access", access.access, name="case_access"),
    path("<slug:reference>/access/<int:given>/end", access.withdraw, name="case_access_end"),
    path("<slug:reference>/draft", include(draft)),
    path("<slug:reference>/sign", drafting.sign, name="sign"),
    path("<slug:reference>/shown/<uuid:composition>.json", signing.shown_letter, name="shown_letter"),
    path("<slug:reference>/follow-up", drafting.follow_up, name="follow_up"),
    path("<slug:reference>/path", following.follow, name="follow_path"),
    path("<slug:reference>/register", executing.register, name="register"),
    path("<slug:reference>/order-preservation", executing.order_to_preserve, name="order_preservation"),
    path("<slug:reference>/report-preservation", executing.report, name="report_preservation"),
    path("<slug:reference>/order-production", executing.order_to_produce, name="order_production"),
    path("<slug:reference>/result", executing.result, name="prepare_result"),
    path("<slug:reference>/release", executing.release, name="release_result"),
    path("<slug:reference>/refuse", executing.refuse, name="refuse"),
    *dialogue.addresses,
    path("<slug:reference>/no-answer", silence.no_answer, name="note_no_answer"),
    path("<slug:reference>/use", use.use, name="case_use"),
    path("<slug:reference>/use/record", use.record, name="record_use"),
    path("<slug:reference>/use/disclose", use.disclose, name="record_disclosure"),
    path("<slug:reference>/bundle", bundles.bundle, name="bundle"),
    path("<slug:reference>/bundle/<uuid:bundle>", bundles.bundle_file, name="bundle_file"),
]
letter = [
    path("<uuid:letter>/", letters.letter, name="letter"),
    path("<uuid:letter>/open", letters.open_it, name="letter_open"),
    path("<uuid:letter>/letter.<slug:language>.pdf", letters.pdf, name="letter_pdf"),
    path("<uuid:letter>/letter.json", letters.text, name="letter_json"),
    path("<uuid:letter>/translation", translating.letter_translation, name="letter_translation"),
    path("<uuid:letter>/container", letters.container, name="letter_container"),
]
urlpatterns = [
    path("search/", finding.search, name="search"),
    path("search/views/", saved.views, name="views"),
    path("search/views/<int:view>", saved.view, name="view"),
    path("clocks/", clocks.clocks, name="clocks"),
    path("clocks/reminders/<int:reminder>/seen", clocks.seen, name="reminder_seen"),
    path("requests/", include(cases)),
    path("letters/", include(letter)),
]
