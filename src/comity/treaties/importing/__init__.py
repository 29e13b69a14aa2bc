"""Reads acts of States out of tables that others publish, and writes them as law data.

Receives the text of a file; returns acts and, by line, what it could not read. It refuses rather than
guesses, writes only where it is told to, and never over what is there.
"""

from comity.treaties.importing.names import NameBook
from comity.treaties.importing.plain import read_plain
from comity.treaties.importing.reading import Reading, Unread
from comity.treaties.importing.untc import read_untc
from comity.treaties.importing.writing import Sheet, added, written

__all__ = ["NameBook", "Reading", "Sheet", "Unread", "added", "read_plain", "read_untc", "written"]
