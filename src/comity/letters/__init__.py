"""The closed vocabulary of what States say to each other: schemas, validation, canonical bytes, rendering.

Receives values; returns canonical JSON and PDF/A; never sends anything.
"""
