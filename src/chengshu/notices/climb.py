"""Alarms that nobody acknowledged: repeated, then taken up, until somebody does or it needs nobody any more."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch.still_open import still_open
from chengshu.dispatch.telling import notify_units
from chengshu.kit.db import Connection
from chengshu.notices import store
from chengshu.notices.model import Alarm, Notice, Recipient, Way
from chengshu.notices.roster.model import Part
from chengshu.notices.rules import CLIMBED
from chengshu.notices.spread import Post, reach, to_duty
from chengshu.notices.wording import fill

_DONE = "已处理"


def climb_alarms(conn: Connection, post: Post, now: datetime, limit: int) -> list[Alarm]:
    """Act on every alarm whose time is up, each rung once; those that were repeated."""
    repeated = []
    for alarm in store.alarms_due(conn, now, limit):
        if not still_open(conn, alarm.event, alarm.incident, alarm.unit, now):
            store.end_alarm(conn, alarm.notice, _DONE, now)
            store.stop(conn, alarm.notice)
            continue
        rules = post.rules
        step = min(alarm.rung - 1, len(rules.rungs) - 1)
        _remind(conn, alarm, rules.rungs[step], post, now)
        last = alarm.rung >= len(rules.rungs)
        store.climb(conn, alarm, alarm.rung + 1, now + (rules.then if last else rules.every))
        repeated.append(alarm)
    return repeated


def _remind(conn: Connection, alarm: Alarm, rung: str, post: Post, now: datetime) -> None:
    nth = alarm.rung + 1
    if rung in ("above", "city"):
        up = alarm.unit.rpartition(".")[0] if rung == "above" else alarm.unit.partition(".")[0]
        if up and up != alarm.unit:
            text = f"{post.name(alarm.unit)}第{nth}次提醒仍未确认：{alarm.text}"
            notify_units(conn, [(up, alarm.incident, text)], now, event=CLIMBED, level=alarm.level)
            return
        rung = "leader"  # nobody stands above the city's centre
    notice = store.notice(conn, alarm.notice)
    if notice is None or Way.SMS not in post.open:
        return
    part = Part.LEADER if rung == "leader" else Part.OFFICER
    text = f"（第{nth}次提醒）{_words(post, notice)}"
    there = reach(conn, {alarm.unit}, (), now)
    store.add(conn, [to_duty(notice, nth, part, Way.SMS, alarm.level, text, there, now)])


def _words(post: Post, notice: Notice) -> str:
    """The event's words for people on duty; the notice's own where it has none."""
    for template in post.rules.words(notice.event):
        if template.channel is Way.SMS and template.to in (Recipient.DUTY, Recipient.LEADER):
            return fill(template.text, notice, post.name(notice.unit), post.centre)
    return fill("{text}", notice, "", post.centre)
