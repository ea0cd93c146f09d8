"""The stream of reports with its known truth, and the files that other programs read."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from random import Random

from chengshu.drill.happenings import Happening, happenings
from chengshu.drill.kinds import Kind
from chengshu.drill.sites import Site
from chengshu.drill.telling import Told, tell
from chengshu.places import City

MESSAGE_COLUMNS = (
    "id", "time", "said_at", "title", "text", "channel", "place", "lon", "lat", "grid", "nature",
    "anonymous", "confidential", "reporter", "phone",
)  # fmt: skip
EVENT_COLUMNS = ("event_id", "message_id")
ROUTE_COLUMNS = ("message_id", "line", "tier", "county", "township")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known about one report, and what the product must find out.

    Attributes:
        event: Opaque name of the happening.
        line: The responsible line; with `tier`, `county` and `township` it is the unit.
        township: Code; None where the zone has no townships.
        lon: The true point, WGS-84.
        recurrence_of: Opaque name of the earlier happening, if this one is a recurrence.
    """

    event: str
    kind: str
    variant: str
    line: str
    tier: str
    county: int
    township: int | None
    lon: float
    lat: float
    recurrence_of: str | None


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of the stream under its opaque id, with its truth."""

    id: str
    told: Told
    truth: Truth


def opaque(seed: int, what: str, number: int) -> str:
    """A name that says nothing about order or kinship."""
    return blake2b(f"{seed}/{what}/{number}".encode(), digest_size=6).hexdigest()


def truth_of(happening: Happening, seed: int) -> Truth:
    """What is true of every report of one happening."""
    site, earlier = happening.site, happening.recurrence_of
    return Truth(
        event=opaque(seed, "event", happening.number),
        kind=happening.kind.slug,
        variant=happening.variant.name,
        line=happening.variant.lead,
        tier=happening.variant.tier,
        county=site.county,
        township=None if site.township == site.county else site.township,
        lon=happening.lon,
        lat=happening.lat,
        recurrence_of=None if earlier is None else opaque(seed, "event", earlier),
    )


def reports(
    city: City,
    kinds: Sequence[Kind],
    seed: int,
    start: date,
    days: int,
    per_day: float,
    *,
    sites: Sequence[Site] | None = None,
) -> Iterator[Reported]:
    """Let the city live and people report; the arguments are those of `happenings`.

    Yields:
        Reports happening by happening; sort by `told.arrives_at` for the stream.
    """
    number = 0
    for happening in happenings(city, kinds, seed, start, days, per_day, sites=sites):
        truth = truth_of(happening, seed)
        for told in tell(happening, Random(f"{seed}/tell/{happening.number}")):
            yield Reported(opaque(seed, "message", number), told, truth)
            number += 1


def write_csv(folder: Path, stream: Sequence[Reported]) -> None:
    """Write messages.csv, events.csv and routes.csv, in the order of the opaque ids.

    `time` is the arrival; `county` and `township` are 15-digit codes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(stream, key=lambda reported: reported.id)
    _write(folder / "messages.csv", MESSAGE_COLUMNS, (_message(r) for r in ordered))
    _write(folder / "events.csv", EVENT_COLUMNS, ((r.truth.event, r.id) for r in ordered))
    _write(
        folder / "routes.csv",
        ROUTE_COLUMNS,
        (
            (r.id, r.truth.line, r.truth.tier, r.truth.county, r.truth.township or "")
            for r in ordered
        ),
    )


def write_sites(folder: Path, sites: Sequence[Site]) -> None:
    """Write sites.csv: what the city's own address register would hold, ready to be imported.

    It holds each registered and former name, no popular ones.
    """
    _write(
        folder / "sites.csv",
        ("name", "aliases", "kind", "area", "lon", "lat"),
        (
            (s.name, s.aliases[0], s.place, s.township, s.lon, s.lat)
            for s in sorted(sites, key=lambda site: (site.township, site.name))
        ),
    )


def _message(reported: Reported) -> tuple[object, ...]:
    told = reported.told
    return (
        reported.id,
        told.arrives_at.isoformat(),
        told.said_at.isoformat(),
        told.title,
        told.text,
        told.channel,
        told.place,
        "" if told.lon is None else told.lon,
        "" if told.lat is None else told.lat,
        told.grid or "",
        told.nature,
        int(told.anonymous),
        int(told.confidential),
        told.reporter or "",
        told.phone or "",
    )


def _write(path: Path, columns: Sequence[str], rows: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
