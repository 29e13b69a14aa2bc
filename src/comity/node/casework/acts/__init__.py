"""One function per legal act. Each authorises, checks duties, changes rows, adds a ledger entry and queues
what leaves, in one transaction; none waits for a network, a key service or a large file.
"""
