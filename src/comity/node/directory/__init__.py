"""States, authorities, points of contact, their keys and addresses.

Receives entries that an official has checked; returns whom to trust and where to send;
never learns a key from a letter.
"""
