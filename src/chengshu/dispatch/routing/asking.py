"""What routing is asked about incidents that just opened: history and similar cases beside the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chengshu.dispatch.routing import store
from chengshu.dispatch.routing.router import Asked, Similar
from chengshu.dispatch.routing.similar import similar
from chengshu.incidents.attach import Attached, Rules
from chengshu.kit.db import Connection
from chengshu.kit.times import local
from chengshu.places import Level, Located, Locator, ancestor_at, level_of


def history_key(one: Attached) -> tuple[str, int]:
    """Matter and county by which history is counted; 0 where the county is not known."""
    return one.understanding.matter, ancestor_at(one.located.code, Level.COUNTY) or 0


def asked(
    conn: Connection, opened: Sequence[Attached], rules: Rules | None, now: datetime
) -> dict[int, Asked]:
    """The question for each incident, by its id."""
    alike = similar(conn, opened, rules, None, now) if rules is not None else {}
    settled = store.settled(conn, sorted({history_key(one) for one in opened})) if opened else {}
    return {
        one.incident.id: question(one, settled.get(history_key(one), {}), alike.get(one.incident.id, ()), rules)
        for one in opened
    }  # fmt: skip


def question(
    one: Attached, settled: Mapping[str, float], alike: tuple[Similar, ...], rules: Rules | None
) -> Asked:
    """The question about one incident by its first report."""
    return Asked(
        one.report.title, one.report.text, str(one.report.nature), one.understanding.matter,
        one.located if rules is None else finer(one, rules.locator),
        local(one.report.received_at).date(), settled, alike,
    )  # fmt: skip


def finer(one: Attached, locator: Locator) -> Located:
    """Where it is; a position that only told the district is asked for the places around it."""
    where, report = one.located, one.report
    if level_of(where.code) is not Level.COUNTY or report.lon is None or report.lat is None:
        return where
    return locator.by_neighbours(report.lon, report.lat) or where
