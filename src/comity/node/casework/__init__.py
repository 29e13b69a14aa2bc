"""Requests and their life: one function per legal act; decides what letters say.

Receives officials' acts and verified letters; returns changed cases and frozen letters; never sends.
"""
