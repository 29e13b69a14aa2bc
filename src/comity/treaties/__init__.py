"""Reads law/: instruments, articles, provisions, rules, and who is bound as of a date.

Receives the folder of law data; returns frozen values; never decides a case.
"""

from comity.treaties.acts import Act
from comity.treaties.corpus import Provision, Repair
from comity.treaties.force import InForce
from comity.treaties.homes import Awaited, Home, Question
from comity.treaties.library import Instrument, Library, law_folders, load
from comity.treaties.offences import CatalogueOffence, Option
from comity.treaties.orders import NationalOrder, OrderLaw
from comity.treaties.organisations import Membership, Organisation
from comity.treaties.participation import EntryIntoForce, Leaving, Participation
from comity.treaties.reach import MeasureBasis, Reach
from comity.treaties.rules import EVERY, Article, Rule
from comity.treaties.sources import Source
from comity.treaties.states import Enactment, Implementation
from comity.treaties.status import StateStatus, StatusTable

__all__ = [
    "EVERY",
    "Act",
    "Article",
    "Awaited",
    "CatalogueOffence",
    "Enactment",
    "EntryIntoForce",
    "Home",
    "Implementation",
    "InForce",
    "Instrument",
    "Leaving",
    "Library",
    "MeasureBasis",
    "Membership",
    "NationalOrder",
    "Option",
    "OrderLaw",
    "Organisation",
    "Participation",
    "Provision",
    "Question",
    "Reach",
    "Repair",
    "Rule",
    "Source",
    "StateStatus",
    "StatusTable",
    "law_folders",
    "load",
]
