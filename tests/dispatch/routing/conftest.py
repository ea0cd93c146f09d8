"""The city with the fitted router, which is off by default."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chengshu.app import world as worlds
from tests.conftest import Home


@pytest.fixture(scope="session")
def home(home: Home) -> Home:
    """The same database; its world routes by what was learnt."""
    settings = home.settings.model_copy(update={"routing": "learned", "assign_above": 0.86})
    with home.worker.transaction() as conn:
        return replace(home, world=worlds.load(settings, conn), settings=settings)
