"""The administration of a node: its organisations, its officials, and a log of who changed what about them.

Receives an administrator and what to change; returns the changed row; never knows a case.
"""
