"""The exchange between nodes as a state machine: no clock, no socket.

Receives events and the time; returns what to do next; never does it.
"""
