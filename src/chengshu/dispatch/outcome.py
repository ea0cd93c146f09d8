"""What became of one source's reports, for the summary of an import."""

from __future__ import annotations

from dataclasses import dataclass

from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts over the reports of one source.

    Attributes:
        largest: Reports of the largest incident.
        proposed: Incidents without an order for which units were proposed.
        aside: Reports that could not be handled.
    """

    reports: int
    incidents: int
    largest: int
    suggestions: int
    orders: int
    proposed: int
    aside: int


def of_source(conn: Connection, source: str) -> Outcome:
    """Count what became of the reports of a source."""
    row = conn.execute(
        """with mine as (select r.id, m.incident from report r left join membership m on m.report = r.id where r.source = %s),
             own as (select distinct incident from mine where incident is not null)
           select (select count(*) from mine where incident is not null), (select count(*) from own),
             (select coalesce(max(n), 0) from (select count(*) n from mine where incident is not null group by incident) c),
             (select count(*) from suggestion s where s.incident in (select incident from own)),
             (select count(*) from work_order o where o.incident in (select incident from own)),
             (select count(*) from own where exists (select 1 from proposal p where p.incident = own.incident)
                and not exists (select 1 from work_order o where o.incident = own.incident)),
             (select count(*) from outbox where set_aside_at is not null and key in (select id from mine))""",
        (source,),
    ).fetchone()
    assert row is not None
    return Outcome(*row)
