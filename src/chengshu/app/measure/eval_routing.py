"""`chengshu eval routing --seed N`: who gets the orders of a synthetic city, beside peers.

Reports go through merging as they arrive; each incident that opens is routed by its first report, as
in life. Who is responsible is known of every happening and told to nobody; incidents are closed by
the right unit five days later, and what was closed is what history and similar cases are made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from chengshu.app.measure.eval_drill import Lived, live, report_of, with_register
from chengshu.app.measure.streams import BATCH, Say, ground
from chengshu.app.world import World
from chengshu.dispatch.model import Proposal
from chengshu.dispatch.propose import Question, propose
from chengshu.dispatch.routing.asking import history_key, question
from chengshu.dispatch.routing.router import Asked, Router, shipped_models
from chengshu.dispatch.routing.similar import similar
from chengshu.dispatch.routing.wording import Power
from chengshu.drill import Kind, read_kinds
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Attached, Rules, attach
from chengshu.incidents.model import Stage
from chengshu.incidents.understand import Reader
from chengshu.intake.submit import submit_many
from chengshu.kit.db import Connection, Database
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.places import Level, ancestor_at

_PEER_ABOVE: Final = 0.9
_CLOSED_AFTER: Final = timedelta(days=5)
_OPEN: Final = (Stage.RECEIVED,)


@dataclass(frozen=True, slots=True)
class Case:
    """One incident when it opened, and the unit that is right.

    Attributes:
        power: Line and tier of the right unit.
    """

    asked: Asked
    attached: Attached
    unit: str
    power: Power


class _Undone(Exception):
    """Leaves a transaction without keeping anything."""


def router_of(world: World) -> Router:
    """The shipped models over the city's list."""
    wording, mix = shipped_models()
    return Router(wording, mix, Reader(world.catalogue.matters), world.catalogue.matters, world.duties,
                  world.office.directory, mix)  # fmt: skip


def run(settings: Settings, seed: int, say: Say) -> dict[str, float]:
    """All figures by name.

    `alone_share` is the share of orders sent without a person, `alone_right` how many of those went
    to the right unit, `returns_per_order` the wrong ones by all orders: a person's are taken as right.
    """
    with ground(settings, say) as (database, world, keyring):
        router = router_of(world)
        found = cases(database, world, keyring, router, seed, read_kinds(), say)
        return figures(found, router, world)


def figures(found: Sequence[Case], router: Router, world: World) -> dict[str, float]:
    """Routing's figures and the peers', over the same incidents."""
    proposals = [router.propose(case.asked) for case in found]
    ours = _sent(found, proposals, router.mix.threshold)
    by_list = [
        propose(Question(c.attached.understanding, c.attached.located), world.office.matters,
                world.office.directory)
        for c in found
    ]  # fmt: skip
    peer = _sent(found, by_list, _PEER_ABOVE)
    return {
        "incidents": float(len(found)),
        "threshold": router.mix.threshold,
        "first_right": ours.first,
        "alone_share": ours.share,
        "alone_right": ours.right,
        "top3": ours.top3,
        "returns_per_order": ours.returns,
        "placed_share": _placed(found),
        "calibration_error": _calibration(found, proposals),
        "peer_first_right": peer.first,
        "peer_alone_share": peer.share,
        "peer_alone_right": peer.right,
        "peer_top3": peer.top3,
        "peer_majority_right": _majority(found),
    }


@dataclass(frozen=True, slots=True)
class _Sent:
    first: float
    share: float
    right: float
    top3: float
    returns: float


def _sent(found: Sequence[Case], proposals: Sequence[Sequence[Proposal]], above: float) -> _Sent:
    total = max(len(found), 1)
    first = [bool(p) and p[0].unit == c.unit for c, p in zip(found, proposals, strict=True)]
    alone = [bool(p) and p[0].probability >= above for p in proposals]
    right = sum(f for f, a in zip(first, alone, strict=True) if a)
    top3 = sum(c.unit in {p.unit for p in some} for c, some in zip(found, proposals, strict=True))
    sent = sum(alone)
    return _Sent(sum(first) / total, sent / total, right / sent if sent else 0.0, top3 / total,
                 (sent - right) / total)  # fmt: skip


def _placed(found: Sequence[Case]) -> float:
    """Share of incidents of which at least the county is known: of others nobody can name the unit."""
    known = (ancestor_at(case.asked.located.code, Level.COUNTY) for case in found)
    return sum(code is not None for code in known) / max(len(found), 1)


def _calibration(found: Sequence[Case], proposals: Sequence[Sequence[Proposal]]) -> float:
    """Expected calibration error of the best proposal, in ten equal steps of probability."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for case, some in zip(found, proposals, strict=True):
        if some:
            chance = some[0].probability
            bins.setdefault(min(int(chance * 10), 9), []).append(
                (chance, some[0].unit == case.unit)
            )
    return sum(
        abs(sum(p for p, _ in b) - sum(r for _, r in b)) for b in bins.values()
    ) / max(len(found), 1)  # fmt: skip


def _majority(found: Sequence[Case]) -> float:
    """How often «the unit that most often settles this matter here» is right, learning as it goes."""
    seen: dict[tuple[str, int | None], Counter[str]] = {}
    right = 0
    for case in found:
        area = case.asked.located.code
        keys = [(matter, ancestor_at(area, level)) for matter in (case.asked.matter, "")
                for level in (Level.TOWNSHIP, Level.COUNTY)]  # fmt: skip
        known = next((seen[key] for key in keys if key in seen), None)
        right += known is not None and known.most_common(1)[0][0] == case.unit
        for key in keys:
            seen.setdefault(key, Counter())[case.unit] += 1
    return right / max(len(found), 1)


def cases(
    database: Database, world: World, keyring: Keyring, router: Router, seed: int,
    kinds: Sequence[Kind], say: Say,
) -> list[Case]:  # fmt: skip
    """Every incident of a month of the city with what was known when it opened."""
    lived = live(world.city, kinds, seed, None)
    rules = with_register(world, lived.sites)
    say(f"seed {seed}: {len(lived.told)} reports")
    with _undone(database) as conn:
        return list(_live_through(conn, lived, rules, keyring, router))


@contextmanager
def _undone(database: Database) -> Iterator[Connection]:
    try:
        with database.transaction() as conn:
            yield conn
            raise _Undone
    except _Undone:
        return


def _live_through(
    conn: Connection, lived: Lived, rules: Rules, keyring: Keyring, router: Router
) -> Iterator[Case]:
    truth = {r.id: r.truth for r in lived.told}
    stream = [report_of(r, rules.locator, keyring) for r in lived.told]
    waiting: list[tuple[datetime, int, str, tuple[str, int]]] = []
    settled_by: dict[int, str] = {}
    settled: dict[tuple[str, int], Counter[str]] = {}
    for start in range(0, len(stream), BATCH):
        part = [
            replace(r, id=new_id(), area=r.area or rules.locator.city.code)
            for r in stream[start : start + BATCH]
        ]
        now = part[-1].received_at
        while waiting and waiting[0][0] <= now:
            at, incident, settler, key = waiting.pop(0)
            if incident_store.move(conn, incident, _OPEN, Stage.CLOSED, at, closed=True):
                settled_by[incident] = settler
                settled.setdefault(key, Counter())[settler] += 1
        for _, same in groupby(sorted(part, key=lambda r: r.channel), lambda r: r.channel):
            submit_many(conn, keyring, [(r, None) for r in same])
        opened = [a for a in attach(conn, part, rules, now) if a.opened]
        alike = similar(conn, opened, rules, settled_by, now)
        for one in opened:
            known = truth[one.report.channel_id]
            power = Power(known.line, known.tier)
            unit = router.unit_of(power, known.township or known.county)
            if unit is None:
                continue
            key = history_key(one)
            asked = question(one, settled.get(key, {}), alike.get(one.incident.id, ()), rules)
            yield Case(asked, one, unit.unit, power)
            waiting.append((now + _CLOSED_AFTER, one.incident.id, unit.unit, key))
