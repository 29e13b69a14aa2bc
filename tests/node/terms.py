"""What orders of the tests rest on."""

from __future__ import annotations

from comity.node.orders.issuing import Terms

TERMS = Terms(
    legal_basis="a provision",
    necessity="The data would be lost.",
    proportionality="One account, no content.",
    secret=False,
)
