"""The verifier of one file: a page that checks a package in a browser, from a disk, without any network.

``verifier.html`` is built of the parts beside it by ``tools/verifier.py``; nothing in it is from elsewhere.
"""

from __future__ import annotations

from importlib.resources import files

PAGE = "verifier.html"


def page() -> bytes:
    """The page as one file."""
    return files("comity.sealing.verifier").joinpath(PAGE).read_bytes()
