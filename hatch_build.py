"""What the build adds to a wheel: the interface's catalogues, compiled (git keeps their sources alone)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):
    """Compiles them before the files of the wheel are chosen; needs Babel and no network."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each ``.mo`` and name it as built, for hatchling leaves out what git ignores."""
        runpy.run_path(str(Path(self.root) / "tools" / "messages.py"))["compile_catalogues"]()
        build_data["artifacts"].append("src/comity/locale/*/LC_MESSAGES/*.mo")
