"""The Merkle tree, checkpoints, receipts and custody records, and the proofs that rest on them.

Receives bytes and keys; returns signed notes and proofs; never stores anything.
"""
