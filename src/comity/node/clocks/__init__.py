"""Every running clock of the law.

Receives a start and a duration; returns what is due; never decides what follows when one runs out.
"""
