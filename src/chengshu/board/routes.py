"""HTTP of figures and the overall map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from chengshu.agencies.gate import AtGate
from chengshu.board import figures, store
from chengshu.incidents.model import state_of
from chengshu.kit.problem import problems
from chengshu.places import City, Level, Point, ancestor_at
from chengshu.places import store as place_store

router = APIRouter(prefix="/api/v1")
_MOST_POINTS = 60_000


class FigureView(BaseModel):
    """One number and where it leads."""

    key: str
    name: str
    name_en: str
    value: int
    unit: str
    link: str


class CountyView(BaseModel):
    """Figures of one county."""

    code: str
    name: str
    name_en: str
    open: int
    overdue: int
    today: int


class DomainView(BaseModel):
    """Figures of one of the six domains."""

    domain: str
    today: int
    open: int
    overdue: int


class TodayView(BaseModel):
    """Today, as the wall and the desk show it."""

    as_of: datetime
    sentence: str
    sentence_en: str
    figures: list[FigureView]
    by_county: list[CountyView]
    by_domain: list[DomainView]
    hours: list[int]


class MapView(BaseModel):
    """Incidents for the map, in columns to keep it small.

    `approximate` says that an incident without a position stands at its area's marker;
    `without_position` counts those of which not even the county is known.
    """

    as_of: datetime
    columns: list[str]
    rows: list[list[str | float | int | bool | None]]
    without_position: int


@router.get("/figures/today", response_model=TodayView, responses=problems(401, 403))
def today(gate: AtGate) -> TodayView:
    """Today's figures of the caller's scope; every number opens its list."""
    with gate.person() as caller:
        day = figures.day_began(caller.now)
        counted, (chinese, english) = figures.read_today(caller.conn, caller.now)
        counties = {a.code: a for a in place_store.areas(caller.conn, level=Level.COUNTY)}
        by_domain = {
            d: (t, o, late) for d, t, o, late in store.by_domain(caller.conn, day, caller.now)
        }
        hours = store.by_hour(caller.conn, day)
        return TodayView(
            as_of=caller.now, sentence=chinese, sentence_en=english,
            figures=[FigureView(key=f.key, name=f.name, name_en=f.name_en, value=f.value, unit=f.unit, link=f.link)
                     for f in figures.figures_of(counted, day)],
            by_county=[
                CountyView(code=str(code), name=counties[code].short, name_en=counties[code].name_en, open=o,
                           overdue=late, today=t)
                for code, o, late, t in store.by_county(caller.conn, day, caller.now) if code in counties
            ],
            by_domain=[
                DomainView(domain=d, today=by_domain.get(d, (0, 0, 0))[0], open=by_domain.get(d, (0, 0, 0))[1],
                           overdue=by_domain.get(d, (0, 0, 0))[2])
                for d in dict.fromkeys([*figures.DOMAINS, *by_domain])
            ],
            hours=[hours.get(h, 0) for h in range(24)],
        )  # fmt: skip


@router.get("/incidents/map", response_model=MapView, responses=problems(401, 403))
def incidents_map(gate: AtGate, request: Request) -> MapView:
    """Open incidents and those settled today, with their positions."""
    with gate.person() as caller:
        found = store.points(caller.conn, figures.day_began(caller.now), _MOST_POINTS)
        markers = _markers(request.app.state.world.city)
        rows: list[list[str | float | int | bool | None]] = []
        for incident, lon, lat, stage, danger, overdue, due_at, reports, title, area in found:
            exact = None if lon is None or lat is None else Point(lon, lat)
            at = exact or _marker_of(area, markers)
            if at is None:
                continue
            state = state_of(stage, danger, overdue, due_at, caller.now)
            rows.append(
                [
                    str(incident),
                    round(at.lon, 6),
                    round(at.lat, 6),
                    state,
                    danger,
                    reports,
                    title,
                    str(area),
                    exact is None,
                ]
            )
        columns = ["id", "lon", "lat", "state", "danger", "reports", "title", "area", "approximate"]
        return MapView(
            as_of=caller.now, columns=columns, rows=rows, without_position=len(found) - len(rows)
        )


def _markers(city: City) -> dict[int, Point]:
    return {area.code: area.point for area in city.areas if area.point}


def _marker_of(code: int, markers: Mapping[int, Point]) -> Point | None:
    """The marker of the township that an area lies in, else of its county; the city has none."""
    around = (ancestor_at(code, level) for level in (Level.TOWNSHIP, Level.COUNTY))
    return next((markers[a] for a in around if a is not None and a in markers), None)
