"""Containers, signatures, time-stamps, encryption, strict reading, verification.

Receives files and keys; returns one sealed file, or a numbered verdict on one;
never trusts what a package brings (docs/sealing.md, clause 1).
"""
