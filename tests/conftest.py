"""What every test shares: generated inputs are the same in every run, so that a failure is everybody's."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("steady")
