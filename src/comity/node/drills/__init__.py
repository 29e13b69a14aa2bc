"""Drills: does a desk answer, and how fast; with whose consent, and what it came to in the last 90 days.

Receives signed notes of peers and the acts of officials; returns signed notes and figures; calls nobody by
itself, and asks or answers nobody who did not consent.
"""
