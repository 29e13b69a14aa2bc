"""The node's database on a PostgreSQL server (``COMITY_TEST_DATABASE``), as it was founded, again and again.

The server itself is never harmed: that it keeps what it committed is its own promise. What is played is the
node, whose rows lie there and whose objects lie in its folder.
"""

from __future__ import annotations

import os

SERVER = os.environ.get("COMITY_TEST_DATABASE", "")


class Database:
    """One database of this process, and a copy of how it was founded; without a server nothing."""

    def __init__(self) -> None:
        self.name = f"faults_{os.getpid()}"
        self.founded = f"{self.name}_founded"
        self._ask(f"CREATE DATABASE {self.name}")

    @property
    def address(self) -> str:
        """What node.toml says of it."""
        return f"{SERVER.rpartition('/')[0]}/{self.name}" if SERVER else "sqlite"

    def keep(self) -> None:
        """It is founded: keep a copy."""
        self._ask(f"CREATE DATABASE {self.founded} TEMPLATE {self.name}")

    def put_back(self) -> None:
        """As it was founded."""
        self._ask(f"DROP DATABASE {self.name} WITH (FORCE)")
        self._ask(f"CREATE DATABASE {self.name} TEMPLATE {self.founded}")

    def close(self) -> None:
        """Leave nothing on the server."""
        for name in (self.name, self.founded):
            self._ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _ask(self, command: str) -> None:
        if not SERVER:
            return
        import psycopg

        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(command.encode())
