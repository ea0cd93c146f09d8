"""Orders that look as if they were made for the score. A flag is no verdict: somebody goes and looks.

Every rule says what it saw. A flagged order gains its unit nothing until an inspection or the citizen
confirms it; what it missed counts all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from chengshu.dispatch.scoring.model import Difficulty, Flag, OrderFacts, Suspicion
from chengshu.dispatch.scoring.rules import Gaming, ScoreRules
from chengshu.kit.times import local

_LOOK_BITS = 64
_EARTH_KM = 6371.0
_LEAST_KM = 1.0  # within a kilometre places are too inexact to speak of speed


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was shown for an order, perhaps of an earlier month."""

    digest: str
    look: int | None
    order: int
    number: str
    incident: int
    at: datetime


Found = dict[int, list[Suspicion]]


def suspicions(facts: Sequence[OrderFacts], difficulty: Mapping[str, Difficulty], earlier: Iterable[Picture],
               rules: ScoreRules) -> dict[int, tuple[Suspicion, ...]]:  # fmt: skip
    """The flags of each order that has any.

    Args:
        facts: Of one month, excluded orders left out.
        earlier: Pictures shown before.
    """
    found: Found = {}
    ordered = sorted(facts, key=lambda f: f.id)
    _instant(ordered, difficulty, rules.gaming, found)
    _trivia(ordered, rules, found)
    _serial_returns(ordered, rules.gaming, found)
    _split(ordered, rules.gaming, found)
    _reused(ordered, earlier, rules.gaming.alike_bits, found)
    _bursts(ordered, rules.gaming, found)
    _far_evidence(ordered, rules.gaming, found)
    return {order: tuple(flags) for order, flags in found.items()}


def shares(facts: Sequence[OrderFacts], gaming: Gaming) -> dict[int, float]:
    """What part of a job each order is: one job in n orders counts once.

    Where citizens reported some of them, those share the job, and what the unit added itself is nothing:
    otherwise a miss could be thinned by self-reported parts.
    """
    result = {f.id: 1.0 for f in facts}
    for group in jobs(facts, gaming):
        citizens = [f for f in group if not f.self_reported] or group
        for f in group:
            result[f.id] = 1 / len(citizens) if f in citizens else 0.0
    return result


def jobs(facts: Sequence[OrderFacts], gaming: Gaming) -> list[list[OrderFacts]]:
    """Groups of `split_orders` or more orders of one unit and matter, each near the next in time and place."""
    kinds: dict[tuple[str, str], list[OrderFacts]] = {}
    for f in facts:
        kinds.setdefault((f.unit, f.matter), []).append(f)
    groups = []
    for _, orders in sorted(kinds.items()):
        orders.sort(key=lambda f: (f.assigned_at, f.id))
        groups += [g for g in _linked(orders, gaming) if len(g) >= gaming.split_orders]
    return groups


def _linked(orders: list[OrderFacts], gaming: Gaming) -> list[list[OrderFacts]]:
    parent = list(range(len(orders)))

    def top(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for j, later in enumerate(orders):
        for i in range(j - 1, -1, -1):
            hours = (later.assigned_at - orders[i].assigned_at).total_seconds() / 3600
            if hours > gaming.split_hours:
                break
            if _near(orders[i], later, gaming.split_m):
                parent[max(top(i), top(j))] = min(top(i), top(j))
    groups: dict[int, list[OrderFacts]] = {}
    for i, f in enumerate(orders):
        groups.setdefault(top(i), []).append(f)
    return list(groups.values())


def _near(one: OrderFacts, other: OrderFacts, metres: float) -> bool:
    if one.incident == other.incident:
        return True
    apart = _km_between(one, other)
    return apart is not None and apart * 1000 <= metres


def _add(found: Found, order: int, flag: Flag, chinese: str, english: str) -> None:
    found.setdefault(order, []).append(Suspicion(flag, chinese, english))


def _instant(facts: Sequence[OrderFacts], difficulty: Mapping[str, Difficulty], gaming: Gaming,
             found: Found) -> None:  # fmt: skip
    for f in facts:
        if f.handled_at is None or f.evidence:
            continue
        minutes = (f.handled_at - f.assigned_at).total_seconds() / 60
        usual = difficulty[f.matter].hours if f.matter in difficulty else math.inf
        if minutes < min(gaming.instant_minutes, usual * 60 * gaming.instant_share):
            _add(found, f.id, Flag.INSTANT,
                 f"派单后 {minutes:.0f} 分钟即反馈，无佐证；此类事项平均 {_hours(usual)} 小时",
                 f"answered {minutes:.0f} minutes after it was assigned, with no evidence; "
                 f"such matters take {_hours(usual)} hours")  # fmt: skip


def _hours(hours: float) -> str:
    return "?" if math.isinf(hours) else f"{hours:.1f}"


def _trivia(facts: Sequence[OrderFacts], rules: ScoreRules, found: Found) -> None:
    for f in facts:
        if f.self_reported and f.handled_at is not None and f.handled_at - f.assigned_at <= rules.trivia:  # fmt: skip
            hours = (f.handled_at - f.assigned_at).total_seconds() / 3600
            _add(found, f.id, Flag.TRIVIA, f"本单位自报，{hours:.1f} 小时内自结",
                 f"reported by the unit itself and settled within {hours:.1f} hours")  # fmt: skip


def _serial_returns(facts: Sequence[OrderFacts], gaming: Gaming, found: Found) -> None:
    returned: dict[str, list[OrderFacts]] = {}
    for f in facts:
        if f.returned_at is not None:
            returned.setdefault(f.unit, []).append(f)
    for _, orders in sorted(returned.items()):
        right = sum(f.return_right is True for f in orders)
        if len(orders) < gaming.returns or right / len(orders) > gaming.returns_right:
            continue
        for f in orders:
            if f.return_right is not True:
                _add(found, f.id, Flag.SERIAL_RETURN,
                     f"本月退回 {len(orders)} 件，其中经认定应退的 {right} 件",
                     f"{len(orders)} orders returned this month, {right} of them found right")  # fmt: skip


def _split(facts: Sequence[OrderFacts], gaming: Gaming, found: Found) -> None:
    for group in jobs(facts, gaming):
        if not any(f.self_reported for f in group):
            continue  # neighbours who all called about one thing: counted once, suspected of nothing
        for f in group:
            if f.self_reported:
                _add(found, f.id, Flag.SPLIT,
                     f"同一地点、同一事项 {gaming.split_hours:.0f} 小时内的 {len(group)} 件之一",
                     f"one of {len(group)} orders about the same matter at one place "
                     f"within {gaming.split_hours:.0f} hours")  # fmt: skip


def _reused(facts: Sequence[OrderFacts], earlier: Iterable[Picture], bits: int, found: Found) -> None:  # fmt: skip
    """A picture shown for another incident before; the first that showed it is not suspected."""
    shown = [
        Picture(e.digest, e.look, f.id, f.number, f.incident, e.at)
        for f in facts for e in f.evidence
    ]  # fmt: skip
    ours = {f.id for f in facts}
    pictures = sorted({*shown, *(p for p in earlier if p.order not in ours)},
                      key=lambda p: (p.at, p.order, p.digest, p.look or 0))  # fmt: skip
    exact: dict[str, Picture] = {}
    bands: dict[tuple[int, int], list[Picture]] = {}
    told: set[int] = set()
    for p in pictures:
        before = exact.setdefault(p.digest, p)
        same = before if before.incident != p.incident else _alike(p, bands, bits)
        if same is not None and p.order in ours and p.order not in told:
            told.add(p.order)
            exactly = same.digest == p.digest
            _add(found, p.order, Flag.REUSED_PHOTO,
                 f"照片与工单 {same.number}（{local(same.at):%m月%d日}）的{'相同' if exactly else '几乎相同'}",
                 f"the picture is {'that' if exactly else 'nearly that'} of order {same.number} "
                 f"({local(same.at):%d %b})")  # fmt: skip
        if p.look is not None:
            for band in _bands(p.look, bits):
                bands.setdefault(band, []).append(p)


def _alike(p: Picture, bands: Mapping[tuple[int, int], list[Picture]], bits: int) -> Picture | None:
    if p.look is None:
        return None
    near = (
        q for band in _bands(p.look, bits) for q in bands.get(band, ())
        if q.incident != p.incident and q.look is not None and (q.look ^ p.look).bit_count() <= bits
    )  # fmt: skip
    return min(near, key=lambda q: (q.at, q.order), default=None)


def _bands(look: int, bits: int) -> list[tuple[int, int]]:
    """Cut a hash into one part more than bits may differ: two alike have one part in common."""
    parts = bits + 1
    width = -(-_LOOK_BITS // parts)
    return [(n, look >> (n * width) & ((1 << width) - 1)) for n in range(parts)]


def _bursts(facts: Sequence[OrderFacts], gaming: Gaming, found: Found) -> None:
    """Replies of one person at places between which nobody travels so fast, and nothing from the place."""
    people: dict[int, list[tuple[datetime, OrderFacts]]] = {}
    for f in facts:
        bare = not f.evidence or _away_km(f) * 1000 > gaming.away_m
        if f.account is not None and f.handled_at is not None and bare:
            people.setdefault(f.account, []).append((f.handled_at, f))
    for _, rows in sorted(people.items()):
        rows.sort(key=lambda row: (row[0], row[1].id))
        for run in _runs(rows, lambda a, b: _kmh(a, b) > gaming.burst_kmh):
            if len(run) < gaming.burst_orders:
                continue
            minutes = (run[-1][0] - run[0][0]).total_seconds() / 60
            for _, f in run:
                _add(found, f.id, Flag.FAR_BURST,
                     f"同一人 {minutes:.0f} 分钟内反馈相隔较远的 {len(run)} 件，均无现场佐证",
                     f"one person answered {len(run)} orders far apart within {minutes:.0f} minutes, "
                     "with nothing from the place")  # fmt: skip


def _runs(rows: list[tuple[datetime, OrderFacts]],
          joined: Callable[[tuple[datetime, OrderFacts], tuple[datetime, OrderFacts]], bool],
          ) -> list[list[tuple[datetime, OrderFacts]]]:  # fmt: skip
    runs = [[rows[0]]]
    for before, after in pairwise(rows):
        if joined(before, after):
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs


def _kmh(one: tuple[datetime, OrderFacts], other: tuple[datetime, OrderFacts]) -> float:
    apart = _km_between(one[1], other[1])
    if apart is None or apart < _LEAST_KM:
        return 0.0
    hours = abs((other[0] - one[0]).total_seconds()) / 3600
    return apart / hours if hours > 0 else math.inf


def _far_evidence(facts: Sequence[OrderFacts], gaming: Gaming, found: Found) -> None:
    for f in facts:
        away = _away_km(f)
        if away * 1000 > gaming.away_m:
            _add(found, f.id, Flag.FAR_EVIDENCE, f"佐证拍摄地距事发地 {away:.1f} 公里",
                 f"the evidence was taken {away:.1f} km from the place")  # fmt: skip


def _away_km(f: OrderFacts) -> float:
    """How far the nearest piece of evidence lies from the place; 0 where that cannot be told."""
    if f.lon is None or f.lat is None:
        return 0.0
    known = [
        _km(f.lon, f.lat, e.lon, e.lat)
        for e in f.evidence if e.lon is not None and e.lat is not None
    ]  # fmt: skip
    return min(known) if known else 0.0


def _km_between(one: OrderFacts, other: OrderFacts) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return _km(one.lon, one.lat, other.lon, other.lat)


def _km(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Great-circle distance; within a city the flat approximation is exact to a metre in a kilometre."""
    x = math.radians(to_lon - lon) * math.cos(math.radians((lat + to_lat) / 2))
    return _EARTH_KM * math.hypot(x, math.radians(to_lat - lat))
