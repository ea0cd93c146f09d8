"""The text of a report: facts of the system, a person's entries and quoted replies, in a fixed order.

Nothing is phrased anew: what is not known is left out, or said to be not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chengshu.dispatch.urgent_reports.model import KIND_NAMES, Facts, UrgentCase, UrgentReport
from chengshu.dispatch.urgent_reports.rules import UrgentRules
from chengshu.kit.times import local

LEVELS = {1: "特别重大", 2: "重大", 3: "较大", 4: "一般"}
_LONGEST_QUOTE = 300


def compose(case: UrgentCase, report: UrgentReport, facts: Facts, entries: Mapping[str, str], rules: UrgentRules,
            addressed: tuple[str, ...], sender: str, now: datetime) -> str:  # fmt: skip
    """The report as it would be signed now.

    Args:
        addressed: Names of those who get it.
        sender: Name of the reporting unit.
    """
    heading = KIND_NAMES[report.kind] + (f"（第{report.nth}报）" if report.nth > 1 else "")
    lines = [
        f"【{heading}】{facts.title}",
        f"报送单位：{sender}　事件编号：{facts.number}　级别：{LEVELS[case.level]}",
    ]
    if addressed:
        lines.append(f"报送：{'、'.join(addressed)}")
    lines += [
        f"时间：{_clock(facts.first_at)}（最早反映），{_clock(facts.opened_at)}受理",
        f"地点：{facts.place or facts.area or '尚未查明'}",
        f"事项：{facts.matter}　反映：{facts.reports}件、{facts.people}人"
        + ("　涉及人身或财产危险" if facts.danger else ""),
        f"首次反映原文：「{_quote(facts.first_words)}」",
    ]
    lines += [
        f"{e.name}：{entries[e.id].strip()}" for e in rules.entries if entries.get(e.id, "").strip()
    ]
    if facts.handovers:
        shown = (
            f"{p} {state}" + (f"（编号{number}）" if number else "")
            for p, state, number in facts.handovers
        )
        lines.append(f"转接：{'；'.join(shown)}")
    for unit, stage, reply in facts.orders:
        lines.append(f"处置：{unit}，{stage}" + (f"，回复「{_quote(reply)}」" if reply else ""))
    if not facts.orders:
        lines.append("处置：尚未派遣")
    lines.append(f"截至时间：{_clock(now)}")
    return "\n".join(lines)


def _clock(at: datetime) -> str:
    there = local(at)
    return f"{there.month}月{there.day}日{there:%H:%M}"


def _quote(text: str) -> str:
    """The words as they stand, on one line, cut where they are long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[:_LONGEST_QUOTE] + "……"
