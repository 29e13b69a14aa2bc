"""Reads law/: instruments, articles, provisions, rules, and who is bound as of a date.

Receives the folder of law data; returns frozen values; never decides a case.
"""

from comity.treaties.corpus import Provision, Repair
from comity.treaties.library import Instrument, Library, load
from comity.treaties.reach import MeasureBasis, Reach
from comity.treaties.rules import EVERY, Article, Rule
from comity.treaties.status import Act, EntryIntoForce, InForce, Leaving, Source, StateStatus, StatusTable

__all__ = [
    "EVERY",
    "Act",
    "Article",
    "EntryIntoForce",
    "InForce",
    "Instrument",
    "Leaving",
    "Library",
    "MeasureBasis",
    "Provision",
    "Reach",
    "Repair",
    "Rule",
    "Source",
    "StateStatus",
    "StatusTable",
    "load",
]
