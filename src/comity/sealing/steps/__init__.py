"""The numbered steps of a verification (docs/sealing.md, clause 11); each block of code repeats its number.

Each step receives the case and returns one sentence for people; it raises a ComityError when it fails and an
UndecidedError when the verifier lacks something; it never runs after an earlier step failed.
"""
