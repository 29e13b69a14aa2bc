"""The directory that States share: entries of authorities, published by a keeper, signed by each State.

Receives bytes of a published folder, keys and times; returns verified entries or signed metadata;
never knows whom this node trusts already, never reads a clock and never opens a connection.
"""
