"""The node's own folder and its settings file, read before Django starts.

``DIR/node.toml`` is written by ``comity node init``; nothing secret stands in it. Layout of DIR:
``node.toml``, ``keys/`` (the authority's key folder and the storage identity), ``secret`` (Django's key),
``node.sqlite3``, ``store/`` (letters and exhibits, write-once), ``arriving/`` (quarantine), ``unfinished/``
(large letters that were cut off), ``run/``.
"""

from comity.node.config.node import RESTORED, NamedFile, NodeConfig
from comity.node.config.reading import ENVIRONMENT, LISTEN, current, demand_owner, read
from comity.node.config.refusals import (
    DatabaseAddressUnusableError,
    NodeFolderUnusableError,
    NodeOfAnotherUserError,
    NodeRestoredError,
)
from comity.node.config.tables import (
    Emergencies,
    Escalation,
    Exchange,
    MailGateway,
    MinistrySignIn,
    ObjectStore,
    SmsGateway,
)

__all__ = [
    "ENVIRONMENT",
    "LISTEN",
    "RESTORED",
    "DatabaseAddressUnusableError",
    "Emergencies",
    "Escalation",
    "Exchange",
    "MailGateway",
    "MinistrySignIn",
    "NamedFile",
    "NodeConfig",
    "NodeFolderUnusableError",
    "NodeOfAnotherUserError",
    "NodeRestoredError",
    "ObjectStore",
    "SmsGateway",
    "current",
    "demand_owner",
    "read",
]
