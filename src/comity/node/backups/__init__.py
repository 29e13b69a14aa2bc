"""Backups that are made while the node runs, sealed to an offline key, and restored into an empty folder.

Receives a prepared node and a place; writes one encrypted file and copies of the stored objects, which are
encrypted already. Never holds the key that opens a backup, and never overwrites one.
"""
