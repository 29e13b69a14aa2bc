"""Every page, and as whom it is seen."""

from __future__ import annotations

from typing import Any

ASKING = (
    "give-supplement",
    "ask-status",
    "accept-conditions",
    "decline-conditions",
    "withdraw-request",
    "consult",
    "reply-to-consultation",
)
ANSWERING = (
    "postpone-execution",
    "offer-conditions",
    "tell-confidentiality-impossible",
    "announce-costs",
)
TELLING = (
    "ask-supplement",
    "tell-status",
    "resume-execution",
    "stop-execution",
    "tell-obstacle",
    "forward-request",
)


def pages(node: dict[str, Any]) -> list[tuple[str, str]]:
    """User name (empty: not signed in) and address of each page of a node with believable cases."""
    asked, was_asked = (f"/requests/{node[name].reference}" for name in ("asked", "was_asked"))
    return [
        ("", "/account/login/"),
        ("dana", "/desk/"),
        ("dana", "/requests/"),
        ("dana", "/requests/?status=refused"),
        ("dana", "/clocks/"),
        ("dana", "/clocks/?list=event"),
        ("dana", "/clocks/?list=ended&kind=execution"),
        ("dana", "/search/"),
        ("dana", "/search/?q=login&side=requesting"),
        ("dana", "/search/?q=қырмызыгүл"),
        ("dana", "/requests/new"),
        ("dana", f"{asked}/"),
        ("dana", f"{asked}/opinion"),
        ("dana", f"{asked}/access"),
        ("dana", f"{asked}/bundle"),
        ("asel", f"{asked}/follow-up"),
        ("dana", f"{was_asked}/"),
        ("dana", f"{was_asked}/register"),
        ("dana", f"{was_asked}/order-preservation"),
        ("dana", f"{was_asked}/report-preservation"),
        ("asel", f"{was_asked}/result"),
        ("marat", f"/requests/{node['to_release'].reference}/release"),
        ("marat", f"{was_asked}/refuse"),
        *(("marat", f"{asked}/{act}") for act in ASKING),
        *(("marat", f"{was_asked}/{act}") for act in ANSWERING),
        *(("dana", f"{was_asked}/{act}") for act in TELLING),
        ("asel", f"/requests/{node['draft'].reference}/draft"),
        ("asel", f"/requests/{node['draft'].reference}/draft?screen=items"),
        ("asel", f"/requests/{node['draft'].reference}/draft?screen=whole"),
        ("asel", f"/requests/{node['draft'].reference}/draft?screen=all"),
        ("asel", f"/requests/{node['draft'].reference}/draft/versions"),
        ("asel", f"/requests/{node['draft'].reference}/draft/versions/2"),
        ("asel", f"/requests/{node['draft'].reference}/draft/compare?earlier=1&later=2"),
        ("asel", f"/requests/{node['draft'].reference}/draft/comments"),
        ("asel", f"/requests/{node['draft'].reference}/draft/templates"),
        ("asel", f"/requests/{node['draft'].reference}/draft/preview?language=ru"),
        ("asel", f"/requests/{node['draft'].reference}/draft/texts"),
        ("marat", f"/requests/{node['review'].reference}/sign"),
        ("dana", f"/letters/{node['request'].id}/"),
        ("dana", f"/letters/{node['offer'].id}/"),
        ("dana", f"/letters/{node['arrived'].id}/"),
        ("dana", "/exhibits/"),
        ("dana", f"/exhibits/{node['exhibit'].id}/"),
        ("dana", "/directory/"),
        ("dana", "/directory/xb-247/"),
        ("dana", "/ledger/"),
        ("dana", "/ledger/0/"),
        ("dana", "/law/"),
        ("dana", "/law/uncc/"),
        ("dana", "/law/uncc:art_42"),
        ("dana", "/law/uncc:art_40__para_21"),
        ("dana", "/law/search"),
        ("dana", "/law/search?q=өтініш"),
        ("dana", "/law/search?q=40-бап"),
        ("dana", "/law/search?q=қырмызыгүл"),
        ("dana", "/law/topics/"),
        ("dana", "/law/topics/dual_criminality/"),
        ("dana", "/account/"),
        ("dana", "/account/2fa/"),
        ("dana", "/account/password/change/"),
        ("dana", "/nothing/here/"),
    ]
