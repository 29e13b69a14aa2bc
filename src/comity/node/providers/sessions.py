"""Sessions of people of providers: rows of their own, so that no key of one side opens the other."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from comity.node.providers.models import Session


class SessionStore(DatabaseStore):
    """Django's session in the database, in the providers' table, with whose it is."""

    cache_key_prefix = "comity.node.providers.sessions"

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The providers' rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session, with its person once there is one."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.person_id = data.get("person")
        return row
