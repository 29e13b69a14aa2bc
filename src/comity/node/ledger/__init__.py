"""This node's append-only log: entries, the one sequencer, checkpoints, proofs.

Receives what was done; returns commitments and proofs; never holds content longer than its owner does.
"""
