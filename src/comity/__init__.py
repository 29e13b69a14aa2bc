"""Comity: how States ask each other for help against crime, and answer.

The flow, and so the order of the packages: facts, opinion, request, sealed letter,
exchange, execution, evidence, report.
"""

__version__ = "0.1.0"
