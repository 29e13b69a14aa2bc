"""One function per act of the desk. Each authorises, checks, changes rows and adds a ledger entry, in one
transaction; the time is an argument.
"""
