"""How a clock was reckoned, and why something about it may not be done, in sentences of both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chengshu.agencies.matters import Limit
from chengshu.dispatch.clocks.model import (
    Ask,
    AskState,
    Clock,
    ClockKind,
    ClockRules,
    ClockState,
    Request,
)
from chengshu.dispatch.workflow import Why
from chengshu.kit.times import local

KINDS = {ClockKind.SIGN: ("签收时限", "signing"), ClockKind.SETTLE: ("办理总时限", "settling")}
CAPS = {
    "danger": ("危及生命的时限", "the limit where life is in danger"),
    "incident": ("事件的期限", "the incident's own deadline"),
    "province": ("省级时限", "the province's deadline"),
    "leader": ("领导批示时限", "a leader's deadline"),
    "superior": ("上级时限", "a deadline from above"),
}
_SPANS_EN = {"hours": "hours", "working_hours": "working hours", "working_days": "working days", "days": "days"}  # fmt: skip


def limit_en(limit: Limit) -> str:
    """A limit in English."""
    return f"{limit.amount} {_SPANS_EN[limit.span]}"


def moment(at: datetime) -> str:
    """An instant as people of the city write it."""
    there = local(at)
    return f"{there:%Y-%m-%d %H:%M}" + (f":{there:%S}" if there.second else "")


def how(clock: Clock, asked: Sequence[Request], calendar_name: str) -> tuple[str, str]:
    """How a clock was reckoned: start, limit, pauses, extensions, cap and end; one sentence each."""
    parts, english = [], []
    if clock.limit is None:
        parts.append(
            f"自 {moment(clock.start_at)} 起，期限直接定为 {moment(clock.fixed_at or clock.start_at)}"
        )
        english.append(
            f"from {moment(clock.start_at)}, the end set as {moment(clock.fixed_at or clock.start_at)}"
        )
    else:
        what = "派单" if clock.kind is ClockKind.SIGN else "登记"
        what_en = "assignment" if clock.kind is ClockKind.SIGN else "registration"
        begun, begun_en = (
            f"自{what} {moment(clock.start_at)} 起",
            f"from the {what_en} at {moment(clock.start_at)}",
        )
        if clock.begun_at != clock.start_at:
            begun += f"、次一工作日 {moment(clock.begun_at)} 开始计时"
            begun_en += f", counting from the next working day at {moment(clock.begun_at)}"
        parts += [begun, f"限 {clock.limit.text()}（{calendar_name}工作日历）"]
        english += [begun_en, f"limit {limit_en(clock.limit)} on the calendar of {calendar_name}"]
    if clock.kind is ClockKind.SETTLE:
        for one in sorted(asked, key=lambda r: r.from_at or r.answered_at or r.asked_at):
            _change(one, parts, english)
    if clock.cap_at is not None:
        cap, cap_en = CAPS.get(clock.cap_by, CAPS["superior"])
        parts.append(f"{cap} {moment(clock.cap_at)}")
        english.append(f"capped by {cap_en} at {moment(clock.cap_at)}")
    parts.append(f"至 {moment(clock.due_at)} 到期" if clock.due_at else "暂停计时中")
    english.append(f"ends {moment(clock.due_at)}" if clock.due_at else "standing still now")
    if clock.provisional:
        parts.append("期间有年度节假日尚未公布，期限为暂定，公布后重新计算")
        english.append("provisional until the holidays of a year in between are published")
    return "，".join(parts) + "。", "; ".join(english) + "."


def _change(one: Request, parts: list[str], english: list[str]) -> None:
    if one.state is not AskState.APPROVED:
        return
    if one.ask is Ask.EXTENSION and one.limit:
        parts.append(f"延期 {one.limit.text()}")
        english.append(f"extended by {limit_en(one.limit)}")
    elif one.from_at and one.ended and one.until_at:
        parts.append(f"{moment(one.from_at)} 至 {moment(one.until_at)} 暂停")
        english.append(f"paused from {moment(one.from_at)} to {moment(one.until_at)}")
    elif one.from_at:
        parts.append(f"自 {moment(one.from_at)} 暂停")
        english.append(f"paused since {moment(one.from_at)}")


def why_not_pause(clock: Clock | None, asked: Sequence[Request], rules: ClockRules, now: datetime) -> Why | None:  # fmt: skip
    """Why no pause may be asked for now."""
    pauses = [r for r in asked if r.ask is Ask.PAUSE]
    if any(r.state is AskState.OPEN for r in pauses):
        return Why("暂停申请正在等待审批", "a pause was asked for and waits for its answer")
    return _common(clock, now) or _enough_pauses(pauses, rules)


def _enough_pauses(pauses: Sequence[Request], rules: ClockRules) -> Why | None:
    given = sum(r.state is AskState.APPROVED for r in pauses)
    if given >= rules.most_pauses:
        return Why(f"本工单已暂停 {given} 次，不能再暂停",
                   f"this order was paused {given} times: no further pause is possible")  # fmt: skip
    if not rules.pause_reasons:
        return Why(
            "本市没有设定暂停计时的事由", "the city names no reason for which a clock may stand"
        )
    return None


def why_not_extend(clock: Clock | None, asked: Sequence[Request], rules: ClockRules, matter: str,
                   now: datetime) -> Why | None:  # fmt: skip
    """Why no extension may be asked for now."""
    asks = [r for r in asked if r.ask is Ask.EXTENSION]
    if any(r.state is AskState.OPEN for r in asks):
        return Why("延期申请正在等待审批", "an extension was asked for and waits for its answer")
    given, most = sum(r.state is AskState.APPROVED for r in asks), rules.extensions_of(matter)
    if given >= most:
        return Why(f"本工单最多延期 {most} 次，已延期 {given} 次",
                   f"this order may be extended {most} times and was {given} times")  # fmt: skip
    return _common(clock, now)


def _common(clock: Clock | None, now: datetime) -> Why | None:
    if clock is None:
        return Why("本工单没有在走的时限", "no clock of this order is running")
    if clock.due_at is not None and clock.due_at <= now:
        return Why(
            "已超过办理时限，须在到期前申请", "it is overdue: this must be asked before expiry"
        )
    if clock.state is ClockState.PAUSED:
        return Why("时限已暂停，恢复计时后再申请", "the clock stands still: resume it first")
    return None


def why_not_resume(clock: Clock | None) -> Why | None:
    """Why a clock cannot go on: it is running."""
    if clock is None or clock.state is not ClockState.PAUSED:
        return Why("时限没有暂停", "the clock is not paused")
    return None
