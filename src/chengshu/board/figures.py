"""Today's figures, with the sentence that matters first and a list behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chengshu.board import store
from chengshu.kit.db import Connection
from chengshu.kit.times import local

DOMAINS = ("党建引领", "经济发展", "社会治理", "政务服务", "公共安全", "城市运行")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and where it leads."""

    key: str
    name: str
    name_en: str
    value: int
    unit: str
    link: str


def day_began(now: datetime) -> datetime:
    """Midnight of the city's day."""
    return local(now).replace(hour=0, minute=0, second=0, microsecond=0)


def figures_of(counted: Mapping[str, int], day: datetime) -> list[Figure]:
    """The strip of figures."""
    since = day.strftime("%Y-%m-%dT%H:%M:%S%z")
    since = since[:-2] + ":" + since[-2:]
    quoted = since.replace("+", "%2B").replace(":", "%3A")
    today = f"/incidents?since={quoted}"
    return [
        Figure("reports", "今日受理", "Reports today", counted["reports"], "条", today),
        Figure("incidents", "合并后事件", "Incidents after merging", counted["incidents"], "件", today),
        Figure("waiting", "待派遣", "Waiting for a unit", counted["waiting"], "件", "/incidents?stage=received"),
        Figure("in_hand", "办理中", "Being handled", counted["in_hand"], "件",
               "/incidents?stage=assigned&stage=handling&stage=verifying"),
        Figure("due_soon", "一小时内到期", "Due within the hour", counted["due_soon"], "件",
               "/incidents?state=due_soon&order=due"),
        Figure("overdue", "已超期", "Overdue", counted["overdue"], "件", "/incidents?state=overdue&order=due"),
        Figure("danger", "危及生命", "Danger to life", counted["danger"], "件", "/incidents?state=danger"),
        Figure("closed", "今日办结", "Settled today", counted["closed"], "件",
               f"/incidents?stage=closed&stage=answered&closed_since={quoted}&order=changed"),
    ]  # fmt: skip


def sentence(counted: Mapping[str, int], unsigned: int) -> tuple[str, str]:
    """The one sentence that says what is wrong in the city now, Chinese and English."""
    parts, parts_en = [], []
    if counted["danger"]:
        parts.append(f"{counted['danger']} 件危及生命")
        parts_en.append(f"{counted['danger']} endanger life")
    if counted["overdue"]:
        parts.append(f"{counted['overdue']} 件已超期")
        parts_en.append(f"{counted['overdue']} overdue")
    if counted["due_soon"]:
        late = f",其中 {unsigned} 件无人签收" if unsigned else ""
        late_en = f", {unsigned} of them unsigned" if unsigned else ""
        parts.append(f"{counted['due_soon']} 件将在一小时内到期{late}")
        parts_en.append(f"{counted['due_soon']} due within the hour{late_en}")
    if counted["waiting"]:
        parts.append(f"{counted['waiting']} 件等待派遣")
        parts_en.append(f"{counted['waiting']} wait for a unit")
    if not parts:
        return "全市平稳：没有超期，没有待派", "All calm: nothing overdue, nothing waiting"
    return "；".join(parts), "; ".join(parts_en)


def read_today(conn: Connection, now: datetime) -> tuple[dict[str, int], tuple[str, str]]:
    """Counts and sentence of the caller's scope."""
    counted = store.counts(conn, day_began(now), now)
    return counted, sentence(counted, store.unsigned(conn, now))
