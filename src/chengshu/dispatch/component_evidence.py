"""The nearest matching component as evidence of who is responsible (权属)."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from chengshu.incidents.evidence import Clue
from chengshu.incidents.objects import Object
from chengshu.kit.db import Connection
from chengshu.places.components import store
from chengshu.places.components.model import Near

WITHIN_M: Final = 150.0
# Any cover will do for «井盖»: callers cannot tell a storm drain from a sewer.
_LIKE: Final = {"0108": ("0101", "0102", "0103", "0105", "0106", "0107", "0108")}
# By judgement, not fitted: an owner is nearly always right at hand's reach, less so a street further.
_BITS: Final = ((30.0, 4.0), (80.0, 2.5), (WITHIN_M, 1.2))


class ComponentView(BaseModel):
    """The nearest component of the class that a message names, `metres` away."""

    id: str
    code: str
    name: str
    grid: str
    owner: str
    unit: str | None
    lon: float
    lat: float
    metres: float
    because: str
    because_en: str


def nearest_to(
    conn: Connection,
    about: Object | None,
    lon: float | None,
    lat: float | None,
    within: float = WITHIN_M,
) -> Near | None:
    """The nearest component of the class of a thing; None where it has no class or the place no point."""
    if about is None or not about.code or lon is None or lat is None:
        return None
    return store.nearest(conn, lon, lat, _LIKE.get(about.code, (about.code,)), within)


def component_clue(near: Near, unit: str) -> Clue | None:
    """For the unit that owns the component, or below it; None for every other unit.

    Args:
        near: What `nearest_to` found.
        unit: The unit that is being considered.
    """
    owner = near.component.unit
    if owner is None or not (unit == owner or unit.startswith(f"{owner}.")):
        return None
    bits = next((b for most, b in _BITS if near.metres <= most), 0.0)
    return Clue("component", bits, *said(near))


def said(near: Near) -> tuple[str, str]:
    """The reason in Chinese and English."""
    one = near.component
    owner, owner_en = (one.owner, one.owner) if one.owner else ("未登记", "not recorded")
    return (
        f"{near.metres:.0f} 米处有部件「{one.name}」({one.id}),权属单位：{owner}",
        f"the component {one.name} ({one.id}) stands {near.metres:.0f} m away; its owner: {owner_en}",
    )


def component_view(near: Near | None) -> ComponentView | None:
    """As pages read it."""
    if near is None:
        return None
    one, (because, because_en) = near.component, said(near)
    return ComponentView(id=one.id, code=one.code, name=one.name, grid=one.grid, owner=one.owner, unit=one.unit,
                         lon=one.lon, lat=one.lat, metres=round(near.metres, 1), because=because,
                         because_en=because_en)  # fmt: skip
