"""Work that must happen after a commit: outbox rows with lease, retry and back-off.

Receives a kind and a payload inside a transaction; runs the registered handler at least once;
never loses one.
"""
