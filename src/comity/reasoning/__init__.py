"""Facts and treaties in, an opinion out: basis, contents, clocks, grounds, duties, limits.

Receives facts and a ``Library``; returns an ``Opinion`` of cited, three-valued findings, or
the problems of a drafted request. Pure: no clock, no disk, no network. It never refuses,
grants or sends anything, and never gives an unknown fact a default: an official decides.
"""

from comity.reasoning.advising import advise
from comity.reasoning.checking import Problem, check
from comity.reasoning.facts import Facts
from comity.reasoning.knowledge import Answer, Missing
from comity.reasoning.opinion import Basis, Finding, Opinion
from comity.reasoning.reading import read

__all__ = [
    "Answer",
    "Basis",
    "Facts",
    "Finding",
    "Missing",
    "Opinion",
    "Problem",
    "advise",
    "check",
    "read",
]
