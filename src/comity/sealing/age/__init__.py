"""The age file encryption format, version 1, after the C2SP specification (docs/sealing.md, clause 10).

Receives keys in age's own text form and streams; returns streams, or writes to one; never keeps a key, never
writes one anywhere, and reads nothing but the binary form.
"""
