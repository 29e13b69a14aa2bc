"""`python -m comity.cli`."""

from comity.cli import script

script()
