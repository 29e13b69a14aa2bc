"""Whose heads this node has seen and cosigned, who cosigned its own, and proofs of fork.

Receives signed heads from peers; returns cosignatures, or a proof against the keeper; calls nobody by itself.
"""
