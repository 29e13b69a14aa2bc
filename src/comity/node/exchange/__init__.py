"""Carries and archives letters and their receipts.

Receives frozen letters and arriving containers; returns stored, verified letters; never reads what they say.
"""
