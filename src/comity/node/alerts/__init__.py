"""Alerts: somebody is told at once of what must not wait, and others after them when nobody reacts.

Receives what happened in cases and on the node; returns rows for the pages, and messages that say that
something waits and where to sign in; never sends what a case says, whom it concerns or which case it is.
"""
