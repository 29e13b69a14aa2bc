"""The demonstration: two States' nodes and a provider on this machine, and one story played on them.

All people, authorities and data in it are fictional. Receives nothing; leaves two running nodes; proves each
step of what it tells or ends with an error.
"""
