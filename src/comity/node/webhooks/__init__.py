"""Webhooks: a program of this State's is told that something happened, by reference and kind alone.

Receives what happened in a case; sends signed notices to registered endpoints; never sends what a case says.
"""
