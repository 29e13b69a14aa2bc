"""Reads law/: instruments, articles, provisions, rules, and who is bound as of a date.

Receives the folder of law data; returns frozen values; never decides a case.
"""
