"""One State's node: the Django project, one app a room, lowest first.

Receives people's clicks and peers' letters; returns pages, letters and receipts; never decides a case,
and never tells a peer that it has what is not on disk.
"""
