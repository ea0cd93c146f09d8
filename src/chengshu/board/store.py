"""All SQL of figures and the map; row-level security narrows each to the caller's scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.incidents.model import ENDED
from chengshu.kit.db import Connection

_ENDED = [str(s) for s in ENDED]
_OPEN = "i.closed_at is null and i.merged_into is null"


def counts(conn: Connection, day: datetime, now: datetime) -> dict[str, int]:
    """Today's figures.

    Incidents and reports are counted apart: a merged incident is none, and a report that came today
    counts once, whatever incident it became part of, and however old that one is.

    Args:
        day: When the city's day began.
    """
    row = conn.execute(
        f"""select
             count(*) filter (where i.opened_at >= %(day)s and i.stage <> 'merged'),
             (select count(*) from membership m join report r on r.id = m.report
              where r.received_at >= %(day)s and m.relation <> 'urged'),
             count(*) filter (where {_OPEN}),
             count(*) filter (where {_OPEN} and i.stage = 'received'),
             count(*) filter (where {_OPEN} and i.stage in ('assigned', 'handling', 'verifying')),
             count(*) filter (where {_OPEN} and not i.danger and (i.overdue or i.due_at <= %(now)s)),
             count(*) filter (where {_OPEN} and not i.danger and not i.overdue
               and i.due_at > %(now)s and i.due_at <= %(now)s + interval '1 hour'),
             count(*) filter (where {_OPEN} and i.danger),
             count(*) filter (where i.closed_at >= %(day)s and i.stage in ('closed', 'answered'))
           from incident i where {_OPEN} or i.opened_at >= %(day)s or i.closed_at >= %(day)s""",
        {"day": day, "now": now},
    ).fetchone()
    names = (
        "incidents",
        "reports",
        "open",
        "waiting",
        "in_hand",
        "overdue",
        "due_soon",
        "danger",
        "closed",
    )
    return dict(zip(names, map(int, row or [0] * 9), strict=True))


def unsigned(conn: Connection, now: datetime) -> int:
    """Orders due within the hour that nobody has signed for."""
    row = conn.execute(
        """select count(*) from work_order where stage = 'assigned' and due_at > %s and due_at <= %s + interval '1 hour'""",
        (now, now),
    ).fetchone()
    return int(row[0]) if row else 0


def by_county(conn: Connection, day: datetime, now: datetime) -> list[tuple[int, int, int, int]]:
    """County code, open, overdue, opened today."""
    rows = conn.execute(
        f"""select i.area / 1000000000 * 1000000000 county, count(*) filter (where {_OPEN}),
              count(*) filter (where {_OPEN} and (i.overdue or i.due_at <= %(now)s)),
              count(*) filter (where i.opened_at >= %(day)s and i.stage <> 'merged')
            from incident i where {_OPEN} or i.opened_at >= %(day)s group by 1 order by 1""",
        {"day": day, "now": now},
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]


def by_domain(conn: Connection, day: datetime, now: datetime) -> list[tuple[str, int, int, int]]:
    """Domain, opened today, open, overdue."""
    rows = conn.execute(
        f"""select i.domain, count(*) filter (where i.opened_at >= %(day)s and i.stage <> 'merged'),
              count(*) filter (where {_OPEN}), count(*) filter (where {_OPEN} and (i.overdue or i.due_at <= %(now)s))
            from incident i where {_OPEN} or i.opened_at >= %(day)s group by 1""",
        {"day": day, "now": now},
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]


def by_hour(conn: Connection, day: datetime) -> dict[int, int]:
    """Incidents opened in each hour since the day began."""
    rows = conn.execute(
        """select floor(extract(epoch from i.opened_at - %(day)s) / 3600)::int, count(*) from incident i
           where i.opened_at >= %(day)s and i.opened_at < %(day)s + interval '1 day' and i.stage <> 'merged' group by 1""",
        {"day": day},
    )
    return {r[0]: r[1] for r in rows}


def points(conn: Connection, day: datetime, limit: int) -> Sequence[tuple[Any, ...]]:
    """Incidents for the map: open ones and those closed today; positions may be null."""
    return conn.execute(
        f"""select i.id, i.lon, i.lat, i.stage, i.danger, i.overdue, i.due_at, i.reports, i.title, i.area
            from incident i where i.merged_into is null and ({_OPEN} or i.closed_at >= %s)
            order by i.opened_at desc limit %s""",
        (day, limit),
    ).fetchall()
