"""The fixtures of this folder."""

from tests.dispatch.joint.hall import hall

__all__ = ["hall"]
