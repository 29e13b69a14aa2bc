"""What officials do in the story, step by step, on the node where they work.

Each deed looks at the node's state first and acts only if needed, so that a story that was interrupted
anywhere goes on where it stood. It reports what it proved, or that it still waits for the other side.
"""

from __future__ import annotations

from collections.abc import Callable

from comity.demonstration.deeds import (
    by_courier,
    by_telephone,
    checks,
    informing,
    preparing,
    requested,
    requesting,
    using,
)
from comity.demonstration.deeds.telling import Told

DEEDS: dict[str, Callable[..., Told]] = {
    name: function
    for module in (preparing, requesting, requested, using, informing, by_telephone, by_courier, checks)
    for name, function in vars(module).items()
    if getattr(function, "is_deed", False)
}
"""Every deed by its name."""
