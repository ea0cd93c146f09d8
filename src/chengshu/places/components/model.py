"""One component, and one that was found near a point."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """A located object of the city (部件).

    Attributes:
        id: The city's own number.
        code: Class of component.
        grid: 单元网格 code, 15 digits of the area tree or the city's own.
        owner: 权属单位 as the city names it.
        unit: Id of the same unit where it is one of ours.
        lon, lat: WGS-84 degrees.
        area: Area that it lies in.
        valid: False: it was taken away.
    """

    id: str
    code: str
    name: str
    grid: str
    owner: str
    unit: str | None
    lon: float
    lat: float
    area: int
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Near:
    """A component and how many metres away it stands."""

    component: Component
    metres: float
