"""A domestic order as a document that stands by itself: its JSON form, its signature, what is answered to it.

Receives bytes, certificates and words; returns orders and answers, checked; knows no case, no database, no
clock, and never says whether something may be ordered.
"""
