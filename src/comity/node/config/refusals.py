"""Why a folder cannot be served as a node: errors, raised before Django starts."""

from __future__ import annotations

from comity.terms import ComityError, gettext_noop


class NodeFolderUnusableError(ComityError):
    """The folder is no node, or its settings cannot be read."""

    code = "node_folder_unusable"
    message = gettext_noop("{folder} is not a usable node folder: {reason}")
    next_step = gettext_noop("Make one with: comity node init DIR --state XX --name NAME")


class DatabaseAddressUnusableError(ComityError):
    """The address of the database is none, or shows a secret; never quoted, for the password is in it."""

    code = "database_address_unusable"
    message = gettext_noop("The address of the database in node.toml cannot be used: {reason}.")
    next_step = gettext_noop("Correct it; how it is written stands in docs/operating.md, “PostgreSQL”.")


class NodeOfAnotherUserError(ComityError):
    """The folder is another user's: what this one wrote there, the node could not read."""

    code = "node_of_another_user"
    message = gettext_noop("{folder} belongs to the user {owner}; this command runs as {user}.")
    next_step = gettext_noop("Run it as that user: sudo -u {owner} comity …")


class NodeRestoredError(ComityError):
    """The node was made from a backup; others may have seen a later ledger."""

    code = "node_restored"
    message = gettext_noop("The node was restored from a backup and signs nothing yet.")
    next_step = gettext_noop("Compare with what others saw of its ledger: comity node resume DIR")
