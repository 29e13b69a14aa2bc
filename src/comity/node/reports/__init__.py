"""Reports of the public: whoever saw an offence tells the authority, with their name or without it.

Receives what a stranger writes and the files they add, on a listener of its own; returns it to officials who
may read it, and their answers to whoever holds the follow-up code. Never keeps what tells who the stranger is
or where they came from, beyond what they themselves wrote.
"""
