"""Run mypy with a test node's settings at hand (its Django plugin reads them)."""

import sys

from mypy import main

import tests.environment  # noqa: F401  sets COMITY_NODE

main.main(args=sys.argv[1:], clean_exit=True)
