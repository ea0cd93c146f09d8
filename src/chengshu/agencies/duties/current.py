"""The list in force as a process holds it, read again only when another version was activated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chengshu.agencies.duties import store
from chengshu.agencies.duties.files import BadList, Catalogue
from chengshu.agencies.duties.model import Duty, DutyStage
from chengshu.kit.db import Connection
from chengshu.places import Level, ancestor_at


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """One version's rows, by matter.

    Attributes:
        version: 0 when they come from the city's files because the database holds none.
    """

    version: int
    by_matter: Mapping[str, tuple[Duty, ...]]

    def of(self, matter: str, area: int, stage: DutyStage, day: date) -> Duty | None:
        """The row that holds for a matter at a place on a day; None when nobody has that stage.

        A place that is only known to the city takes the row for the whole city.
        """
        codes = {area, *(ancestor_at(area, level) for level in (Level.TOWNSHIP, Level.COUNTY))}
        for duty in self.by_matter.get(matter, ()):
            if (
                duty.stage is stage
                and duty.holds_on(day)
                and (not duty.areas or codes & set(duty.areas))
            ):
                return duty
        return None


def current(
    conn: Connection, catalogue: Catalogue, held: Responsibilities | None = None
) -> Responsibilities:
    """The active version; `held` when it is still the one.

    Raises:
        BadList: The database holds no version, and the city's files cannot be read.
    """
    running = store.active(conn)
    if running is None:
        if catalogue.faults:
            raise BadList(catalogue.faults)
        return _grouped(0, tuple(row.duty for row in catalogue.rows))
    if held is not None and held.version == running.version:
        return held
    return _grouped(running.version, store.rows_of(conn, running.version))


def _grouped(version: int, duties: tuple[Duty, ...]) -> Responsibilities:
    groups: dict[str, list[Duty]] = defaultdict(list)
    for duty in duties:
        groups[duty.matter].append(duty)
    return Responsibilities(version, {matter: tuple(some) for matter, some in groups.items()})
