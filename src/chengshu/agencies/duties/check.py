"""The rules that a responsibility list must keep; every breach with its row and reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from chengshu.agencies.duties.fields import limit_text
from chengshu.agencies.duties.model import (
    TOWNSHIP,
    Duty,
    DutyStage,
    Fault,
    Ground,
    Placed,
    clock_hours,
)
from chengshu.agencies.model import Kind, Tier
from chengshu.places import Level, ancestor_at

_SAID = {
    "sign": "签收",
    "contact": "首次联系",
    "normal": "一般",
    "urgent": "紧急",
    "very_urgent": "非常紧急",
}


def check(rows: Sequence[Placed], ground: Ground, on: date) -> list[Fault]:
    """Check a whole list.

    Args:
        rows: In the order of their files.
        on: From which day on nobody may be without a lead.

    Returns:
        Every fault, in the order of the rows; those of matters without a row come last.
    """
    found = [fault for row in rows for fault in _alone(row, ground)]
    found += _two_leads(rows, ground)
    found += _copies(rows, ground)
    order = {(row.file, row.row): n for n, row in enumerate(rows)}
    found.sort(key=lambda f: order.get((f.file, f.row), len(order)))
    found += _uncovered(rows, ground, on)
    return list(dict.fromkeys(found))


def leaves_of(duty: Duty, ground: Ground) -> set[int]:
    """The smallest areas that a row holds in: townships, and counties that have none."""
    if not duty.areas:
        return set(ground.leaves)
    codes = set(duty.areas)
    return {leaf for leaf, county in ground.leaves.items() if leaf in codes or county in codes}


def _fault(row: Placed, field: str, chinese: str, english: str) -> Fault:
    return Fault(row.file, row.row, row.duty.matter, field, chinese, english)


def _alone(row: Placed, ground: Ground) -> Iterator[Fault]:
    """What is wrong with a row by itself."""
    duty = row.duty
    if duty.matter not in ground.matters:
        yield _fault(
            row, "matter", f"事项 {duty.matter} 不存在", f"there is no matter {duty.matter}"
        )
    for other in duty.excludes:
        if other not in ground.matters or other == duty.matter:
            yield _fault(row, "not", f"「不属于」里的事项 {other} 不存在或就是自己",
                         f"the matter {other} in «not» does not exist or is the row's own")  # fmt: skip
    for area in duty.areas:
        if area not in ground.names:
            yield _fault(row, "area", f"区域 {area} 不存在", f"there is no area {area}")
    if duty.valid_to is not None and duty.valid_to < duty.valid_from:
        yield _fault(row, "valid_to", f"失效日 {duty.valid_to} 早于生效日 {duty.valid_from}",
                     f"it ends on {duty.valid_to}, before it begins on {duty.valid_from}")  # fmt: skip
    if not duty.basis:
        yield _fault(row, "basis", "缺少法律依据", "the legal basis is missing")
    yield from _limits(row)
    yield from _units(row, ground)


def _limits(row: Placed) -> Iterator[Fault]:
    limits = row.duty.limits
    steps = (
        ("very_urgent", "urgent"),
        ("urgent", "normal"),
        ("sign", "normal"),
        ("contact", "normal"),
    )
    for shorter, longer in steps:
        one, other = getattr(limits, shorter), getattr(limits, longer)
        if clock_hours(one) > clock_hours(other):
            yield _fault(row, f"limits.{shorter}",
                         f"时限倒挂：{_SAID[shorter]}为 {one.text()}，比{_SAID[longer]}的 {other.text()} 还长",
                         f"{shorter} ({limit_text(one)}) is longer than {longer} ({limit_text(other)})")  # fmt: skip


def _units(row: Placed, ground: Ground) -> Iterator[Fault]:
    """Lead and assistants exist, and the lead has a unit of the tier wherever the row holds."""
    duty = row.duty
    have: dict[str, set[int]] = defaultdict(set)
    for line, area in ground.lines():
        have[line].add(area)
    for name in (duty.lead, *duty.assist):
        if name != TOWNSHIP and name not in have:
            field = "lead" if name == duty.lead else "assist"
            yield _fault(row, field, f"单位（条线）{name} 不存在", f"no unit has the line {name}")
    if duty.lead in duty.assist:
        yield _fault(row, "assist", f"{duty.lead} 既牵头又协办", f"{duty.lead} leads and assists")
    if (duty.lead == TOWNSHIP) != (duty.tier is Tier.TOWNSHIP):
        yield _fault(row, "tier", f"层级 {duty.tier} 与牵头单位 {duty.lead} 不符：镇街牵头才是 township",
                     f"the tier {duty.tier} does not fit the lead {duty.lead}: township is for {TOWNSHIP}")  # fmt: skip
        return
    if duty.lead != TOWNSHIP and duty.lead not in have:
        return
    missing = _without_unit(duty, ground, have[duty.lead])
    if missing:
        names = "、".join(ground.names.get(a, str(a)) for a in missing)
        yield _fault(row, "lead", f"区域有缺口：{duty.lead} 在 {names} 没有 {duty.tier} 级单位",
                     f"gap in area: {duty.lead} has no unit of tier {duty.tier} in {names}")  # fmt: skip


def _without_unit(duty: Duty, ground: Ground, have: set[int]) -> list[int]:
    leaves = leaves_of(duty, ground)
    if duty.lead == TOWNSHIP:
        centres = {u.area for u in ground.units if u.kind is Kind.CENTRE}
        return sorted(a for a in leaves if a not in centres and ground.leaves[a] not in centres)
    if duty.tier is Tier.CITY:
        top = {ancestor_at(a, Level.CITY) for a in leaves} - {None}
        return sorted(a for a in top if a is not None and a not in have)
    return sorted({ground.leaves[a] for a in leaves} - have)


def _overlap(one: Duty, other: Duty) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def _two_leads(rows: Iterable[Placed], ground: Ground) -> Iterator[Fault]:
    groups: dict[tuple[str, DutyStage], list[Placed]] = defaultdict(list)
    for row in rows:
        groups[row.duty.matter, row.duty.stage].append(row)
    for (_, stage), group in groups.items():
        for n, later in enumerate(group):
            for earlier in group[:n]:
                shared = leaves_of(earlier.duty, ground) & leaves_of(later.duty, ground)
                if not shared or not _overlap(earlier.duty, later.duty):
                    continue
                where = ground.names.get(min(shared), str(min(shared)))
                yield _fault(later, "lead",
                             f"职责重叠：{where} 的 {stage} 环节已由第 {earlier.row} 行"
                             f"（{earlier.duty.lead}，{earlier.file}）牵头",
                             f"overlap: stage {stage} in {where} is already led by {earlier.duty.lead}, "
                             f"{earlier.file}:{earlier.row}")  # fmt: skip


def _copies(rows: Iterable[Placed], ground: Ground) -> Iterator[Fault]:
    """Rows that say the same once the names of areas, units and matters are taken out of them."""
    names = {u.line for u in ground.units if u.line} | {TOWNSHIP}
    names |= {n for u in ground.units for n in (u.name, u.short)} | set(ground.names.values())
    names |= {m.name for m in ground.matters.values()}
    pattern = re.compile(
        "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True) if n) or "(?!)"
    )
    seen: dict[object, Placed] = {}
    for row in rows:
        duty = row.duty
        said = tuple(pattern.sub("", text) for text in (duty.file_when, duty.close_when))
        key = (duty.stage, said, frozenset(b.text() for b in duty.basis), duty.limits,
               duty.valid_from, duty.valid_to)  # fmt: skip
        first = seen.setdefault(key, row)
        if first is not row:
            yield _fault(row, "file_when",
                         f"与第 {first.row} 行（{first.duty.matter}，{first.file}）只差区域或名称，是照抄的行",
                         f"differs from {first.file}:{first.row} ({first.duty.matter}) in area or names only")  # fmt: skip


def _uncovered(rows: Sequence[Placed], ground: Ground, on: date) -> Iterator[Fault]:
    """Matters that nobody handles somewhere, on `on` or on a later day when a row ends."""
    handled: dict[str, list[Placed]] = defaultdict(list)
    for row in rows:
        if row.duty.stage is DutyStage.HANDLE:
            handled[row.duty.matter].append(row)
    for matter in ground.matters:
        group = handled.get(matter, [])
        if not group:
            yield Fault(
                "-",
                0,
                matter,
                "stage",
                "没有处置（handle）行：无人负责",
                "has no row for the stage handle",
            )
            continue
        wanted = set(ground.where.get(matter, ground.counties()))
        need = {leaf for leaf, county in ground.leaves.items() if county in wanted}
        ends = {row.duty.valid_to + timedelta(days=1) for row in group
                if row.duty.valid_to is not None and row.duty.valid_to >= on}  # fmt: skip
        for day in sorted({on, *ends}):
            have: set[int] = set()
            for row in group:
                if row.duty.holds_on(day):
                    have |= leaves_of(row.duty, ground)
            if missing := need - have:
                first = group[0]
                yield Fault(first.file, first.row, matter, "area", *_gap(missing, day, ground))
                break


def _gap(missing: set[int], day: date, ground: Ground) -> tuple[str, str]:
    places = sorted({ground.leaves[a] for a in missing})
    names = "、".join(ground.names.get(a, str(a)) for a in places[:5]) + (
        "等" if len(places) > 5 else ""
    )
    return (
        f"区域有缺口：{day} 起 {names} 无人处置",
        f"gap in area: from {day} nobody handles it in {names}",
    )
