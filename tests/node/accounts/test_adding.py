"""``comity node person add``: what it asks for is said before it is asked."""

from __future__ import annotations

import re

import pytest

from comity.cli import main
from comity.node.accounts.models import Role


def test_the_help_names_every_role_and_no_other(capsys):
    with pytest.raises(SystemExit):
        main(["node", "person", "add", "--help"])
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    listed = said.rpartition("ROLE [ROLE ...] ")[2].partition(" (with none that sees cases)")[0]
    assert set(listed.split(", ")) == {role.value for role in Role}
