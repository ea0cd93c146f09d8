"""Fixtures that the folders' conftest files share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from chengshu.agencies.model import Role
from tests.conftest import NOW, Home
from tests.security import people
from tests.security.people import Api, Someone
from tests.security.scene import Scene, set_up


@pytest.fixture
def api(db: Home, now: datetime) -> Iterator[Api]:
    """The application over an empty city."""
    yield people.make_api(db, now)
    people.forget_grids(db)


@pytest.fixture
def person(api: Api) -> Callable[..., Someone]:
    """Makes somebody who is logged in."""

    def make(role: Role, unit: str, *, grid: int | None = None) -> Someone:
        return people.person(api, role, unit, grid=grid)

    return make


@pytest.fixture
def scene(api: Api) -> Scene:
    """Two counties, each with everything that a county can have."""
    return set_up(api)


def shared_scene(home: Home) -> Iterator[Scene]:
    """For a module whose tests leave both counties as they are: one scene for all of them."""
    home.empty()
    yield set_up(people.make_api(home, NOW))
    people.forget_grids(home)
