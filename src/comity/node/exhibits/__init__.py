"""Evidence: intake, storage, custody, release. Only this room writes custody; the ledger proves it.

Receives bytes; returns exhibits with their chain; never changes an original.
"""
