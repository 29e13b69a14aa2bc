"""The Merkle tree, checkpoints, receipts and custody records, and the proofs that rest on them.

Receives bytes, keys and parsed records; returns signed notes, proofs and findings; never stores anything.
"""
