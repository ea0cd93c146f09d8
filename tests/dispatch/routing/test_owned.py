"""Whose the thing is: the owner of the component moves up, and nobody becomes surer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.dispatch.model import Proposal
from chengshu.dispatch.routing.owned import by_owner
from chengshu.places.components.model import Component, Near
from tests.conftest import Home

OWNER, OTHER, THIRD = "nt.rugao.cgj", "nt.rugao.zjj", "nt.rugao.jtj"


def near(metres: float, unit: str | None = OWNER) -> Near:
    """A street light so far away."""
    return Near(Component("a", "0114", "路灯", "g", "城管", unit, 120.57, 32.38, 320682000000000), metres)  # fmt: skip


def proposals(*chances: tuple[str, float]) -> list[Proposal]:
    """Proposals without reasons."""
    return [Proposal(unit, chance, ()) for unit, chance in chances]


@pytest.mark.db
def test_the_owner_close_by_comes_first_with_the_reason(home: Home) -> None:
    units = home.world.office.directory.units
    found = by_owner(proposals((OTHER, 0.5), (OWNER, 0.2)), near(20), units)
    assert [p.unit for p in found] == [OWNER, OTHER]
    assert found[0].clues[0].about == "component"
    assert found[0].probability == 0.5  # 3.2 of 4.0 by odds, but no surer than before
    assert found[1].probability == pytest.approx(0.5 / 4.0)
    assert [p.unit for p in by_owner(proposals((OTHER, 0.5), (OWNER, 0.2)), near(140), units)] == [OTHER, OWNER]  # fmt: skip


@pytest.mark.db
def test_an_owner_nobody_thought_of_is_proposed(home: Home) -> None:
    units = home.world.office.directory.units
    found = by_owner(proposals((OTHER, 0.4), (THIRD, 0.3)), near(10), units)
    assert OWNER in {p.unit for p in found}
    assert len(found) == 3
    assert by_owner(proposals((OTHER, 0.4)), near(10, None), units) == proposals((OTHER, 0.4))
    assert by_owner(proposals((OTHER, 0.4)), near(10, "nt.unknown"), units) == proposals(
        (OTHER, 0.4)
    )


@pytest.mark.db
@given(
    st.lists(st.floats(0.01, 0.33), min_size=1, max_size=3),
    st.floats(0, 150),
    st.integers(0, 3),
)
def test_nobody_becomes_surer_and_the_order_is_kept(
    home: Home, chances: list[float], metres: float, whose: int
) -> None:
    names = [OTHER, THIRD, "nt.rugao.gaj"]
    if whose < len(chances):
        names[whose] = OWNER
    given_ = proposals(*zip(names, sorted(chances, reverse=True), strict=False))
    found = by_owner(given_, near(metres), home.world.office.directory.units)
    assert [p.probability for p in found] == sorted((p.probability for p in found), reverse=True)
    assert max(p.probability for p in found) <= max(p.probability for p in given_)
    assert sum(p.probability for p in found) <= 1 + 1e-9
