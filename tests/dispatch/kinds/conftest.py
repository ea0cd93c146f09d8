"""The fixtures of this folder."""

from tests.security.fixtures import api, person, scene

__all__ = ["api", "person", "scene"]
