"""The provider's fixtures."""

from tests.node.provider import post_example, provider  # noqa: F401
