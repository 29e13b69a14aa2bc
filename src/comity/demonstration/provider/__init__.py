"""The demonstration's provider of mailboxes: a small real service that people use and authorities order.

Receives sign-ups, sign-ins, mail and signed orders over HTTP; returns mail and what an order covers;
never answers an order that no known authority signed. Fictional, like everybody who uses it.
"""
