"""Make this process serve one node's folder."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.core.management import call_command
from django.db import OperationalError, connections

from comity.node import config
from comity.node.config import NodeConfig
from comity.terms import ComityError, gettext_noop


def prepare(folder: Path) -> NodeConfig:
    """Set Django up for the node in this folder and connect the rooms; once in a process."""
    node = config.read(folder)  # a clear error before Django starts
    os.environ[config.ENVIRONMENT] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    config.current.cache_clear()
    django.setup()
    from comity.node import wiring  # models can be imported only now

    wiring.connect()
    return node


class DatabaseUnreachableError(ComityError):
    """The database that node.toml names does not answer."""

    code = "database_unreachable"
    message = gettext_noop("The node's database does not answer: {reason}")
    next_step = gettext_noop("Check the address in node.toml and that the server runs and admits this node.")


def migrate() -> None:
    """Bring the database to the form that this version of the software uses."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise DatabaseUnreachableError(reason=str(error).splitlines()[0]) from error
    finally:
        connections.close_all()  # no open connection may be shared with a process that is forked later
