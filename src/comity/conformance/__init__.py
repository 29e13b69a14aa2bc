"""A black box's examination: whether a node speaks the published formats (docs/spec), seen from outside.

Receives the address and the card of a node and a tester's own keys; returns numbered steps, each with its
clauses and verdict. It knows sockets and the formats' rooms, and nothing of the node in this repository.
"""
