"""The programmable face of a node, described at ``/api/openapi.json``.

Receives JSON from a token's owner; returns what that official may see; never signs: signing takes a person.
"""
